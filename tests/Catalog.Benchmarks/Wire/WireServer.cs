using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Catalog.Columns;
using Catalog.Server;
using Catalog.Server.Doors.Flight;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Catalog.Benchmarks;

/// <summary>
/// The serving half of <see cref="WireBenchmark"/>, in a process of its own: batches in memory over bare TCP, and as our HTTP answer, our
/// Flight and stock Flight send them; or a catalog with a table of Parquet, and stock Flight with the same file.
/// </summary>
internal static class WireServer
{
    public const string Argument = "wire-server";

    /// <param name="args">Rows of a batch and how many batches to send; or a Parquet file, for a catalog that has it.</param>
    public static Task<int> RunAsync(string[] args) => args is [var file] ? ServeCatalogAsync(file) : ServeMemoryAsync(args);

    private static async Task<int> ServeMemoryAsync(string[] args)
    {
        var (rows, count) = (int.Parse(args[0]), int.Parse(args[1]));
        var source = WireSource.OfMemory([.. SyntheticTable.InMemory(rows, Math.Min(count, 12))], count);
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        _ = SendBareAsync(tcp, source);
        await using var ours = Ours(source);
        await using var stock = Stock(source);
        await ours.StartAsync();
        await stock.StartAsync();
        Console.WriteLine(string.Join(
            '|', ["ready", $"http://127.0.0.1:{((IPEndPoint)tcp.LocalEndpoint).Port}", .. ours.Urls, .. stock.Urls]));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static async Task<int> ServeCatalogAsync(string file)
    {
        var data = Directory.CreateTempSubdirectory("catalog-wire-");
        try
        {
            await using var server = await CatalogServer.StartAsync(
                new ServerOptions { DataFolder = data.FullName, Url = "http://127.0.0.1:0", FlightUrl = "http://127.0.0.1:0" });
            await using var stock = Stock(WireSource.OfFile(file));
            await stock.StartAsync();
            Console.WriteLine(string.Join('|', ["ready", data.FullName, $"{server.Address}", $"{server.FlightAddress}", .. stock.Urls]));
            await Console.In.ReadToEndAsync();
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static WebApplication Ours(WireSource source)
    {
        var builder = Builder([HttpProtocols.Http1, HttpProtocols.Http2]);
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(source);
        builder.Services.AddSingleton<OurFlight>();
        builder.Services.AddSingleton<IServiceMethodProvider<OurFlight>, OurFlight.Methods>();
        var app = builder.Build();
        app.MapGrpcService<OurFlight>();
        app.MapGet("/v1/{**rest}", async http =>
        {
            var (schema, all) = await source.OpenAsync(http.RequestAborted);
            await using var batches = all.GetAsyncEnumerator(http.RequestAborted);
            var more = await batches.MoveNextAsync();
            await ArrowBody.WriteAsync(
                http.Response.BodyWriter, schema, batches, more, ColumnCompression.None, http.RequestAborted);
        });
        return app;
    }

    private static WebApplication Stock(WireSource source)
    {
        var builder = Builder([HttpProtocols.Http2]);
        builder.Services.AddGrpc().AddFlightServer<StockFlight>();
        builder.Services.AddSingleton(source);
        var app = builder.Build();
        app.MapFlightEndpoint();
        return app;
    }

    private static WebApplicationBuilder Builder(IEnumerable<HttpProtocols> protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var protocol in protocols)
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol);
        });
        return builder;
    }

    /// <summary>A client says how large the buffers are; it is sent as many bytes as the batches have.</summary>
    private static async Task SendBareAsync(TcpListener listener, WireSource source)
    {
        var bytes = new byte[32 * 1024 * 1024];
        new Random(1).NextBytes(bytes);
        var total = 0L;
        await foreach (var batch in (await source.OpenAsync(CancellationToken.None)).Batches)
            total += SyntheticTable.BytesOf(batch);
        while (true)
        {
            using var socket = await listener.AcceptSocketAsync();
            socket.NoDelay = true;
            var asked = new byte[sizeof(int)];
            await socket.ReceiveAsync(asked);
            var size = BinaryPrimitives.ReadInt32LittleEndian(asked);
            for (var sent = 0L; sent < total;)
            {
                var at = (int)(sent % bytes.Length);
                var part = (int)Math.Min(Math.Min(size, bytes.Length - at), total - sent);
                sent += await socket.SendAsync(bytes.AsMemory(at, part));
            }
        }
    }

    /// <summary>Our frames, without the catalog behind them.</summary>
    private sealed class OurFlight(WireSource source)
    {
        public sealed class Methods : IServiceMethodProvider<OurFlight>
        {
            public void OnServiceMethodDiscovery(ServiceMethodProviderContext<OurFlight> context) =>
                context.AddServerStreamingMethod(FlightReads.DoGet, [], (ours, _, to, call) => ours.DoGetAsync(to, call.CancellationToken));
        }

        private async Task DoGetAsync(IServerStreamWriter<FlightFrame> to, CancellationToken ct)
        {
            var (schema, batches) = await source.OpenAsync(ct);
            await FlightFrames.SendAsync(schema, batches, to, ct);
        }
    }
}
