using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Tiers;

namespace Catalog.IntegrationTests.Objects;

/// <summary>A cache before a bucket, and another bucket as the archive: all three tiers.</summary>
public sealed class S3TierTests(S3Fixture s3) : IDisposable
{
    private const int Bytes = 3 * 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_read_is_held_in_the_cache_and_what_is_old_is_in_the_archive()
    {
        await Requires.PostgresAsync();
        var (store, archive) = (await s3.BucketAsync(), await s3.BucketAsync());
        await using var gateway = await s3.Cluster.NewGatewayAsync();
        var options = new ServerOptions
        {
            DataFolder = _folder["data"],
            Objects = s3.TextOf(store, endpoint: gateway.Address),
            Archive = s3.TextOf(archive, "cold", endpoint: gateway.Address),
            CacheBytes = 64 << 20,
            Url = "http://127.0.0.1:0",
        };
        DatasetName dataset;
        await using (var server = await CatalogServer.StartAsync(options))
        {
            using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
            using var catalog = new CatalogClient(server.Address, api.Key ?? "");
            dataset = await New.DatasetAsync(api);
            foreach (var number in new[] { 1, 2, 3 })
                await CommitAsync(api, dataset, number);
            await Sql.RunAsync(
                server.Postgres?.ConnectionString ?? "",
                "update catalog.mt_doc_page_version set data = jsonb_set(data, '{committedAt}', '\"2020-01-01T00:00:00Z\"')");
            (await api.GetAsync($"{dataset.Versions}/2/content?path=a", ("Range", "bytes=0-9"))).Expect(206);
            await catalog.Tiers.DeclareAsync(
                new QualifiedName(dataset.Namespace, dataset.Name), new TierPolicy(HotDays: 1, ColdDays: 30, KeepLatest: 1));

            var plan = await catalog.Tiers.PlanAsync();
            Assert.Equal(
                [(Tier.Hot, 0, 1), (Tier.Warm, 3, 1), (Tier.Cold, 0, 1)],
                plan.Tiers.Select(t => (t.Tier, t.ObjectsBefore, t.ObjectsAfter)));

            await catalog.Tiers.ApplyAsync();
            await Eventually.True(
                async () => await catalog.Tiers.ProgressAsync() is { Done: true, MovedObjects: 1, CachedBytes: Bytes },
                "one is moved and one is in the cache");
            Assert.Equal((2, 1), (await s3.CountObjectsAsync(store), await s3.CountObjectsAsync(archive)));
            Assert.Equal(1, (await catalog.Tiers.PlanAsync()).Tiers.Single(t => t.Tier == Tier.Hot).ObjectsBefore);
            await AssertReadableAsync(api, dataset, 1, 2, 3);

            using var http = new HttpClient();
            var reader = await catalog.Datasets.ReadAsync(NodeId.Parse(dataset.At(1)));
            Assert.Equal(Content(1), await http.GetByteArrayAsync((await reader.SignAsync("a")).Url));
        }

        // Held again by the next server, which needs neither bucket for it.
        await using var again = await CatalogServer.StartAsync(options);
        using var later = new CatalogClient(again.Address, await KeyFile.ReadAsync(_folder["data"]));
        Assert.Equal(Bytes, (await later.Tiers.ProgressAsync()).CachedBytes);
        await gateway.KillAsync();
        using var reading = new Api(again.Address, await KeyFile.ReadAsync(_folder["data"]));
        await AssertReadableAsync(reading, dataset, 2);
    }

    [Fact]
    public async Task An_archive_in_the_same_place_is_refused_whatever_it_is_called()
    {
        await Requires.PostgresAsync();
        var bucket = await s3.BucketAsync();
        var options = new ServerOptions
        {
            DataFolder = _folder["data"],
            Objects = s3.TextOf(bucket),
            Archive = s3.TextOf(bucket).Replace("127.0.0.1", "localhost", StringComparison.Ordinal),
            Url = "http://127.0.0.1:0",
        };

        var refused = await Assert.ThrowsAsync<Catalog.Server.Hosting.HostingException>(() => CatalogServer.StartAsync(options));

        Assert.Contains("is the place that uploaded files are kept in", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await s3.CountObjectsAsync(bucket));
    }

    private static async Task CommitAsync(Api api, DatasetName dataset, int number)
    {
        var uploaded = (await api.UploadAsync(Content(number))).Expect(201)["sha256"].GetString();
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a", sha256 = uploaded } } })).Expect(201);
    }

    private static async Task AssertReadableAsync(Api api, DatasetName dataset, params int[] numbers)
    {
        foreach (var number in numbers)
            Assert.Equal(Content(number), (await api.GetAsync($"{dataset.Versions}/{number}/content?path=a")).Expect(200).Bytes);
    }

    private static byte[] Content(int number)
    {
        var bytes = new byte[Bytes];
        new Random(number).NextBytes(bytes);
        return bytes;
    }
}
