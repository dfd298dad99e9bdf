using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Snapshots;
using CsCheck;
using Xunit;

namespace Catalog.Tests.OpenLineage;

public sealed class OpenLineageFoldTests
{
    private static readonly NodeId s_job = NodeId.Job("etl", "load");
    private static readonly NodeId s_a = NodeId.Dataset("db", "a");
    private static readonly NodeId s_b = NodeId.Dataset("db", "b");

    [Fact]
    public void A_run_that_completes_makes_a_version_of_its_output_and_reads_the_one_current_when_it_started()
    {
        var graph = Fold(
            Run("one", 1, OpenLineageState.Start, outputs: [s_a]),
            Run("one", 2, OpenLineageState.Complete),
            Run("two", 3, OpenLineageState.Start, inputs: [s_a], outputs: [s_b]),
            Run("three", 4, OpenLineageState.Start, outputs: [s_a]),
            Run("three", 5, OpenLineageState.Complete),
            Run("two", 6, OpenLineageState.Complete));

        Assert.Equal(
            [
                "dataset:db/a@run.one -Input-> run:two 3..",
                "run:one -Output-> dataset:db/a@run.one 2..",
                "run:three -Output-> dataset:db/a@run.three 5..",
                "run:two -Output-> dataset:db/b@run.two 6..",
            ],
            Edges(graph, LineageRelation.Input, LineageRelation.Output));
        Assert.Contains("dataset:db/a -Reads-> job:etl/load 3..", Edges(graph, LineageRelation.Reads));
    }

    [Fact]
    public void An_input_that_nobody_made_is_read_as_it_was_at_first()
    {
        var graph = Fold(Run("two", 3, OpenLineageState.Start, inputs: [s_a]));

        Assert.Equal(["dataset:db/a@initial -Input-> run:two 3.."], Edges(graph, LineageRelation.Input));
        Assert.Equal(["dataset:db/a -Version-> dataset:db/a@initial 0.."], Edges(graph, LineageRelation.Version));
    }

    [Fact]
    public void A_late_completion_pins_earlier_readers_anew_and_leaves_what_was_known_before()
    {
        var graph = Fold(Run("two", 3, OpenLineageState.Start, inputs: [s_a]), Run("one", 2, OpenLineageState.Complete, outputs: [s_a]));

        Assert.Equal(["dataset:db/a@run.one -Input-> run:two 3.."], Edges(graph, LineageRelation.Input));
        Assert.Equal(["dataset:db/a -Version-> dataset:db/a@run.one 2.."], Edges(graph, LineageRelation.Version));
        var view = graph.Current;
        var before = view.Walk(
            [view.Find(NodeId.Run("two"))], LineageDirection.Up, LineageRelations.For(LineageGranularity.Version),
            new Moment(1, long.MaxValue));
        Assert.Equal(NodeId.Parse("dataset:db/a@initial"), view.NodeOf(before.Nodes[1]));
    }

    [Fact]
    public void A_label_names_the_version_on_either_side()
    {
        var graph = Fold(
            Run("one", 2, OpenLineageState.Complete, outputs: [s_a], label: "7"),
            Run("two", 9, OpenLineageState.Start, inputs: [s_a], label: "6"));

        Assert.Equal(
            ["dataset:db/a@label.6 -Input-> run:two 9..", "run:one -Output-> dataset:db/a@label.7 2.."],
            Edges(graph, LineageRelation.Input, LineageRelation.Output));
    }

    [Fact]
    public void A_run_that_failed_after_all_made_nothing()
    {
        var graph = Fold(Run("one", 2, OpenLineageState.Complete, outputs: [s_a]), Run("one", 3, OpenLineageState.Fail));

        Assert.Empty(Edges(graph, LineageRelation.Output, LineageRelation.Version));
        Assert.Equal(["job:etl/load -Writes-> dataset:db/a 2.."], Edges(graph, LineageRelation.Writes));
    }

    [Fact]
    public void An_empty_list_takes_no_edge_back_unless_each_event_says_all()
    {
        var plain = Fold(Run("one", 1, OpenLineageState.Start, inputs: [s_a]), Run("one", 2, OpenLineageState.Running));
        var whole = Fold(
            Run("one", 1, OpenLineageState.Start, inputs: [s_a], snapshot: true),
            Run("one", 2, OpenLineageState.Running, inputs: [s_b], snapshot: true));

        Assert.Equal(["dataset:db/a -Reads-> job:etl/load 1.."], Edges(plain, LineageRelation.Reads));
        Assert.Equal(["dataset:db/b -Reads-> job:etl/load 1.."], Edges(whole, LineageRelation.Reads));
    }

    [Fact]
    public void A_versions_of_the_catalog_itself_pins_readers_too()
    {
        var (graph, fold) = New();
        fold.AddVersion(s_a.WithVersion(1), time: 2, position: 1);
        fold.Apply(Run("two", 3, OpenLineageState.Start, inputs: [s_a]), position: 2);
        graph.Publish(2);

        Assert.Equal(["dataset:db/a@1 -Input-> run:two 3.."], Edges(graph, LineageRelation.Input));
    }

    [Fact]
    public void A_dropped_dataset_is_used_by_nobody_until_somebody_uses_it_again()
    {
        var change = new OpenLineageChange(OpenLineageLifecycle.Drop, Previous: null);
        var drop = Dataset(5, s_a) with { Dataset = Of(s_a) with { Change = change } };
        var graph = Fold(Run("one", 3, OpenLineageState.Start, inputs: [s_a]), drop, Run("two", 8, OpenLineageState.Start, inputs: [s_a]));

        Assert.Equal(
            ["dataset:db/a -Reads-> job:etl/load 3..5", "dataset:db/a -Reads-> job:etl/load 8.."],
            Edges(graph, LineageRelation.Reads));
    }

    [Fact]
    public void A_table_that_each_run_makes_and_drops_is_used_in_between()
    {
        var change = new OpenLineageChange(OpenLineageLifecycle.Drop, Previous: null);
        OpenLineageEvent Drop(int time) => Dataset(time, s_a) with { Dataset = Of(s_a) with { Change = change } };
        OpenLineageEvent[] events =
        [
            .. Enumerable.Range(0, 6).SelectMany(i => new[]
            {
                Run($"r{i}", (10 * i) + 1, OpenLineageState.Start, outputs: [s_a]), Drop((10 * i) + 5),
            }),
            Run("late", 2, OpenLineageState.Start, outputs: [s_a]),
            Run("between", 27, OpenLineageState.Start, outputs: [s_a]),
        ];

        Assert.Equal(
            [
                "job:etl/load -Writes-> dataset:db/a 1..5", "job:etl/load -Writes-> dataset:db/a 11..15",
                "job:etl/load -Writes-> dataset:db/a 21..25", "job:etl/load -Writes-> dataset:db/a 27..35",
                "job:etl/load -Writes-> dataset:db/a 41..45", "job:etl/load -Writes-> dataset:db/a 51..55",
            ],
            Edges(Fold(events), LineageRelation.Writes));
    }

    [Fact]
    public void Under_a_new_name_a_dataset_is_read_in_its_old_versions_until_it_has_new_ones()
    {
        var renamed = Dataset(4, s_b) with { Dataset = Of(s_b) with { Change = new OpenLineageChange(OpenLineageLifecycle.Rename, s_a) } };
        var graph = Fold(
            Run("two", 5, OpenLineageState.Start, inputs: [s_b]), renamed, Run("one", 2, OpenLineageState.Complete, outputs: [s_a]));

        Assert.Equal(["dataset:db/a@run.one -Input-> run:two 5.."], Edges(graph, LineageRelation.Input));
        Assert.Equal(["dataset:db/a -Renamed-> dataset:db/b 4.."], Edges(graph, LineageRelation.Renamed));
    }

    [Fact]
    public void Two_names_of_one_dataset_share_their_versions()
    {
        var linked = Dataset(9, s_b) with { Dataset = Of(s_b) with { Symlinks = [s_a] } };
        var graph = Fold(
            Run("one", 2, OpenLineageState.Complete, outputs: [s_a]), Run("two", 5, OpenLineageState.Start, inputs: [s_b]), linked);

        Assert.Equal(["dataset:db/a@run.one -Input-> run:two 5.."], Edges(graph, LineageRelation.Input));
    }

    [Fact]
    public void A_facet_takes_the_place_of_the_one_before_and_a_tombstone_of_both()
    {
        OpenLineageEvent Columns(int time, string? source) => Run("one", time, OpenLineageState.Running) with
        {
            Outputs =
            [
                source is null
                    ? Of(s_b) with { Deleted = ["columnLineage"] }
                    : Of(s_b) with { Columns = new OpenLineageColumns([From(NodeId.Dataset("db", "a", version: null, source))], []) },
            ],
        };

        var graph = Fold(Columns(1, "p"), Columns(9, null), Columns(5, "q"));

        Assert.Equal(
            ["dataset:db/a#p -Column-> dataset:db/b#x 1..5", "dataset:db/a#q -Column-> dataset:db/b#x 5..9"],
            Edges(graph, LineageRelation.Column));
    }

    [Fact]
    public void Tags_are_carried_until_a_newer_facet_leaves_them_out()
    {
        OpenLineageEvent Tags(int time, params OpenLineageTag[] tags) =>
            Dataset(time, s_a) with { Dataset = Of(s_a) with { Tags = tags, Facets = ["tags"] } };

        var (_, tags) = FoldAll(
            Tags(9), Tags(2, new OpenLineageTag("pii", "true", Field: null), new OpenLineageTag("tier", "gold", "x")), Dataset(5, s_a));

        IReadOnlyList<NodeId> At(string tag, long time, long asOf = long.MaxValue) =>
            tags.Current.CarriersOf(tag, new Moment(asOf, time));
        Assert.Equal([s_a], At("pii", 8));
        Assert.Equal([NodeId.Dataset("db", "a", version: null, "x")], At("tier:gold", 8));
        Assert.Empty(At("pii", 1).Concat(At("pii", 9)).Concat(At("pii", 8, asOf: 1)).Concat(At("none", 5)));
    }

    [Fact]
    public void What_is_tagged_here_is_not_taken_back_by_what_others_tell()
    {
        var tags = new TagHistories();
        tags.PutOn(s_a, "pii", since: 2, position: 1);
        tags.Say(s_a, by: null, [new OpenLineageTag("pii", "true", Field: null)], time: 3, position: 2);
        tags.Say(s_a, by: null, [], time: 5, position: 3);
        tags.TakeOff(s_a, "pii", at: 7, position: 4);
        tags.Publish(4);

        tags.PutOn(s_a, "pii", since: 9, position: 5);
        tags.Publish(5);
        Assert.Equal([s_a], tags.Current.CarriersOf("pii", new Moment(long.MaxValue, 9)));
        Assert.Equal([s_a], tags.Current.CarriersOf("pii", new Moment(long.MaxValue, 6)));
        Assert.Empty(tags.Current.CarriersOf("pii", new Moment(long.MaxValue, 7)));
        Assert.Equal([s_a], tags.Current.CarriersOf("pii", new Moment(AsOf: 3, 7)));
    }

    [Fact]
    public void In_whatever_order_and_however_often_events_come_they_make_the_same_graph() =>
        Gen.Select(GenEvent.Array[1, 14], Gen.Int).Sample(
            (events, seed) =>
            {
                var shuffled = events.Concat(events).ToArray();
                new Random(seed).Shuffle(shuffled);
                var ((graph, tags), (otherGraph, otherTags)) = (FoldAll(events), FoldAll(shuffled));
                Assert.Equal(Edges(graph), Edges(otherGraph));
                Assert.Equal(Carried(tags), Carried(otherTags));
            },
            iter: 3_000,
            print: t => string.Join("\n", t.Item1.Select(e => System.Text.Json.JsonSerializer.Serialize(e))));

    [Fact]
    public void A_fold_that_goes_on_from_a_snapshot_makes_the_same_graph_as_one_that_never_stopped() =>
        Gen.Select(GenEvent.Array[1, 14], Gen.Int[0, 14]).Sample(
            (events, at) =>
            {
                var (graph, fold) = New();
                for (var i = 0; i < events.Length; i++)
                {
                    if (i == at)
                        (graph, fold) = Reread(graph, fold, position: i);
                    fold.Apply(events[i], position: i + 1);
                }

                graph.Publish(events.Length);
                fold.Tags.Publish(events.Length);
                var ((again, read), (whole, tags)) = (Reread(graph, fold, events.Length), FoldAll(events));
                Assert.Equal(Statements(whole), Statements(graph));
                Assert.Equal(Statements(graph), Statements(again));
                Assert.Equal(Carried(tags), Carried(fold.Tags));
                Assert.Equal(Carried(tags), Carried(read.Tags));
            },
            iter: 2_000,
            print: t => string.Join("\n", t.Item1.Select(e => System.Text.Json.JsonSerializer.Serialize(e))));

    private static (TemporalGraph Graph, OpenLineageFold Fold) Reread(TemporalGraph graph, OpenLineageFold fold, long position)
    {
        graph.Publish(position);
        fold.Tags.Publish(position);
        using var file = new MemoryStream();
        LineageSnapshot.Take(graph, fold).WriteTo(file);
        file.Position = 0;
        return LineageSnapshot.Read(file);
    }

    /// <summary>Every statement, with when it became known and was replaced.</summary>
    private static IReadOnlyList<string> Statements(TemporalGraph graph) =>
        [
            .. graph.Current.Records()
                .Select(r => $"{graph.NodeOf(r.Source)} -{r.Relation}-> {graph.NodeOf(r.Target)} "
                    + $"{r.HeldFrom}..{r.End.HeldTo} known {r.KnownFrom}..{r.End.ReplacedAt}")
                .Order(StringComparer.Ordinal),
        ];

    private static (TemporalGraph Graph, OpenLineageFold Fold) New()
    {
        var graph = new TemporalGraph();
        return (graph, new OpenLineageFold(graph));
    }

    private static TemporalGraph Fold(params OpenLineageEvent[] events) => FoldAll(events).Graph;

    private static (TemporalGraph Graph, TagHistories Tags) FoldAll(params OpenLineageEvent[] events)
    {
        var (graph, fold) = New();
        for (var i = 0; i < events.Length; i++)
            fold.Apply(events[i], position: i + 1);
        graph.Publish(events.Length);
        fold.Tags.Publish(events.Length);
        return (graph, fold.Tags);
    }

    /// <summary>Who carries which tag at which of the times.</summary>
    private static IReadOnlyList<string> Carried(TagHistories tags) =>
        [
            .. from tag in Enumerable.Range(0, 3)
               from time in Enumerable.Range(0, 10)
               from carrier in tags.Current.CarriersOf($"t{tag}", new Moment(long.MaxValue, time))
               select $"t{tag} at {time}: {carrier}",
        ];

    /// <summary>What the graph says now, without the positions at which it became known.</summary>
    private static string[] Edges(TemporalGraph graph, params LineageRelation[] relations)
    {
        var view = graph.Current;
        return
        [
            .. view.Records().Where(r => r.End.ReplacedAt == long.MaxValue && (relations.Length == 0 || relations.Contains(r.Relation)))
                .Select(r => $"{view.NodeOf(r.Source)} -{r.Relation}-> {view.NodeOf(r.Target)} {r.HeldFrom}.." +
                    $"{(r.End.HeldTo == long.MaxValue ? "" : r.End.HeldTo)}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static OpenLineageEvent Run(
        string run, int time, OpenLineageState state, NodeId[]? inputs = null, NodeId[]? outputs = null,
        string? label = null, bool snapshot = false) => new(
        OpenLineageKind.Run, At(time), state,
        new OpenLineageRun(NodeId.Run(run), Parent: null, Root: null, NominalStart: null, NominalEnd: null, [], [], []),
        Job(s_job, snapshot), Dataset: null,
        [.. (inputs ?? []).Select(d => Of(d) with { Version = label })],
        [.. (outputs ?? []).Select(d => Of(d) with { Version = label })]);

    private static OpenLineageEvent Dataset(int time, NodeId dataset) =>
        new(OpenLineageKind.Dataset, At(time), State: null, Run: null, Job: null, Of(dataset), [], []);

    private static OpenLineageJob Job(NodeId node, bool snapshot = false) =>
        new(node, CodeRevision: null, ProcessingType: null, Integration: null, JobType: null, snapshot, Lineage: null, [], [], []);

    private static OpenLineageDataset Of(NodeId node) => new(
        node, Version: null, Type: null, [], Change: null, Schema: null, Columns: null, Lineage: null, Statistics: null, [], [], [], []);

    private static OpenLineageColumn From(NodeId source) => new("x", [new OpenLineageSource(source, Run: null, [])]);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private static readonly Gen<NodeId> GenDataset = Gen.Int[0, 3].Select(i => NodeId.Dataset("db", $"d{i}"));

    private static readonly Gen<NodeId> GenJob = Gen.Int[0, 1].Select(i => NodeId.Job("etl", $"j{i}"));

    private static readonly Gen<OpenLineageColumns?> GenColumns = Gen.Select(
        Gen.Int[0, 2], GenDataset, Gen.Bool, Gen.Bool,
        (column, source, whole, some) => some
            ? new OpenLineageColumns(
                [From(NodeId.Dataset(source.Namespace, source.Name, version: null, $"c{column}"))],
                whole
                    ? [new OpenLineageSource(source, Run: null, [new OpenLineageTransformation("INDIRECT", "FILTER", Masking: false)])]
                    : [])
            : null);

    private static readonly Gen<OpenLineageChange?> GenChange = Gen.Select(
        Gen.Int[0, 9], GenDataset,
        (kind, previous) => kind switch
        {
            0 => new OpenLineageChange(OpenLineageLifecycle.Drop, Previous: null),
            1 => new OpenLineageChange(OpenLineageLifecycle.Rename, previous),
            _ => null,
        });

    private static readonly Gen<OpenLineageTag> GenTag = Gen.Select(
        Gen.Int[0, 2], Gen.Bool, (tag, column) => new OpenLineageTag($"t{tag}", "true", column ? "c" : null));

    private static readonly Gen<OpenLineageDataset> GenUse = Gen.Select(
        GenDataset, Gen.Int[0, 5], Gen.Int[0, 9], GenDataset, GenColumns, GenChange, GenTag.Array[0, 2],
        (dataset, label, linked, other, columns, change, tags) => Of(dataset) with
        {
            Tags = tags,
            Facets = tags.Length > 0 || linked == 1 ? ["tags"] : [],
            Version = label < 2 ? $"{label}" : null,
            Symlinks = linked == 0 ? [other] : [],
            Columns = columns,
            Change = change,
            Deleted = label == 5 && columns is null ? ["columnLineage"] : [],
        });

    private static readonly Gen<OpenLineageEvent> GenRunEvent = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 8], Gen.Enum<OpenLineageState>(), GenJob, Gen.Bool, GenUse.Array[0, 2], GenUse.Array[0, 2],
        (run, time, state, job, parent, inputs, outputs) => new OpenLineageEvent(
            OpenLineageKind.Run, At(time), state,
            new OpenLineageRun(
                NodeId.Run($"r{run}"), parent ? new OpenLineageParent(NodeId.Run("p"), NodeId.Job("etl", "dag")) : null,
                Root: null, NominalStart: null, NominalEnd: null, [], [], []),
            Job(job, snapshot: job.Name == "j1"), Dataset: null, inputs, outputs));

    private static readonly Gen<OpenLineageEvent> GenOtherEvent = Gen.Select(
        Gen.Int[0, 8], GenJob, Gen.Bool, GenUse, GenUse,
        (time, job, declares, one, other) => declares
            ? new OpenLineageEvent(OpenLineageKind.Job, At(time), State: null, Run: null, Job(job), Dataset: null, [one], [other])
            : new OpenLineageEvent(OpenLineageKind.Dataset, At(time), State: null, Run: null, Job: null, one, [], []));

    /// <summary>Events of few runs, jobs and datasets, so that they have to do with each other.</summary>
    internal static readonly Gen<OpenLineageEvent> GenEvent = Gen.Frequency((4, GenRunEvent), (1, GenOtherEvent));
}
