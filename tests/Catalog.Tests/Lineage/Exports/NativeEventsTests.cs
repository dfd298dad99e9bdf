using System.Text;
using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Lineage.Exports;
using Catalog.Lineage.OpenLineage;
using Xunit;

namespace Catalog.Tests.Lineage.Exports;

public sealed class NativeEventsTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.Parse("2026-03-01T12:00:00Z");

    private static readonly RunRecord s_run = new(NodeId.Run("r2"))
    {
        IsNative = true,
        Job = NodeId.Job("demo", "train"),
        Parent = NodeId.Run("r1"),
        StartedAt = s_start,
        EndedAt = s_start.AddMinutes(5),
        End = RunState.Completed,
    };

    private static readonly NodeId s_input = NodeId.Dataset("s3://lake", "flights 🛫", 3);
    private static readonly NodeId s_model = NodeId.Model("demo", "delay", 1);

    [Fact]
    public void A_run_is_told_by_its_start_and_its_end() => Golden.Check(
        Extracts.Golden("native.jsonl"),
        string.Concat(NativeEvents.Of(s_run, NodeId.Job("demo", "dag"), [s_input], [s_model]).Select(e => e + "\n")));

    [Fact]
    public void Read_as_OpenLineage_they_make_the_same_edges_with_the_numbers_as_labels()
    {
        var graph = Folded(NativeEvents.Of(s_run, NodeId.Job("demo", "dag"), [s_input], [s_model]));

        var walk = graph.Walk(
            [graph.Find(NodeId.Dataset("model://demo", "delay", "label.1"))], LineageDirection.Up,
            LineageRelations.For(LineageGranularity.Version), Moment.Latest);
        Assert.Equal(
            ["dataset:model%3A%2F%2Fdemo/delay@label.1", "run:r2", "dataset:s3%3A%2F%2Flake/flights 🛫@label.3"],
            walk.Nodes.Select(n => graph.NodeOf(n).ToString()));
        Assert.NotEmpty(graph.HistoryOf(
            graph.Find(NodeId.Run("r1")), graph.Find(NodeId.Run("r2")), LineageRelations.Of(LineageRelation.Started)));
    }

    [Fact]
    public void A_run_that_goes_on_or_failed_has_made_nothing_yet()
    {
        var going = NativeEvents.Of(s_run with { EndedAt = null, End = null }, parentJob: null, [s_input], [s_model]).ToList();
        var failed = NativeEvents.Of(s_run with { End = RunState.Failed }, parentJob: null, [s_input], [s_model]).ToList();

        Assert.Single(going);
        foreach (var events in (List<string>[])[going, failed])
        {
            var graph = Folded(events);
            Assert.Empty(graph.Neighbours(
                graph.Find(NodeId.Run("r2")), into: false, LineageRelations.Of(LineageRelation.Output), Moment.Latest));
            Assert.NotEmpty(graph.Neighbours(
                graph.Find(NodeId.Job("demo", "train")), into: false, LineageRelations.Of(LineageRelation.Writes), Moment.Latest));
        }
    }

    [Fact]
    public void A_deployment_is_a_service_that_reads_the_model()
    {
        var graph = Folded([NativeEvents.Deployment(s_model, NodeId.Deployment("demo", "eu"), s_start)]);

        var (job, relation) = Assert.Single(graph.Neighbours(
            graph.Find(NodeId.Dataset("model://demo", "delay")), into: false, LineageRelations.For(LineageGranularity.Dataset),
            Moment.Latest));
        Assert.Equal((NodeId.Job("deployment://demo", "eu"), LineageRelation.Reads), (graph.NodeOf(job), relation));
    }

    private static GraphView Folded(IEnumerable<string> events)
    {
        var graph = new TemporalGraph();
        var fold = new OpenLineageFold(graph);
        foreach (var (place, told) in events.Index())
        {
            var read = OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(told));
            Assert.Null(read.Problem);
            if (read.Event is { } said)
                fold.Apply(said, place + 1);
        }

        graph.Publish(10);
        return graph.Current;
    }
}
