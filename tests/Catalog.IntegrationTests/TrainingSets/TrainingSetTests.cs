using Apache.Arrow;
using Catalog.Features.Training;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage;
using Catalog.Sdk;
using Catalog.Server;

namespace Catalog.IntegrationTests.TrainingSets;

public sealed class TrainingSetTests(ServerFixture server)
{
    [Fact]
    public async Task Rows_have_what_was_known_at_their_time()
    {
        var trips = await TripsAsync();

        var made = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec());

        Assert.True(made.Changed);
        Assert.Equal(Departures.All.Count, made.Rows["rows"]);
        var rows = await ReadAsync(trips, made.Node);
        Assert.Equal(Departures.All.Select(r => Expected(r.Airport, r.Left)), rows.Select(r => (r.Mean, r.Count, r.Last)));
    }

    [Fact]
    public async Task The_same_set_again_is_the_version_that_is_there_and_another_input_makes_another()
    {
        var trips = await TripsAsync();
        var first = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec());

        var again = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec());
        var other = await trips.Catalog.TrainingSets.CreateAsync(
            trips.Set, trips.Spec() with { Rows = trips.Spec().Rows with { Filter = "airport = 'ORD'", Columns = ["id"] } });

        Assert.Equal((first.Node, false), (again.Node, again.Changed));
        Assert.Equal(first.Node.WithVersion(2), other.Node);
        Assert.Equal(200, other.Rows["rows"]);
        var found = await trips.Catalog.TrainingSets.GetAsync(other.Node);
        Assert.Equal(other.Recipe, found.RecipeHash);
        Assert.Equal("1", found.Recipe.Rows.Dataset.Version);
        Assert.All(found.Recipe.Views, v => Assert.Equal(v.Definition.Hash(), v.DefinitionHash));
        var version = await trips.Catalog.Datasets.GetVersionAsync(other.Node);
        Assert.Equal(
            ["id", "delay_mean_7d", "landings_1d", "last__delay"], version.Schema?.Columns.Select(c => c.Name));
    }

    [Fact]
    public async Task It_is_made_again_bit_for_bit_with_other_memory()
    {
        using var folder = new TemporaryFolder();
        var files = Directory.CreateDirectory(folder["files"]).FullName;
        var options = new ServerOptions { DataFolder = folder["data"], Url = "http://127.0.0.1:0", Roots = [files] };
        await Requires.PostgresAsync();
        NodeId set;
        await using (var first = await CatalogServer.StartAsync(options))
        {
            var trips = await Departures.RegisterAsync(first, await KeyFile.ReadAsync(folder["data"]), files);
            set = (await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec(ByTail()))).Node;
        }

        await using var second = await CatalogServer.StartAsync(options with { JoinBytes = 16 << 20 });
        using var catalog = new CatalogClient(second.Address, await KeyFile.ReadAsync(folder["data"]));
        var outcome = await catalog.TrainingSets.VerifyAsync(set);

        Assert.True(outcome.Verified, string.Join(' ', outcome.Findings.Select(f => f.Problem)));
        Assert.Equal((outcome.ContentHash, 600L), (outcome.Derived, outcome.Rows));
    }

    [Fact]
    public async Task A_changed_byte_of_an_input_is_named()
    {
        var trips = await TripsAsync();
        var made = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec());
        var bytes = await File.ReadAllBytesAsync(trips.EventsFile, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(trips.EventsFile, bytes, TestContext.Current.CancellationToken);

        var outcome = await trips.Catalog.TrainingSets.VerifyAsync(made.Node);

        Assert.False(outcome.Verified);
        Assert.Null(outcome.Derived);
        var finding = Assert.Single(outcome.Findings);
        Assert.Equal(NodeId.Dataset(trips.Events.Namespace, trips.Events.Name, 1), finding.Version);
        Assert.Equal(Path.GetFileName(trips.EventsFile), finding.Path);
    }

    [Fact]
    public async Task A_row_is_traced_to_the_events_that_it_comes_from()
    {
        var trips = await TripsAsync();
        var made = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec());
        const int Row = 300; // from ORD, on day 9
        var left = Departures.All[Row].Left;

        var told = await trips.Catalog.TrainingSets.ExplainAsync(made.Node, Row);

        var expected = Expected("ORD", left);
        Assert.Equal(expected.Mean, told.Values["delay_mean_7d"].GetDouble());
        Assert.Equal("ORD", told.Values["airport"].GetString());
        var latest = Departures.AllLandings.Select((l, i) => (l, i)).Last(l => l.l.Airport == "ORD" && l.l.Landed <= left);
        var (windows, last) = (told.Views[0], told.Views[1]);
        Assert.Equal(
            Departures.AllLandings.Count(l => l.Airport == "ORD" && l.Landed <= left && l.Landed > left.AddDays(-7)), windows.Count);
        Assert.Equal(20, windows.Events.Count);
        Assert.Equal((latest.i, latest.l.Landed), ((int)windows.Events[0].Row, windows.Events[0].EventTime.UtcDateTime));
        Assert.Equal(latest.i, Assert.Single(last.Events).Row);
        Assert.Equal(Path.GetFileName(trips.EventsFile), last.Events[0].Path);
        Assert.Equal(["last__delay"], last.Columns);
        var none = await Assert.ThrowsAsync<CatalogException>(() => trips.Catalog.TrainingSets.ExplainAsync(made.Node, 600));
        Assert.Equal("training_set.no_row", none.Code);
    }

    [Fact]
    public async Task What_was_written_later_than_a_moment_is_left_out()
    {
        var trips = await TripsAsync();
        var known = Departures.Start.AddDays(5);

        var made = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec() with { KnownAt = new DateTimeOffset(known) });

        var rows = await ReadAsync(trips, made.Node);
        Assert.Equal(Departures.All.Select(r => Expected(r.Airport, r.Left, known)), rows.Select(r => (r.Mean, r.Count, r.Last)));
    }

    [Fact]
    public async Task Rows_are_parted_by_time_with_a_gap_and_by_hash_with_groups_together()
    {
        var trips = await TripsAsync();
        var cut = Departures.Start.AddDays(10);
        var byTime = new SplitRule(
            SplitBy.Time, [new("train", Until: new DateTimeOffset(cut)), new("test")], Gap: TimeSpan.FromDays(1));

        var timed = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec(byTime));
        var hashed = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec(ByTail()));

        Assert.Equal(Departures.All.Count(r => r.Left < cut), timed.Rows["train"]);
        Assert.Equal(Departures.All.Count(r => r.Left >= cut.AddDays(1)), timed.Rows["test"]);
        Assert.Equal(36, timed.LeftOut);
        Assert.Equal(600, hashed.Rows.Values.Sum());
        Assert.All(hashed.Rows.Values, rows => Assert.InRange(rows, 30, 570));
        var parts = await ReadAsync(trips, hashed.Node);
        Assert.All(parts.GroupBy(p => p.Tail), tail => Assert.Single(tail.Select(p => p.Split).Distinct()));
        var version = await trips.Catalog.Datasets.ReadAsync(hashed.Node);
        Assert.Equal(["test.parquet", "train.parquet"], await version.Files().Select(f => f.Path).ToListAsync());
    }

    [Fact]
    public async Task A_leak_between_parts_is_refused_and_leaves_no_version()
    {
        var trips = await TripsAsync();
        var leaky = new SplitRule(
            SplitBy.Hash, [new("train", 0.5m), new("test", 0.5m)], Columns: ["id"], Disjoint: ["tail"]);

        var refused = await Assert.ThrowsAsync<CatalogException>(
            () => trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec(leaky)));

        Assert.Equal("training_set.leak", refused.Code);
        Assert.Contains("tail = N", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await trips.Catalog.Datasets.GetAsync(trips.Set)).Latest);

        // A later write of this client: its lists wait until they include it, and with it the run.
        await trips.Catalog.Datasets.TagAsync(trips.Set, "refused");
        var run = await trips.Catalog.Runs.ListAsync(new RunQuery { Job = trips.Set }).FirstAsync();
        Assert.Equal(RunState.Failed, run.State);
    }

    [Fact]
    public async Task Lineage_leads_to_rows_events_and_views()
    {
        var trips = await TripsAsync();
        var made = await trips.Catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec());

        var up = await trips.Catalog.LineageAsync(made.Node, LineageDirection.Up);

        var nodes = up.Nodes.Select(n => n.Id.ToString()).ToList();
        Assert.Contains($"dataset:{trips.Rows}@1", nodes);
        Assert.Contains($"dataset:{trips.Events}@1", nodes);
        Assert.Contains($"feature-view:{trips.View}@1", nodes);
        Assert.Contains(made.Run.ToString(), nodes);
    }

    [Fact]
    public async Task What_does_not_fit_is_named_and_nothing_is_made()
    {
        var trips = await TripsAsync();
        var spec = trips.Spec();
        var views = spec.Views ?? [];
        var elsewhere = NodeId.Dataset(trips.Rows.Namespace, trips.Rows.Name, 1);
        var nowhere = NodeId.FeatureView(trips.View.Namespace, "nothing");
        SplitPart[] halves = [new("a", 0.5m), new("b", 0.5m)];

        await RefusedAsync("join.bad_columns", "'when'", spec with { Rows = spec.Rows with { EventTime = "when" } });
        await RefusedAsync("join.bad_columns", "'id'", spec with { Rows = spec.Rows with { EventTime = "id" } });
        await RefusedAsync("join.bad_columns", "delay_mean_7d", spec with { Views = [views[0], views[0]] });
        await RefusedAsync("training_set.invalid", "no feature 'speed'", spec with { Views = [views[0] with { Features = ["speed"] }] });
        await RefusedAsync("training_set.invalid", "is not of the source", spec with { Views = [views[0] with { Source = elsewhere }] });
        await RefusedAsync("feature_view.not_found", "nothing", spec with { Views = [new(nowhere)] });
        await RefusedAsync("request.invalid", "speed", spec with { Rows = spec.Rows with { Filter = "speed > 1" } });
        await RefusedAsync("request.invalid", "shares", spec with { Splits = new(SplitBy.Hash, [new("a", 0.5m), new("b", 0.6m)], ["id"]) });
        await RefusedAsync("training_set.invalid", "'left'", spec with { Splits = new(SplitBy.Hash, halves, ["left"]) });

        var none = await Assert.ThrowsAsync<CatalogException>(() => trips.Catalog.Datasets.GetAsync(trips.Set));
        Assert.Equal("dataset.not_found", none.Code);

        async Task RefusedAsync(string code, string part, TrainingSetSpec wrong)
        {
            var refused = await Assert.ThrowsAsync<CatalogException>(() => trips.Catalog.TrainingSets.CreateAsync(trips.Set, wrong));
            Assert.Equal(code, refused.Code);
            Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        }
    }

    private static SplitRule ByTail() => new(
        SplitBy.Hash, [new("train", 0.75m), new("test", 0.25m)], Columns: ["tail"], Seed: 7, Disjoint: ["tail"]);

    private async Task<Departures> TripsAsync()
    {
        var api = await server.ApiAsync();
        return await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
    }

    private static (double? Mean, long Count, double? Last) Expected(string airport, DateTime left, DateTime? known = null)
    {
        var landings = Departures.AllLandings
            .Where(l => l.Airport == airport && l.Landed <= left && (known is null || l.Created <= known)).ToList();
        var week = landings.Where(l => l.Landed > left.AddDays(-7)).Select(l => l.Delay).OfType<double>().ToList();
        var latest = landings.Count > 0 && landings[^1].Landed >= left.AddHours(-3) ? landings[^1].Delay : null;
        return (week.Count == 0 ? null : week.Sum() / week.Count, landings.Count(l => l.Landed > left.AddDays(-1)), latest);
    }

    private static async Task<List<(string Tail, string? Split, double? Mean, long Count, double? Last)>> ReadAsync(
        Departures trips, NodeId set)
    {
        var version = await trips.Catalog.Datasets.ReadAsync(set);
        await using var columns = await version.OpenColumnsAsync();
        var rows = new List<(string, string?, double?, long, double?)>();
        await foreach (var batch in columns.BatchesAsync())
        {
            using (batch)
            {
                var split = batch.Schema.GetFieldIndex("split") < 0 ? null : (StringArray)batch.Column("split");
                for (var i = 0; i < batch.Length; i++)
                {
                    rows.Add((
                        ((StringArray)batch.Column("tail")).GetString(i), split?.GetString(i),
                        ((DoubleArray)batch.Column("delay_mean_7d")).GetValue(i),
                        ((Int64Array)batch.Column("landings_1d")).GetValue(i) ?? -1,
                        ((DoubleArray)batch.Column("last__delay")).GetValue(i)));
                }
            }
        }

        return rows;
    }
}
