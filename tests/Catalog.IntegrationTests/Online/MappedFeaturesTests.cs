using Catalog.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Online;

/// <summary>Features in a client's own process, beside the same over HTTP.</summary>
public sealed class MappedFeaturesTests(ServerFixture server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private MapOptions Options => new() { Folder = _folder["mapped"], Refresh = TimeSpan.FromMilliseconds(200) };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_mapped_is_what_the_server_answers_before_a_flip_and_after()
    {
        var trips = await ServedAsync();
        var service = new QualifiedName(trips.Latest.Namespace, "both");
        await MaterializeAsync(trips, hours: 11);
        await using var mapped = await trips.Catalog.Features.Online.MapAsync(service, Options, Ct);
        Assert.Equal(["airport"], mapped.Keys);
        Assert.Equal(["delay", "delay_too", "delay_mean_7d", "landings_1d"], mapped.Features.Select(f => f.Name));

        await IsAnsweredAlikeAsync(trips, service, mapped);
        var before = mapped.Generations;
        await MaterializeAsync(trips, hours: 22);
        await Eventually.True(() => Task.FromResult(mapped.Generations.All(g => before[g.Key] != g.Value)), "all views went over");
        await IsAnsweredAlikeAsync(trips, service, mapped);
    }

    [Fact]
    public async Task A_read_allocates_nothing()
    {
        var trips = await ServedAsync();
        await MaterializeAsync(trips, hours: 11);
        await using var mapped = await trips.Catalog.Features.Online.MapAsync([$"{trips.Latest.Namespace}/steady:delay"], Options, Ct);
        var (keys, values) = (mapped.NewKeys(), new float[100]);
        string[] airports = ["ORD", "JFK"];
        Assert.Equal(0, Allocated());

        // Keys go over to what serves with the first read, once.
        await MaterializeAsync(trips, hours: 22);
        await mapped.RefreshAsync(Ct);
        Assert.Equal(0, Allocated());
        Assert.Equal((float?)Departures.AllLandings[22].Delay, values[0]);

        long Allocated()
        {
            for (var warm = 0; warm < 3; warm++)
                Read();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
                Read();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Read()
        {
            keys.Clear();
            for (var i = 0; i < values.Length; i++)
                keys.Add(airports[i % 2]);
            mapped.Read(keys).CopyTo(values);
        }
    }

    [Fact]
    public async Task Only_who_may_export_maps_and_for_no_longer()
    {
        var trips = await ServedAsync();
        var feature = $"{trips.Latest.Namespace}/steady:delay";
        var (reader, _) = await server.ApiAsync("reader");
        using var reading = new CatalogClient(server.Server.Address, reader.Key ?? "");
        await RefusedAsync("access.denied", () => reading.Features.Online.MapAsync([feature], Options, Ct));
        await RefusedAsync("serving.not_materialized", () => trips.Catalog.Features.Online.MapAsync([feature], Options, Ct));
        await RefusedAsync("feature_view.not_found", () => trips.Catalog.Features.Online.MapAsync(["none/none:x"], Options, Ct));
        await MaterializeAsync(trips, hours: 11);

        var key = await trips.Catalog.Keys.CreateAsync("mapping", Catalog.Access.Role.Writer, ct: Ct);
        using var writing = new CatalogClient(server.Server.Address, key.Key);
        await using var mapped = await writing.Features.Online.MapAsync([feature], Options, Ct);
        var keys = mapped.NewKeys().Add("ORD");
        Assert.Equal(FeatureStatus.Present, mapped.Read(keys).StatusOf(0, 0));
        await trips.Catalog.Keys.RevokeAsync(key.Id, ct: Ct);
        await Eventually.True(
            () => Task.FromResult(Record.Exception(() => mapped.Read(keys)) is CatalogException { Code: "access.key_revoked" }),
            "it is refused");
    }

    [Fact]
    public async Task Without_the_catalog_reads_go_on_for_as_long_as_they_may()
    {
        var trips = await ServedAsync();
        await MaterializeAsync(trips, hours: 11);
        var key = (await server.ApiAsync()).Key ?? "";
        using var cut = new CutOff();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var catalog = new CatalogClient(
            server.Server.Address, key, new CatalogClientOptions { Handler = cut, Time = clock, MaxRetries = 0 });
        await using var mapped = await catalog.Features.Online.MapAsync([$"{trips.Latest.Namespace}/steady:delay"], Options, Ct);
        var keys = mapped.NewKeys().Add("ORD").Add("XXX");
        cut.IsCut = true;
        clock.Advance(TimeSpan.FromMinutes(14));
        var rows = mapped.Read(keys);
        Assert.Equal(Departures.AllLandings[10].Delay, rows.ValueOf<double>(0, 0));
        Assert.Equal(FeatureStatus.NotFound, rows.StatusOf(1, 0));
        Assert.Null(rows.ReceiptOf(1, 0));
        Assert.Throws<InvalidOperationException>(() => rows.ValueOf<float>(0, 0));
        Assert.Throws<InvalidOperationException>(() => rows.TextOf(0, 0));
        Assert.Throws<ArgumentException>(() => keys.Add(5));
        Assert.Throws<ArgumentException>(() => keys.Add("ORD", 7));

        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("client.out_of_date", Assert.Throws<CatalogException>(() => mapped.Read(keys)).Code);
        cut.IsCut = false;
        await mapped.RefreshAsync(Ct);
        Assert.Equal(2, mapped.Read(keys).Count);
    }

    private static async Task IsAnsweredAlikeAsync(Departures trips, QualifiedName service, MappedFeatures mapped)
    {
        string[] airports = ["ORD", "XXX", "JFK"];
        var wanted = await trips.Catalog.Features.Online.ReadAsync(
            service, new FeatureKeys().Add("airport", airports), new OnlineReadOptions(Receipt: true), Ct);
        var keys = mapped.NewKeys();
        foreach (var airport in airports)
            keys.Add(airport);
        var rows = mapped.Read(keys);
        var floats = new float[airports.Length * mapped.Features.Count];
        rows.CopyTo(floats);
        for (var feature = 0; feature < mapped.Features.Count; feature++)
        {
            var column = wanted.Columns[feature];
            for (var row = 0; row < airports.Length; row++)
            {
                Assert.Equal(column.StatusOf(row), rows.StatusOf(row, feature));
                Assert.Equal(column.ToFloats()[row], floats[(row * mapped.Features.Count) + feature]);
                var (view, receipt) = (wanted.Views[column.View], rows.ReceiptOf(row, feature));
                Assert.Equal(view.Origins?[row], receipt?.Version.ToString());
                Assert.Equal(view.Positions?[row], receipt?.Position);
                Assert.Equal(view.EventTimes[row], receipt?.EventTime);
                Assert.Equal(receipt is null ? null : view.Generation, receipt?.Generation);
            }
        }
    }

    private static Task MaterializeAsync(Departures trips, int hours) => trips.Catalog.Features.Generations.MaterializeAsync(
        NodeId.FeatureService(trips.Latest.Namespace, "both"), new(At: new DateTimeOffset(Departures.Start.AddHours(hours))), ct: Ct);

    private static async Task RefusedAsync(string code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<CatalogException>(call)).Code);

    /// <summary>A service of three views: two of last values, and one of windows.</summary>
    private async Task<Departures> ServedAsync()
    {
        var api = await server.ApiAsync();
        var trips = await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
        var ns = trips.Latest.Namespace;
        await trips.Catalog.Features.ApplyAsync(
            [View(trips, "steady", "delay"), View(trips, "steady_too", "delay_too")],
            [
                new FeatureServiceSpec(new(ns, "both"), "team-flights", new FeatureServiceDefinition(
                    [
                        new(NodeId.FeatureView(ns, "steady")), new(NodeId.FeatureView(ns, "steady_too")),
                        new(NodeId.FeatureView(trips.View.Namespace, trips.View.Name)),
                    ])),
            ]);
        return trips;
    }

    private static FeatureViewSpec View(Departures trips, string name, string feature) => new(
        new(trips.Latest.Namespace, name), "team-flights",
        new FeatureDefinition(
            [new("airport", [new("airport", "string", "at")])],
            new(NodeId.Dataset(trips.Events.Namespace, trips.Events.Name), "landed", "created"), [new(feature, "float64", "delay")]));

    /// <summary>The network, until it is gone.</summary>
    private sealed class CutOff() : DelegatingHandler(new SocketsHttpHandler())
    {
        public volatile bool IsCut;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsCut ? throw new HttpRequestException("The network is gone.") : base.SendAsync(request, cancellationToken);
    }
}
