using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.Sdk;
using Catalog.Sdk.Http;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.Benchmarks;

/// <summary>
/// Sends the same batches from one process to another over bare TCP, as our answer over HTTP, by our Flight and by stock Flight: what the
/// wire alone takes, without decoding. Rounds of all take turns.
/// </summary>
internal static class WireBenchmark
{
    private const int Rounds = 7;
    private const int KiB = 1024;
    private const int Rows = 16_384;
    private const int Batches = 220;

    /// <param name="args">Rows of a batch; how many batches.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Rows;
        var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Batches;
        using var server = Start(rows, count);
        var said = await server.StandardOutput.ReadLineAsync() ?? "";
        if (said.Split('|') is not ["ready", var tcp, var http, var flight, var stock])
            throw new InvalidOperationException($"The server did not start: {said}");
        using var ours = Channel(flight);
        using var theirs = Channel(stock);
        using var transport = new Transport(new Uri(http), "cat_none", new CatalogClientOptions());
        var bytes = count * (long)SyntheticTable.BytesOf(SyntheticTable.InMemory(rows, 1).Single());
        await CompareAsync(server, bytes, new(StringComparer.Ordinal)
        {
            [Tcp] = () => BareAsync(new Uri(tcp), 128 * KiB),
            ["bare TCP, 64 KiB"] = () => BareAsync(new Uri(tcp), 64 * KiB),
            ["bare TCP, 1 MiB"] = () => BareAsync(new Uri(tcp), KiB * KiB),
            [Http] = () => HttpAsync(transport),
            ["Flight, client without copies"] = () => FlightAsync(ours),
            ["Flight, stock client"] = () => StockAsync(ours),
            [Stock] = () => StockAsync(theirs),
        });
        server.StandardInput.Close();
        await server.WaitForExitAsync();
        return 0;
    }

    private const string Tcp = "bare TCP, 128 KiB";
    private const string Http = "HTTP stream, SDK";
    private const string Stock = "stock Flight, stock client";

    private static Process Start(int rows, int count) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath ?? "", [WireServer.Argument, $"{rows}", $"{count}"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("No process was started.");

    private static GrpcChannel Channel(string address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        HttpHandler = new SocketsHttpHandler { UseProxy = false, InitialHttp2StreamWindowSize = 16 * KiB * KiB },
    });

    private static async Task CompareAsync(Process server, long bytes, Dictionary<string, Func<Task<long>>> ways)
    {
        var processor = ways.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        var speeds = ways.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, read) in ways)
            {
                GC.Collect();
                var before = ProcessorTime(server);
                var start = Stopwatch.GetTimestamp();
                await read();
                var took = Stopwatch.GetElapsedTime(start);

                // The first round warms up.
                if (round == 0)
                    continue;
                speeds[name].Add(bytes / 1e6 / took.TotalSeconds);
                processor[name].Add((ProcessorTime(server) - before).TotalMilliseconds / (bytes / 1e9));
            }
        }

        Console.WriteLine($"{bytes / 1e6:N0} MB in batches; the median of {Rounds} rounds.");
        Console.WriteLine();
        Console.WriteLine("| way | MB/s | slowest..fastest | / bare TCP | / HTTP stream | / stock Flight | processors, ms a GB |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, all) in speeds)
        {
            var median = Median(all);
            Console.WriteLine($"| {name} | {median:N0} | {all.Min():N0}..{all.Max():N0} | {median / Median(speeds[Tcp]):N2} "
                + $"| {median / Median(speeds[Http]):N2} | {median / Median(speeds[Stock]):N2} | {Median(processor[name]):N0} |");
        }
    }

    /// <summary>Of both processes, which others on the machine disturb less than the time by the clock.</summary>
    private static TimeSpan ProcessorTime(Process server)
    {
        server.Refresh();
        return server.TotalProcessorTime + Environment.CpuUsage.TotalTime;
    }

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
        var node = NodeId.Dataset("demo", "flights", "1");
        await using var stream = await ColumnStream.OpenAsync(
            transport, Route.Of("datasets", new QualifiedName("demo", "flights"), "columns"), node, CancellationToken.None);
        return await CountAsync(stream.BatchesAsync());
    }

    private static Task<long> FlightAsync(GrpcChannel channel) =>
        CountAsync(new FlightColumns(channel.CreateCallInvoker()).ReadAsync(new FlightTicket("all"), []));

    private static async Task<long> StockAsync(GrpcChannel channel)
    {
        using var call = new FlightClient(channel).GetStream(new FlightTicket("all"));
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

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
