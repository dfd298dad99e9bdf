using Catalog.Lineage;
using Xunit;

namespace Catalog.Tests.Lineage;

/// <summary>Where the facts are looked for that say an edge.</summary>
public sealed class EdgeStreamsTests
{
    private static readonly NodeId s_job = NodeId.Job("a", "load");
    private static readonly NodeId s_dataset = NodeId.Dataset("a", "raw");

    [Fact]
    public void Of_too_many_streams_those_known_longest_are_looked_at_however_the_graph_numbers_them()
    {
        string[] expected = [s_dataset.StreamId, s_job.StreamId, "run:r3", "run:r5"];

        foreach (var order in (int[][])[[1, 2, 3, 4, 5], [5, 4, 3, 2, 1]])
        {
            var streams = new EdgeStreams(Graph(order), limit: 4).Of(s_dataset, s_job, []);
            Assert.Equal(expected, streams.Found.Order(StringComparer.Ordinal));
            Assert.True(streams.Cut);
        }
    }

    [Fact]
    public void As_many_as_the_limit_are_all()
    {
        var streams = new EdgeStreams(Graph([1, 2, 3, 4, 5]), limit: 7).Of(s_dataset, s_job, []);

        Assert.Equal(7, streams.Found.Count);
        Assert.False(streams.Cut);
    }

    /// <summary>A job that reads a dataset, and its runs, of which the graph knew r5 and then r3 first.</summary>
    private static GraphView Graph(int[] numbered)
    {
        var graph = new TemporalGraph();
        foreach (var run in numbered)
            graph.Node(NodeId.Run($"r{run}"));
        graph.Hold(graph.Node(s_dataset), graph.Node(s_job), LineageRelation.Reads, since: 1, position: 1);
        foreach (var (run, position) in ((int, long)[])[(1, 9), (2, 8), (3, 3), (4, 7), (5, 2)])
            graph.Hold(graph.Node(s_job), graph.Node(NodeId.Run($"r{run}")), LineageRelation.Ran, since: 1, position);
        graph.Publish(9);
        return graph.Current;
    }
}
