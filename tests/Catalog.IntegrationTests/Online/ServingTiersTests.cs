using Catalog.Features;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;
using Catalog.Serving.Tiers;

namespace Catalog.IntegrationTests.Online;

/// <summary>One generation served out of memory, out of Redis, and from its file, while Redis comes and goes.</summary>
public sealed class ServingTiersTests
{
    private static readonly string[] s_airports = ["ORD", "JFK", "XXX"];

    [Fact]
    public async Task Every_tier_answers_alike_and_the_next_one_answers_for_one_that_is_down()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var catalog = await StartAsync(redis);
        using var asked = Asked.At(catalog.Server, catalog.Api.Key ?? "");
        var trips = await TripsAsync(catalog);
        await MaterializeAsync(asked, trips, "of_memory", ["memory"]);
        await MaterializeAsync(asked, trips, "of_redis", ["redis"]);
        await MaterializeAsync(asked, trips, "of_file", ["offline"]);
        await MaterializeAsync(asked, trips, "of_both", ["redis", "offline"]);
        var truth = await AskAsync(asked, trips, "of_memory");
        Assert.Equal(["PRESENT", "NULL_VALUE", "NOT_FOUND"], truth.Select(f => f.Status));
        foreach (var view in (string[])["of_redis", "of_file", "of_both"])
            Assert.Equal(truth, await AskAsync(asked, trips, view));

        await redis.KillAsync();
        Assert.Equal(503, (await PostAsync(asked, trips, "of_redis")).Status);
        for (var i = 0; i < 20; i++)
            Assert.Equal(truth, await AskAsync(asked, trips, "of_both"));
        Assert.Equal(truth, await AskAsync(asked, trips, "of_memory"));

        // It comes back with nothing in it, and what serves is brought there again.
        await redis.StartAgainAsync();
        await Eventually.True(async () => (await PostAsync(asked, trips, "of_redis")).Status == 200, "served from Redis again");
        Assert.Equal(truth, await AskAsync(asked, trips, "of_redis"));
    }

    [Fact]
    public async Task No_answer_is_wrong_while_Redis_is_killed_emptied_and_started_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var catalog = await StartAsync(redis);
        using var asked = Asked.At(catalog.Server, catalog.Api.Key ?? "");
        var trips = await TripsAsync(catalog);
        await MaterializeAsync(asked, trips, "of_both", ["redis", "offline"]);
        var truth = await AskAsync(asked, trips, "of_both");
        using var over = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 4).Select(async _ =>
        {
            var answers = 0;
            for (; !over.IsCancellationRequested; answers++)
                Assert.Equal(truth, await AskAsync(asked, trips, "of_both"));
            return answers;
        }).ToList();

        for (var round = 0; round < 3; round++)
        {
            await redis.KillAsync();
            await AskAsync(asked, trips, "of_both");
            await redis.StartAgainAsync();
            await Eventually.True(async () => await SizeAsync(redis) > 0, "brought to Redis again");
            await redis.CommandAsync("flushall");
            await Eventually.True(async () => await SizeAsync(redis) > 0, "brought to Redis once more");
        }

        await over.CancelAsync();
        Assert.All(await Task.WhenAll(asking), answers => Assert.True(answers > 0));
    }

    [Fact]
    public async Task What_is_materialised_while_Redis_is_down_is_brought_there_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var catalog = await StartAsync(redis);
        using var asked = Asked.At(catalog.Server, catalog.Api.Key ?? "");
        var trips = await TripsAsync(catalog);
        await redis.KillAsync();

        await MaterializeAsync(asked, trips, "of_both", ["redis", "offline"]);

        Assert.Equal("PRESENT", (await AskAsync(asked, trips, "of_both"))[0].Status);
        await redis.StartAgainAsync();
        await Eventually.True(async () => await SizeAsync(redis) > 0, "brought to Redis");
    }

    private static Task<FreshServer> StartAsync(RedisServer redis) => FreshServer.StartAsync(o => o with
    {
        Redis = redis.Address,
        Tiers = new TierOptions { RedisTimeout = TimeSpan.FromSeconds(1), OfflineTimeout = TimeSpan.FromSeconds(20) },
        Roots = [Directory.CreateDirectory(FilesOf(o.DataFolder)).FullName],
    });

    private static string FilesOf(string? data) => Path.Combine(Path.GetDirectoryName(data) ?? "", "files");

    private static Task<Departures> TripsAsync(FreshServer catalog) =>
        Departures.RegisterAsync(catalog.Server, catalog.Api.Key ?? "", FilesOf(catalog.Server.Data.Root));

    /// <summary>A view of the latest landing, served from these tiers; returns once it is.</summary>
    private static async Task MaterializeAsync(Asked asked, Departures trips, string view, IReadOnlyList<string> tiers)
    {
        var definition = new FeatureDefinition(
            [new("airport", [new("airport", "string", "at")])],
            new(NodeId.Dataset(trips.Events.Namespace, trips.Events.Name), "landed", "created"), [new("delay", "float64", "delay")]);
        await trips.Catalog.Features.ApplyAsync(
            [new(new QualifiedName(trips.Latest.Namespace, view), "team-flights", definition) { Tiers = tiers }]);
        await asked.MaterializeAsync(
            new { node = $"feature-view:{trips.Latest.Namespace}/{view}", asOf = new DateTimeOffset(Departures.Start.AddHours(100)) });
        await Eventually.True(
            async () => await PostAsync(asked, trips, view) is { Status: 200, Body: var body }
                && body.ToString().Contains("PRESENT", StringComparison.Ordinal),
            "served");
    }

    private static Task<(int Status, System.Text.Json.JsonElement Body)> PostAsync(Asked asked, Departures trips, string view) =>
        asked.PostAsync(
            "get-online-features",
            new
            {
                features = new[] { $"{trips.Latest.Namespace}/{view}:delay" },
                entities = new Dictionary<string, string[]> { ["airport"] = s_airports },
            });

    private static Task<IReadOnlyList<(string Status, double? Value)>> AskAsync(Asked asked, Departures trips, string view) =>
        asked.DelaysAsync(trips, view, "delay", s_airports);

    private static async Task<int> SizeAsync(RedisServer redis) =>
        int.TryParse((await redis.CommandAsync("dbsize")).Trim(), out var keys) ? keys : 0;
}
