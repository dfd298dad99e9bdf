using System.Diagnostics;
using System.Globalization;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Hosting;

/// <summary>
/// This program, started again as a process that owns an embedded PostgreSQL, so that a test can kill it or run it as someone else.
/// </summary>
internal sealed class PostgresOwner : IDisposable
{
    public const string Argument = "own-postgres";

    private readonly Process _process;

    private PostgresOwner(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public string ConnectionString { get; private init; } = "";

    public int PostgresId { get; private init; }

    /// <summary>The code and sentence it failed with instead of starting.</summary>
    public string? Failure { get; private init; }

    /// <summary>Starts it and waits for its first word. <paramref name="prefix"/> is a program that runs it, with its arguments.</summary>
    public static async Task<PostgresOwner> StartAsync(string data, params string[] prefix)
    {
        var program = Path.ChangeExtension(typeof(PostgresOwner).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        string[] line = [.. prefix, program, Argument, data];
        var process = Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("No process was started.");

        var answer = (await process.StandardOutput.ReadLineAsync() ?? "nothing").Split('|');
        return answer is ["ready", var connection, var id]
            ? new PostgresOwner(process) { ConnectionString = connection, PostgresId = int.Parse(id, CultureInfo.InvariantCulture) }
            : new PostgresOwner(process) { Failure = string.Join('|', answer) };
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    /// <summary>The other side: runs until its input ends.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = args[0] }, NullLogger.Instance, CancellationToken.None);
            Console.WriteLine($"ready|{postgres.ConnectionString}|{postgres.ProcessId}");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (HostingException e)
        {
            Console.WriteLine($"{e.Code}|{e.Message}");
            return 1;
        }
    }
}
