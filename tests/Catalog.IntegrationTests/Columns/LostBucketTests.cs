using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Apache.Arrow.Types;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Objects;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Storage.Columnar;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Columns;

/// <summary>
/// The server of a bucket is killed while columns are read through the cache. The files of the table are small and decode to more than
/// may wait for a reader, so that one who stops has many of them unread.
/// </summary>
public sealed class LostBucketTests(S3Fixture s3) : IDisposable
{
    private const int Files = 24;
    private const int AlikeRows = 3_000_000;
    private const int RandomRows = 320_000;
    private const int RowsOfFile = AlikeRows + RandomRows;
    private static readonly Schema s_schema = new([new Field("number", Int64Type.Default, nullable: false)], metadata: null);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_cached_goes_on_the_rest_fails_with_what_is_wrong_and_all_is_well_once_it_is_back()
    {
        await using var place = await StartAsync();
        var (few, many) = (new QualifiedName("lost", "few"), new QualifiedName("lost", "many"));
        var files = await WriteAsync();
        await CommitAsync(place.Catalog, few, files.Take(4));
        await CommitAsync(place.Catalog, many, files);
        Assert.Equal(4 * RowsOfFile, await CountAsync(place.Catalog, few));
        await using var overHttp = await (await place.Catalog.Datasets.ReadAsync(many, "1")).OpenColumnsAsync();
        await using var batches = overHttp.BatchesAsync().GetAsyncEnumerator();
        Assert.True(await batches.MoveNextAsync());
        var rows = (long)batches.Current.Length;
        batches.Current.Dispose();

        await place.Gateway.KillAsync();

        var broken = await Assert.ThrowsAsync<CatalogException>(async () =>
        {
            for (; await batches.MoveNextAsync(); batches.Current.Dispose())
                rows += batches.Current.Length;
        });
        Assert.Equal("network.broken", broken.Code);
        Assert.Contains("broke before the answer was complete", broken.Message);
        Assert.InRange(rows, 4 * RowsOfFile, (Files - 1) * RowsOfFile);
        Assert.Equal(4 * RowsOfFile, await CountAsync(place.Catalog, few));
        var failed = await Assert.ThrowsAsync<RpcException>(() => OverFlightAsync(place, many));
        Assert.Equal(StatusCode.Unavailable, failed.StatusCode);
        Assert.Equal("storage.unavailable", failed.Trailers.GetValue("catalog-code"));
        Assert.Contains("does not answer", failed.Status.Detail);

        await place.Gateway.StartAsync();
        Assert.Equal(Files * (long)RowsOfFile, await CountAsync(place.Catalog, many));
        Assert.Equal(Files * (long)RowsOfFile, await OverFlightAsync(place, many));
    }

    private async Task<Place> StartAsync()
    {
        var bucket = await s3.BucketAsync();
        var gateway = await s3.Cluster.NewGatewayAsync();
        var fresh = await FreshServer.StartAsync(o => o with
        {
            FlightUrl = "http://127.0.0.1:0",
            Objects = s3.TextOf(bucket, endpoint: gateway.Address),
            CacheBytes = 1L << 30,
        });
        return new Place(gateway, fresh, new CatalogClient(fresh.Server.Address, fresh.Api.Key ?? ""));
    }

    /// <summary>
    /// Each has a number, over and over, which takes next to no room, and then numbers that take more than two blocks of the cache: a
    /// commit looks at both ends of a file, and so the cache has its first block and its last.
    /// </summary>
    private async Task<IReadOnlyList<string>> WriteAsync()
    {
        var paths = new List<string>();
        Directory.CreateDirectory(_folder["rows"]);
        for (var file = 0; file < Files; file++)
        {
            var random = new Random(file);
            RecordBatch[] batches =
            [
                Batch(Enumerable.Repeat((long)file, AlikeRows)),
                Batch(Enumerable.Range(0, RandomRows).Select(_ => random.NextInt64())),
            ];
            paths.Add(_folder[$"rows/{file:D3}.parquet"]);
            await ParquetFileWriter.WriteAsync(
                paths[^1], s_schema, batches.ToAsyncEnumerable(), new ParquetWriteOptions { RowGroupRows = AlikeRows },
                CancellationToken.None);
        }

        return paths;
    }

    private static RecordBatch Batch(IEnumerable<long> numbers)
    {
        var array = new Int64Array.Builder().AppendRange(numbers).Build();
        return new RecordBatch(s_schema, [array], array.Length);
    }

    private static async Task CommitAsync(CatalogClient catalog, QualifiedName name, IEnumerable<string> files)
    {
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        await catalog.Datasets.CommitAsync(name, NewVersion.Of(files));
    }

    private static async Task<long> CountAsync(CatalogClient catalog, QualifiedName name)
    {
        await using var stream = await (await catalog.Datasets.ReadAsync(name, "1")).OpenColumnsAsync();
        var rows = 0L;
        await foreach (var batch in stream.BatchesAsync())
        {
            using (batch)
                rows += batch.Length;
        }

        return rows;
    }

    private static async Task<long> OverFlightAsync(Place place, QualifiedName name)
    {
        var key = new Metadata { { "authorization", $"Bearer {place.Fresh.Api.Key}" } };
        using var channel = GrpcChannel.ForAddress(place.Fresh.Server.FlightAddress ?? throw new InvalidOperationException("No Flight."));
        var client = new FlightClient(channel);
        var info = await client.GetInfo(FlightDescriptor.CreatePathDescriptor($"dataset:{name.Namespace}/{name.Name}"), key);
        using var call = client.GetStream(info.Endpoints[0].Ticket, key);
        var rows = 0L;
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            using var batch = call.ResponseStream.Current;
            rows += batch.Length;
        }

        return rows;
    }

    private sealed record Place(CephGateway Gateway, FreshServer Fresh, CatalogClient Catalog) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Catalog.Dispose();
            await Fresh.DisposeAsync();
            await Gateway.DisposeAsync();
        }
    }
}
