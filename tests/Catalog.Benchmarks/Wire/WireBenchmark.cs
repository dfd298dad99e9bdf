using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.Sdk;
using Catalog.Sdk.Http;
using Catalog.Storage.Columnar;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.Benchmarks;

/// <summary>
/// Sends the same batches from one process to another over bare TCP, as our answer over HTTP, by our Flight and by stock Flight: from
/// memory, which is what the wire alone takes, and from a table of Parquet in a catalog. Rounds of all take turns.
/// </summary>
internal static class WireBenchmark
{
    private const int KiB = 1024;
    private const int Rows = 16_384;
    private const int Batches = 220;
    private const int TableRows = 3_000_000;

    private const string Tcp = "bare TCP, 128 KiB";
    private const string Http = "HTTP stream, SDK";
    private const string Flight = "Flight, client without copies";
    private const string FlightStock = "Flight, stock client";
    private const string Stock = "stock Flight, stock client";

    /// <param name="args">Rows of a batch; how many batches.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Rows;
        var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Batches;
        await FromMemoryAsync(rows, count);
        await FromCatalogAsync();
        return 0;
    }

    private static async Task FromMemoryAsync(int rows, int count)
    {
        using var server = Start($"{rows}", $"{count}");
        if (await AnswerAsync(server) is not ["ready", var tcp, var http, var flight, var stock])
            throw new InvalidOperationException("The server did not start.");
        using var ours = Channel(flight);
        using var theirs = Channel(stock);
        using var transport = new Transport(new Uri(http), "cat_none", new CatalogClientOptions());
        var ticket = new FlightTicket("all");
        var bytes = count * (long)SyntheticTable.BytesOf(SyntheticTable.InMemory(rows, 1).Single());
        var comparison = new WireComparison($"{count} batches of {rows:N0} rows from memory", bytes, server, [Tcp, Http, Stock]);
        await comparison.RunAsync(new(StringComparer.Ordinal)
        {
            [Tcp] = () => BareAsync(new Uri(tcp), 128 * KiB),
            ["bare TCP, 64 KiB"] = () => BareAsync(new Uri(tcp), 64 * KiB),
            ["bare TCP, 1 MiB"] = () => BareAsync(new Uri(tcp), KiB * KiB),
            [Http] = () => HttpAsync(transport),
            [Flight] = () => CountAsync(new FlightColumns(ours.CreateCallInvoker()).ReadAsync(ticket, [])),
            [FlightStock] = () => StockAsync(ours, ticket, []),
            [Stock] = () => StockAsync(theirs, ticket, []),
        });
        await EndAsync(server);
    }

    private static async Task FromCatalogAsync()
    {
        var folder = Directory.CreateTempSubdirectory("catalog-wire-");
        var file = await SyntheticTable.WriteAsync(folder.FullName, TableRows, ParquetCompression.Zstd);
        using var server = Start(file);
        if (await AnswerAsync(server) is not ["ready", var data, var url, var flight, var stock])
            throw new InvalidOperationException("The server did not start.");
        var key = (await File.ReadAllTextAsync(LocalCatalog.AdminKeyFile(data))).Trim();
        using var catalog = new CatalogClient(new Uri(url), key);
        var name = new QualifiedName("wire", "table");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        await catalog.Datasets.CommitAsync(name, NewVersion.Of(file));
        using var ours = Channel(flight);
        using var theirs = Channel(stock);
        var headers = new Metadata { { "authorization", $"Bearer {key}" } };
        var version = await catalog.Datasets.ReadAsync(name, "latest");
        var info = await new FlightClient(ours).GetInfo(FlightDescriptor.CreatePathDescriptor(version.Node.ToString()), headers);
        var ticket = info.Endpoints[0].Ticket;
        var bytes = (long)SyntheticTable.BytesOf(SyntheticTable.InMemory(Rows, 1).Single()) * TableRows / Rows;
        var comparison = new WireComparison($"{TableRows:N0} rows of Parquet in a catalog", bytes, server, [Http, Stock]);
        await comparison.RunAsync(new(StringComparer.Ordinal)
        {
            [Http] = async () => await CountAsync((await version.OpenColumnsAsync()).BatchesAsync()),
            [Flight] = () => CountAsync(new FlightColumns(ours.CreateCallInvoker()).ReadAsync(ticket, headers)),
            [FlightStock] = () => StockAsync(ours, ticket, headers),
            [Stock] = () => StockAsync(theirs, new FlightTicket("all"), []),
        });
        await EndAsync(server);
        folder.Delete(recursive: true);
    }

    private static Process Start(params string[] args) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath ?? "", [.. Program, WireServer.Argument, .. args])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("No process was started.");

    /// <summary>This program, where <c>dotnet</c> was told to run it.</summary>
    private static string[] Program =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(WireBenchmark).Assembly.Location] : [];

    private static async Task<string[]> AnswerAsync(Process server) => (await server.StandardOutput.ReadLineAsync() ?? "").Split('|');

    private static async Task EndAsync(Process server)
    {
        server.StandardInput.Close();
        await server.WaitForExitAsync();
    }

    private static GrpcChannel Channel(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        HttpHandler = new SocketsHttpHandler { UseProxy = false, InitialHttp2StreamWindowSize = 16 * KiB * KiB },
    });

    private static async Task<long> BareAsync(Uri address, int size)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        var buffer = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, size);
        await socket.SendAsync(buffer.AsMemory(0, sizeof(int)));
        var total = 0L;
        for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;)
            total += read;
        return total;
    }

    private static async Task<long> HttpAsync(Transport transport)
    {
        var name = new QualifiedName("wire", "table");
        await using var stream = await ColumnStream.OpenAsync(
            transport, Route.Of("datasets", name, "columns"), NodeId.Dataset(name.Namespace, name.Name, "1"), CancellationToken.None);
        return await CountAsync(stream.BatchesAsync());
    }

    private static async Task<long> StockAsync(GrpcChannel channel, FlightTicket ticket, Metadata headers)
    {
        using var call = new FlightClient(channel).GetStream(ticket, headers);
        return await CountAsync(call.ResponseStream);
    }

    private static async Task<long> CountAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        var rows = 0L;
        await foreach (var batch in batches)
        {
            using (batch)
                rows += batch.Length;
        }

        return rows;
    }
}
