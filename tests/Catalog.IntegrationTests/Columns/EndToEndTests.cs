using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Objects;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Storage.Columnar;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Columns;

/// <summary>
/// Rows go into the catalog as files and come out as columns, over HTTP and over Flight, from a disk, a bucket and its cache: the same
/// rows, by a hash over their values.
/// </summary>
public sealed class EndToEndTests(S3Fixture s3) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_that_were_made_up_come_out_as_they_went_in(bool bucket) =>
        await ComeOutAsync(await MadeTable.WriteAsync(_folder["rows"], files: 3, rows: 20_000), bucket, rows: 60_000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_million_flights_come_out_as_they_went_in(bool bucket)
    {
        var flights = Path.Combine(Repository.Root, "..", "shared", "data", "flights", "flights-3m.parquet");
        Assert.SkipUnless(File.Exists(flights), "There are no flights beside the repository.");

        await ComeOutAsync([flights], bucket, rows: 3_000_000);
    }

    private async Task ComeOutAsync(IReadOnlyList<string> files, bool bucket, int rows)
    {
        // By an engine that the server does not use.
        var scan = await ColumnScan.OpenAsync(
            [.. files.Select(ParquetSource.File)], new ScanRequest { BatchRows = 50_000 }, CancellationToken.None, ParquetEngines.Managed);
        var expected = await RowDigest.OfAsync(scan.ReadAsync());
        Assert.StartsWith($"{rows} rows", expected);
        var objects = bucket ? s3.TextOf(await s3.BucketAsync()) : null;
        await using var fresh = await FreshServer.StartAsync(
            o => o with { FlightUrl = "http://127.0.0.1:0", Objects = objects, CacheBytes = bucket ? 1L << 30 : null });
        using var catalog = new CatalogClient(fresh.Server.Address, fresh.Api.Key ?? "");
        var name = new QualifiedName("real", "flights");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        await catalog.Datasets.CommitAsync(name, NewVersion.Of(files));

        var overHttp = await OverHttpAsync(catalog, name);
        var overFlight = await OverFlightAsync(fresh, name);

        Assert.Equal(expected, overHttp);
        Assert.Equal(expected, overFlight);
    }

    private static async Task<string> OverHttpAsync(CatalogClient catalog, QualifiedName name)
    {
        await using var stream = await (await catalog.Datasets.ReadAsync(name, "latest")).OpenColumnsAsync();
        return await RowDigest.OfAsync(stream.BatchesAsync());
    }

    private static async Task<string> OverFlightAsync(FreshServer fresh, QualifiedName name)
    {
        using var channel = GrpcChannel.ForAddress(fresh.Server.FlightAddress ?? throw new InvalidOperationException("No Flight."));
        var key = new Metadata { { "authorization", $"Bearer {fresh.Api.Key}" } };
        var client = new FlightClient(channel);
        var info = await client.GetInfo(FlightDescriptor.CreatePathDescriptor($"dataset:{name.Namespace}/{name.Name}"), key);
        using var call = client.GetStream(Assert.Single(info.Endpoints).Ticket, key);
        return await RowDigest.OfAsync(BatchesAsync(call.ResponseStream));
    }

    private static async IAsyncEnumerable<RecordBatch> BatchesAsync(FlightClientRecordBatchStreamReader from)
    {
        while (await from.MoveNext(CancellationToken.None))
            yield return from.Current;
    }
}
