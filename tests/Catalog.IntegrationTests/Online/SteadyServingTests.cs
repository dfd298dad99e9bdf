using System.Diagnostics;
using System.Text.Json;
using Catalog.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Serving.Tiers;

namespace Catalog.IntegrationTests.Online;

/// <summary>Two servers, one PostgreSQL, one Redis, and a service that goes over from one generation to another all the while.</summary>
public sealed partial class SteadyServingTests
{
    private const int Flips = 100;
    private const StringComparison Plain = StringComparison.Ordinal;

    /// <summary>What ORD and JFK have eleven and twenty-two hours in.</summary>
    private static readonly double[][] s_generations =
        [[.. ((int[])[10, 11]).Select(DelayOf)], [.. ((int[])[22, 21]).Select(DelayOf)]];

    [Fact]
    public async Task No_answer_is_wrong_torn_or_missing_while_everything_but_the_servers_fails()
    {
        using var folder = new TemporaryFolder();
        var files = Directory.CreateDirectory(folder["files"]).FullName;
        await using var redis = await RedisServer.StartAsync();
        await using var first = await FreshServer.StartAsync(o => With(o, redis, files));
        Directory.CreateDirectory(folder["data"]);
        Directory.CreateSymbolicLink(Path.Combine(folder["data"], "objects"), first.Server.Data.Objects);
        await using var second = await CatalogServer.StartAsync(
            With(new() { DataFolder = folder["data"], Url = "http://127.0.0.1:0", Database = first.Database }, redis, files));
        var key = first.Api.Key ?? "";
        using var one = Asked.At(first.Server, key);
        using var two = Asked.At(second, key);
        var trips = await Departures.RegisterAsync(first.Server, key, files);
        var activations = await MakeAsync(one, trips);
        foreach (var asked in (Asked[])[one, two])
            await Eventually.True(async () => (await PostAsync(asked, trips)).ToString().Contains("\"PRESENT\"", Plain), "served");

        using var over = new CancellationTokenSource();
        var asking = ((Asked[])[one, two, one, two]).Select(asked => AskAsync(asked, trips, over.Token)).ToList();
        await FlipAsync([one, two], activations, async flip =>
        {
            if (flip == Flips / 4)
                await redis.KillAsync();
            if (flip == Flips / 2)
                KillDatabaseOf(first);
            if (flip == Flips * 3 / 4)
                await redis.StartAgainAsync();
        });
        await over.CancelAsync();

        var seen = await Task.WhenAll(asking);
        Assert.All(seen, generations => Assert.Equal([0, 1], generations.Order()));
    }

    /// <summary>The server starts it again.</summary>
    private static void KillDatabaseOf(FreshServer server)
    {
        using var postgres = Process.GetProcessById(server.Server.Postgres?.ProcessId ?? 0);
        postgres.Kill();
    }

    private static ServerOptions With(ServerOptions options, RedisServer redis, string files) => options with
    {
        Roots = [files],
        Redis = redis.Address,
        Tiers = new TierOptions { RedisTimeout = TimeSpan.FromSeconds(1), OfflineTimeout = TimeSpan.FromSeconds(20) },
    };

    /// <summary>A service of two views that hold the same, one served from memory and one from Redis, in two generations.</summary>
    private static async Task<IReadOnlyList<Guid[]>> MakeAsync(Asked asked, Departures trips)
    {
        var ns = trips.Latest.Namespace;
        await trips.Catalog.Features.ApplyAsync(
            [View(trips, "left", ["memory", "offline"]), View(trips, "right", ["redis", "offline"])],
            [
                new FeatureServiceSpec(new(ns, "both"), "team-flights", new FeatureServiceDefinition(
                    [new(NodeId.FeatureView(ns, "left")), new(NodeId.FeatureView(ns, "right"))])),
            ]);
        var made = new List<Guid[]>();
        foreach (var hours in (int[])[11, 22])
        {
            var answer = await asked.MaterializeAsync(
                new { node = $"feature-service:{ns}/both", asOf = new DateTimeOffset(Departures.Start.AddHours(hours)) });
            made.Add(
            [
                .. answer.GetProperty("generations").EnumerateArray()
                    .Select(g => Guid.Parse((g.GetProperty("generation").GetString() ?? "").Split(':')[1])),
            ]);
        }

        return made;
    }

    private static FeatureViewSpec View(Departures trips, string name, IReadOnlyList<string> tiers) => new(
        new(trips.Latest.Namespace, name), "team-flights",
        new FeatureDefinition(
            [new("airport", [new("airport", "string", "at")])],
            new(NodeId.Dataset(trips.Events.Namespace, trips.Events.Name), "landed", "created"),
            [new($"{name}_delay", "float64", "delay")]))
    {
        Tiers = tiers,
    };

    /// <summary>Goes to and fro between generations, at one server and the other; while PostgreSQL is away, again and again.</summary>
    private static async Task FlipAsync(Asked[] servers, IReadOnlyList<Guid[]> activations, Func<int, Task> before)
    {
        for (var flip = 0; flip < Flips; flip++)
        {
            await before(flip);
            await Eventually.True(
                async () => (await servers[flip / 2 % 2].PostAsync(
                    "v1/feature-generations/activate", new { generations = activations[flip % 2] })).Status == 200,
                $"flip {flip}");
        }
    }

    /// <returns>The generations that were seen.</returns>
    private static async Task<HashSet<int>> AskAsync(Asked asked, Departures trips, CancellationToken over)
    {
        var seen = new HashSet<int>();
        while (!over.IsCancellationRequested)
        {
            var results = (await PostAsync(asked, trips)).GetProperty("results");
            var (left, right) = (Values(results[1]), Values(results[2]));
            Assert.Equal(left, right);
            var generation = System.Array.FindIndex(s_generations, g => g.SequenceEqual(left));
            Assert.True(generation >= 0, results.ToString());
            seen.Add(generation);
        }

        return seen;
    }

    private static double[] Values(JsonElement result) => [.. result.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];

    private static async Task<JsonElement> PostAsync(Asked asked, Departures trips)
    {
        var ns = trips.Latest.Namespace;
        var (status, body) = await asked.PostAsync(
            "get-online-features",
            new
            {
                features = new[] { $"{ns}/left:left_delay", $"{ns}/right:right_delay" },
                entities = new Dictionary<string, string[]> { ["airport"] = ["ORD", "JFK"] },
            });
        Assert.True(status == 200, body.ToString());
        return body;
    }

    private static double DelayOf(int landing) =>
        Departures.AllLandings[landing].Delay ?? throw new ArgumentOutOfRangeException(nameof(landing));
}
