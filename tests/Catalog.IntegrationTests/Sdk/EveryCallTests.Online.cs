using Catalog.Features;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task Features_are_read_by_their_keys_one_by_one_and_together()
    {
        var api = await server.ApiAsync();
        using var asked = Online.Asked.At(server.Server, api.Key ?? "");
        var trips = await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
        var (online, service) = (trips.Catalog.Features.Online, new QualifiedName(trips.Latest.Namespace, "live"));
        var view = NodeId.FeatureView(trips.Latest.Namespace, trips.Latest.Name);
        await trips.Catalog.Features.ApplyAsync(
            [], [new FeatureServiceSpec(service, "team", new FeatureServiceDefinition([new ServedView(view)]))]);
        var now = TimeProvider.System.GetUtcNow();
        await Eventually.True(
            async () => (await asked.PushAsync(trips, Row("ATL", 1.5), Row("JFK", 2.5))).Status == 200, "the view is served");

        string[] wanted = [$"{trips.Latest}:delay"];
        var airports = new FeatureKeys().Add("airport", ["ATL", "JFK", "XXX"]);
        var read = await online.ReadAsync(wanted, airports, new OnlineReadOptions(Receipt: true));
        Assert.Equal(3, read.Count);
        Assert.Equal(1.5, read[0].Get<double?>("delay"));
        Assert.Equal((FeatureStatus.Present, FeatureStatus.NotFound), (read[1].StatusOf("delay"), read[2].StatusOf("last_landing__delay")));
        Assert.Equal([1.5f, 2.5f, float.NaN], read["delay"].ToFloats());
        Assert.Equal(["push", "push", null], read.Views[0].Origins);
        Assert.Null(read.Views[0].EventTimes[2]);
        Assert.Contains("delay", Assert.Throws<KeyNotFoundException>(() => read["none"]).Message, StringComparison.Ordinal);

        var version = NodeId.FeatureService(service.Namespace, service.Name);
        await Eventually.True(
            async () => await FoundAsync(() => online.ReadAsync(version, FeatureKeys.Of(("airport", "ATL")))), "the service is served");
        Assert.Equal(2.5, (await online.ReadAsync(service, FeatureKeys.Of(("airport", "JFK"))))[0].Get<double?>("delay"));

        var unmapped = await Assert.ThrowsAsync<CatalogException>(() => online.MapAsync(service));
        Assert.Equal((409, "serving.not_materialized"), (unmapped.Status, unmapped.Code));
        var batch = online.BatchOf(service);
        var rows = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => batch.GetAsync("airport", i % 2 == 0 ? "ATL" : "JFK")));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 1.5 : 2.5), rows.Select(r => r.Get<double>("delay")));
        Assert.True(rows.Select(r => r.Rows).Distinct().Count() < 100, "every lookup went out alone");
        var alone = await Assert.ThrowsAsync<CatalogException>(() => online.BatchOf(wanted).GetAsync([("none", 1)]));
        Assert.Equal((400, "request.invalid"), (alone.Status, alone.Code));

        object Row(string airport, double delay) =>
            new { keys = new { airport }, eventTime = now.AddMinutes(-1), features = new { delay } };
    }

    [Fact]
    public async Task Features_are_made_pushed_explained_and_verified()
    {
        var api = await server.ApiAsync();
        var trips = await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
        var (features, view) = (trips.Catalog.Features, NodeId.FeatureView(trips.Latest.Namespace, trips.Latest.Name));
        var at = new DateTimeOffset(Departures.Start).AddHours(100);

        var steps = new List<WorkProgress>();
        var made = await features.Generations.MaterializeAsync(
            view, new MaterializeOptions("1", at, Reason: "First."), new Told(steps));

        var generation = Assert.Single(made.Generations);
        Assert.True(made.Changed && made.Activated && made.NotActivated is null);
        Assert.Equal((view.WithVersion(1), 2, at), (generation.View, generation.Rows, generation.AsOf));
        Assert.All(steps, s => Assert.Equal(WorkStage.Materializing, s.Stage));
        Assert.Contains(steps, s => s.Step?.EndsWith($"{view}@1", StringComparison.Ordinal) == true);
        var verified = await features.Generations.VerifyAsync(Guid.Parse(generation.Generation.Name));
        Assert.True(verified.Verified);
        Assert.Equal(2, verified.Rows);

        var now = TimeProvider.System.GetUtcNow();
        var row = new FeaturePush(
            new Dictionary<string, object?> { ["airport"] = "ORD" }, now.AddMinutes(-1),
            new Dictionary<string, object?> { ["delay"] = 1.5 });
        await Eventually.True(async () => await PushedAsync(features, trips.Latest, row), "the view is served");
        var told = await features.ExplainAsync(trips.Latest, FeatureKeys.Of(("airport", "ORD")), version: 1);
        Assert.Equal((generation.Generation, "push"), (told.Generation, told.Served?.From));
        Assert.Equal(1.5, told.Served?.Values["delay"].GetDouble());
        Assert.NotEmpty(told.Sources[0].Events);
        Assert.NotEmpty(told.Pushed);
        var before = await features.ExplainAsync(trips.Latest, FeatureKeys.Of(("airport", "ORD")), at);
        Assert.Null(before.Generation);
    }

    private static async Task<bool> PushedAsync(FeatureClient features, QualifiedName view, FeaturePush row)
    {
        try
        {
            return (await features.PushAsync(view, [row])).Rows == 1;
        }
        catch (CatalogException e) when (e.Status == 404)
        {
            return false;
        }
    }

    private sealed class Told(List<WorkProgress> all) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => all.Add(value);
    }

    private static async Task<bool> FoundAsync(Func<Task<FeatureRows>> read)
    {
        try
        {
            return (await read()).Count > 0;
        }
        catch (CatalogException e) when (e.Status == 404)
        {
            return false;
        }
    }
}
