using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Catalog.Cli;
using Catalog.IntegrationTests.Hosting;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Commands;

/// <summary><c>catalog serve</c>, in this process.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task A_program_that_starts_a_server_is_told_where_everything_is()
    {
        await Requires.PostgresAsync();
        using var folder = new TemporaryFolder();
        using var interrupt = new CancellationTokenSource();
        await using var output = new FirstLine(interrupt.Cancel);
        await using var errors = new StringWriter();
        var port = FreePort();

        var code = await CatalogCommand.RunAsync(
            [
                "serve", "--data", folder["data"], "--listen", "http://127.0.0.1:0", "--postgres-listen", $"127.0.0.1:{port}",
                "--json", "--quiet",
            ],
            Terminal.System with { Out = output, Error = errors, OutIsTerminal = false, ErrorIsTerminal = false },
            interrupt.Token);

        Assert.True(code is ExitCodes.Done or ExitCodes.Interrupted, errors.ToString());
        var told = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(folder["data"], told.GetProperty("data").GetString());
        Assert.Equal(LocalCatalog.AdminKeyFile(folder["data"]), told.GetProperty("adminKey").GetString());
        Assert.Equal(Environment.ProcessId, told.GetProperty("processId").GetInt32());
        Assert.Contains($"Port={port}", told.GetProperty("sql").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("http://127.0.0.1:", told.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class FirstLine(Action then) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            then();
        }
    }
}
