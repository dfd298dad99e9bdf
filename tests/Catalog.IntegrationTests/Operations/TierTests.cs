using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Tiers;
using Catalog.Usage;

namespace Catalog.IntegrationTests.Operations;

/// <summary>Versions are brought to the tiers that policies say, and are the same wherever they are.</summary>
public sealed class TierTests : IDisposable
{
    private const int Bytes = 100_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Old_versions_go_to_the_archive_and_come_back_and_are_the_same_all_the_time()
    {
        await using var server = await StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        var name = new QualifiedName(dataset.Namespace, dataset.Name);
        foreach (var number in new[] { 1, 2, 3 })
            await CommitAsync(server.Api, dataset, number);
        await AgeAsync(server, days: 100);
        await catalog.Tiers.DeclareAsync(name, new TierPolicy { ColdDays = 90 });
        await catalog.Tiers.DeclarePricesAsync(new PriceTable("EUR", Hot: null, new TierPrice(1_000), new TierPrice(100, 10, 1)));

        var plan = await catalog.Tiers.PlanAsync();

        Assert.Equal(new TierMove(Tier.Warm, Tier.Cold, 2, 2 * Bytes), Assert.Single(plan.Moves));
        Assert.Equal(
            [new TierContent(Tier.Warm, 3, 3 * Bytes, 1, Bytes), new TierContent(Tier.Cold, 0, 0, 2, 2 * Bytes)], plan.Tiers);
        Assert.Equal([dataset.At(1), dataset.At(2)], plan.Versions.Select(v => v.Node.ToString()));
        Assert.All(plan.Versions, v => Assert.Equal((Tier.Cold, Bytes, Bytes), (v.Tier, v.Bytes, v.MovingBytes)));
        var gib = (decimal)(1L << 30);
        Assert.Equal(Math.Round(3 * Bytes / gib * 1_000, 6), plan.Costs?.StorageBefore);
        Assert.Equal(Math.Round((Bytes / gib * 1_000) + (2 * Bytes / gib * 100), 6), plan.Costs?.StorageAfter);

        await ApplyAsync(catalog);

        Assert.Equal(2, Archived.Count);
        Assert.Single(Kept(server));
        Assert.Empty((await catalog.Tiers.PlanAsync()).Moves);
        await AssertReadableAsync(server.Api, dataset);
        var stored = Assert.Single((await catalog.Usage.ReadAsync(UsageBy.Dataset)).Rows);
        Assert.Equal((3 * Bytes, 2 * Bytes), (stored.StoredBytes, stored.ArchivedBytes));
        await catalog.Tiers.WithdrawAsync(name);
        await ApplyAsync(catalog);

        Assert.Empty(Archived);
        Assert.Equal(3, Kept(server).Count);
        await AssertReadableAsync(server.Api, dataset);
    }

    [Fact]
    public async Task A_file_that_versions_share_stays_in_the_fastest_of_their_tiers()
    {
        await using var server = await StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var (old, used) = (await New.DatasetAsync(server.Api), await New.DatasetAsync(server.Api));
        await CommitAsync(server.Api, old, 1);
        await CommitAsync(server.Api, used, 1);
        await AgeAsync(server, days: 100);
        await catalog.Tiers.DeclareForNamespaceAsync(old.Namespace, new TierPolicy { ColdDays = 30, KeepLatest = 0 });

        Assert.Empty((await catalog.Tiers.PlanAsync()).Moves);
        var planned = Assert.Single((await catalog.Tiers.PlanAsync()).Versions);
        Assert.Equal((old.At(1), Tier.Cold, 0), (planned.Node.ToString(), planned.Tier, planned.MovingBytes));
    }

    [Fact]
    public async Task Reading_a_version_keeps_it_warm()
    {
        await using var server = await StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        await CommitAsync(server.Api, dataset, 1);
        await CommitAsync(server.Api, dataset, 2);
        await AgeAsync(server, days: 100);
        await catalog.Tiers.DeclareForNamespaceAsync(dataset.Namespace, new TierPolicy { ColdDays = 30, KeepLatest = 0 });
        (await server.Api.GetAsync($"{dataset.Versions}/1/content?path=a")).Expect(200);

        Assert.Equal(dataset.At(2), Assert.Single((await catalog.Tiers.PlanAsync()).Versions).Node.ToString());
    }

    [Fact]
    public async Task A_move_that_a_killed_server_left_half_done_is_finished_by_the_next()
    {
        await Requires.PostgresAsync();
        var options = new ServerOptions { DataFolder = _folder["data"], Archive = _folder["archive"], Url = "http://127.0.0.1:0" };
        DatasetName dataset;
        await using (var server = await CatalogServer.StartAsync(options))
        {
            using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
            using var catalog = new CatalogClient(server.Address, api.Key ?? "");
            dataset = await New.DatasetAsync(api);
            for (var number = 1; number <= 3; number++)
                await CommitAsync(api, dataset, number);
            await AgeAsync(server.Postgres?.ConnectionString ?? "", days: 100);
            await catalog.Tiers.DeclareForNamespaceAsync(dataset.Namespace, new TierPolicy { ColdDays = 30, KeepLatest = 0 });

            // Nothing can arrive there: the server ends with the plan undone.
            await File.WriteAllTextAsync(_folder["archive/sha256"], "");
            await catalog.Tiers.ApplyAsync();
            await Eventually.True(async () => (await catalog.Tiers.ProgressAsync()).Failures.Count > 0, "a move fails");
            Assert.False((await catalog.Tiers.ProgressAsync()).Done);
        }

        File.Delete(_folder["archive/sha256"]);
        await using var again = await CatalogServer.StartAsync(options);
        using var later = new CatalogClient(again.Address, await KeyFile.ReadAsync(_folder["data"]));
        await Eventually.True(async () => await later.Tiers.ProgressAsync() is { Done: true, MovedObjects: 3 }, "all is moved");

        Assert.Equal(3, Archived.Count);
        using var reader = new Api(again.Address, await KeyFile.ReadAsync(_folder["data"]));
        await AssertReadableAsync(reader, dataset);
    }

    [Fact]
    public async Task Without_an_archive_the_plan_says_what_is_missing()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        await CommitAsync(server.Api, dataset, 1);
        await AgeAsync(server, days: 100);
        await catalog.Tiers.DeclareForNamespaceAsync(
            dataset.Namespace, new TierPolicy { ColdDays = 30, KeepLatest = 0 });

        var plan = await catalog.Tiers.PlanAsync();

        Assert.Empty(plan.Moves);
        Assert.Contains("--archive", Assert.Single(plan.Notes), StringComparison.Ordinal);
        Assert.Equal([Tier.Warm], (await catalog.Tiers.GetAsync()).Tiers);
        Assert.Null((await catalog.Tiers.ApplyAsync()).Plan);
    }

    [Fact]
    public async Task Policies_are_facts_and_what_makes_no_sense_is_refused_by_name()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        var name = new QualifiedName(dataset.Namespace, dataset.Name);
        var policy = new TierPolicy { HotDays = 2, ColdDays = 30 };

        Assert.True((await catalog.Tiers.DeclareAsync(name, policy)).Changed);
        Assert.False((await catalog.Tiers.DeclareAsync(name, policy)).Changed);
        Assert.True((await catalog.Tiers.DeclareForNamespaceAsync("demo", policy)).Changed);
        var all = await catalog.Tiers.GetAsync();
        Assert.Equal(new DatasetTiers(NodeId.Parse(dataset.Node), policy), Assert.Single(all.Datasets));
        Assert.Equal(KeyValuePair.Create("demo", policy), Assert.Single(all.Namespaces));
        var types = await catalog.Changes.ReadAsync(0).Select(c => c.Type).ToListAsync();
        Assert.Contains("dataset_tiers_declared", types);
        Assert.Contains("namespace_tiers_declared", types);

        await RefusedAsync("coldDays", server.Api.PutAsync(dataset.Url + "/tiers", new { hotDays = 40, coldDays = 30 }));
        await RefusedAsync("hotDays", server.Api.PutAsync(dataset.Url + "/tiers", new { hotDays = 0 }));
        await RefusedAsync("currency", server.Api.PutAsync("/v1/tiers/prices", new { currency = "" }));
        await RefusedAsync("warm", server.Api.PutAsync(
            "/v1/tiers/prices", new { currency = "EUR", warm = new { storagePerGibMonth = -1 } }));
        (await server.Api.PutAsync("/v1/datasets/no/such/tiers", policy)).ExpectProblem(404, "dataset.not_found");
    }

    [Fact]
    public async Task An_archive_that_is_the_store_itself_is_refused_at_start()
    {
        await Requires.PostgresAsync();
        var options = new ServerOptions { DataFolder = _folder["data"], Archive = _folder["data/objects"], Url = "http://127.0.0.1:0" };

        var refused = await Assert.ThrowsAsync<Catalog.Server.Hosting.HostingException>(() => CatalogServer.StartAsync(options));

        Assert.Contains("is the place that uploaded files are kept in", refused.Message, StringComparison.Ordinal);
    }

    private Task<FreshServer> StartAsync() => FreshServer.StartAsync(o => o with { Archive = _folder["archive"] });

    private List<string> Archived => FilesIn(_folder["archive"]);

    private static List<string> Kept(FreshServer server) => FilesIn(server.Server.Data.Objects);

    private static List<string> FilesIn(string store) =>
        [.. Directory.EnumerateFiles(Path.Combine(store, "sha256"), "*", SearchOption.AllDirectories)];

    private static async Task CommitAsync(Api api, DatasetName dataset, int number)
    {
        var uploaded = (await api.UploadAsync(Content(number))).Expect(201)["sha256"].GetString();
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a", sha256 = uploaded } } })).Expect(201);
    }

    private static byte[] Content(int number) => [.. Enumerable.Range(0, Bytes).Select(i => (byte)((i * 31) + number))];

    private static async Task AssertReadableAsync(Api api, DatasetName dataset)
    {
        foreach (var number in new[] { 1, 2, 3 })
        {
            Assert.Equal(Content(number), (await api.GetAsync($"{dataset.Versions}/{number}/content?path=a")).Expect(200).Bytes);
            Assert.True((await api.PostAsync($"{dataset.Versions}/{number}/verify")).Expect(200)["verified"].GetBoolean());
        }
    }

    private static async Task ApplyAsync(CatalogClient catalog)
    {
        var applied = await catalog.Tiers.ApplyAsync();
        await Eventually.True(
            async () => await catalog.Tiers.ProgressAsync() is { Done: true } now && now.Plan == applied.Plan, "the plan is done");
        Assert.Empty((await catalog.Tiers.ProgressAsync()).Failures);
    }

    private static Task AgeAsync(FreshServer server, int days) => AgeAsync(server.Database, days);

    /// <summary>As if all versions had been made so many days ago.</summary>
    private static Task AgeAsync(string database, int days) => Sql.RunAsync(
        database,
        "update catalog.mt_doc_page_version set data = jsonb_set(data, '{committedAt}', "
        + $"to_jsonb((data->>'committedAt')::timestamptz - interval '{days} days'))");

    private static async Task RefusedAsync(string field, Task<Answer> asked)
    {
        var refused = (await asked).ExpectProblem(400, "request.invalid");
        Assert.Contains(field, refused.Text, StringComparison.Ordinal);
    }
}
