using System.Diagnostics;
using System.Globalization;
using Catalog.Server;
using Catalog.Server.Hosting;
using Catalog.Serving.Tiers;
using Microsoft.Extensions.Logging;

namespace Catalog.IntegrationTests.Serving;

/// <summary>This program, started again as a catalog server, so that a test can kill it as <c>kill -9</c> does.</summary>
internal sealed class ServerProcess : IDisposable
{
    public const string Argument = "run-server";
    private const string AnyPort = "http://127.0.0.1:0";
    private const string LogSuffix = ".log";

    private readonly Process _process;
    private readonly string _data;

    private ServerProcess(Process process, string data) => (_process, _data) = (process, data);

    public Uri Address { get; private init; } = new("http://127.0.0.1/");

    /// <summary>Of the embedded PostgreSQL; 0 where the database is run by others.</summary>
    public int PostgresId { get; private init; }

    /// <summary>Of the embedded PostgreSQL; empty where the database is run by others.</summary>
    public string ConnectionString { get; private init; } = "";

    public int ProcessId => _process.Id;

    /// <param name="data">The data folder.</param>
    /// <param name="root">The folder whose files may be registered.</param>
    /// <param name="database">Connection string of a database run by others; null for an embedded one.</param>
    /// <param name="url">Where it answers; null for any free port.</param>
    /// <param name="redis">Connection string of a Redis to serve features from; null for none.</param>
    /// <param name="heapBytes">How large its managed memory may become; null for as large as there is.</param>
    public static async Task<ServerProcess> StartAsync(
        string data, string root, string? database = null, Uri? url = null, string? redis = null, long? heapBytes = null)
    {
        var program = Path.ChangeExtension(typeof(ServerProcess).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        string[] arguments = [Argument, data, root, database ?? "", url?.ToString() ?? AnyPort, redis ?? ""];
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (heapBytes is { } most)
            start.Environment["DOTNET_GCHeapHardLimit"] = most.ToString("X", CultureInfo.InvariantCulture);
        var process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");

        var answer = await process.StandardOutput.ReadLineAsync() ?? "nothing";
        if (answer.Split('|') is not ["ready", var answers, var id, var connection])
            throw new InvalidOperationException($"The server did not start: {answer}");
        return new ServerProcess(process, data)
        {
            Address = new Uri(answers),
            PostgresId = int.Parse(id, CultureInfo.InvariantCulture),
            ConnectionString = connection,
        };
    }

    /// <summary>A client with the admin key of this server's first start.</summary>
    public async Task<Api> ApiAsync() => new(Address, await KeyFile.ReadAsync(_data));

    /// <summary>Whether it said that it runs the asynchronous projections, which it does until it ends.</summary>
    public async Task<bool> LeadsAsync()
    {
        if (!File.Exists(_data + LogSuffix))
            return false;

        // Shared with the writer, who goes on.
        await using var file = new FileStream(_data + LogSuffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return (await reader.ReadToEndAsync()).Contains("This server runs the asynchronous projections.", StringComparison.Ordinal);
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it in good order.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>The other side: runs until its input ends.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var server = await CatalogServer.StartAsync(
                new ServerOptions
                {
                    DataFolder = args[0],
                    Roots = [args[1]],
                    Database = args[2].Length > 0 ? args[2] : null,
                    Url = args[3],
                    Redis = args[4].Length > 0 ? args[4] : null,

                    // What a busy machine takes counts as an answer, too.
                    Tiers = new TierOptions { RedisTimeout = TimeSpan.FromSeconds(1), OfflineTimeout = TimeSpan.FromSeconds(20) },
                },
                logging => logging.AddProvider(new FileLog(args[0] + LogSuffix)));
            Console.WriteLine($"ready|{server.Address}|{server.Postgres?.ProcessId ?? 0}|{server.Postgres?.ConnectionString}");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (HostingException e)
        {
            Console.WriteLine($"{e.Code}|{e.Message}");
            return 1;
        }
    }

    /// <summary>Warnings and worse, beside the data folder, for whoever looks into a failed test.</summary>
    private sealed class FileLog(string path) : ILoggerProvider, ILogger
    {
        private readonly Lock _gate = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
                File.AppendAllText(path, $"{TimeProvider.System.GetUtcNow():O} {logLevel} {formatter(state, exception)} {exception}\n");
        }

        public void Dispose()
        {
        }
    }
}
