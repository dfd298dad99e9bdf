using System.Diagnostics;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.IntegrationTests.Columns;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Flight;

/// <summary>
/// This program, started again as one that puts rows over Flight without end, so that a test can kill it as <c>kill -9</c> does.
/// </summary>
internal sealed class FlightWriter : IDisposable
{
    public const string Argument = "run-flight-writer";
    private const string Sent = "sent";
    private readonly Process _process;

    private FlightWriter(Process process) => _process = process;

    /// <param name="address">Of the server.</param>
    /// <param name="key">To write with.</param>
    /// <param name="node">The dataset.</param>
    public static FlightWriter Start(Uri address, string key, string node)
    {
        var program = Path.ChangeExtension(typeof(FlightWriter).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        return new FlightWriter(Process.Start(new ProcessStartInfo(program, [Argument, address.ToString(), key, node])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("No process was started."));
    }

    /// <summary>Returns once so many batches of ten thousand rows have been sent.</summary>
    public async Task SendAsync(int batches)
    {
        for (var sent = 0; sent < batches; sent++)
            Assert.Equal(Sent, await _process.StandardOutput.ReadLineAsync());
    }

    public async Task KillAsync()
    {
        _process.Kill();
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

    /// <summary>The other side: writes until it is killed.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var channel = GrpcChannel.ForAddress(args[0]);
        using var put = new FlightClient(channel).StartPut(
            FlightDescriptor.CreatePathDescriptor(args[2]), new Metadata { { "authorization", $"Bearer {args[1]}" } });
        for (var batch = 0; ; batch++)
        {
            await put.RequestStream.WriteAsync(MadeTable.Batches(batch, rows: 10_000).Single());
            Console.WriteLine(Sent);
        }
    }
}
