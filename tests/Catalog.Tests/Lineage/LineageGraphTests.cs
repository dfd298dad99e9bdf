using Catalog.Lineage;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Lineage;

public sealed class LineageGraphTests
{
    private static readonly NodeId s_raw = NodeId.Dataset("demo", "flights", 1);
    private static readonly NodeId s_delays = NodeId.Dataset("demo", "origin-delays", 1);
    private static readonly NodeId s_features = NodeId.Run("features");
    private static readonly NodeId s_training = NodeId.Run("training");
    private static readonly NodeId s_model = NodeId.Model("demo", "flight-delay", 1);
    private static readonly NodeId s_endpoint = NodeId.Deployment("demo", "production");
    private static readonly NodeId s_file = NodeId.File(new string('a', 64));

    private static readonly LineageEdge[] s_story =
    [
        new(s_file, s_raw, LineageRelations.File),
        new(s_raw, s_features, LineageRelations.Input),
        new(s_features, s_delays, LineageRelations.Output),
        new(s_raw, s_training, LineageRelations.Input),
        new(s_delays, s_training, LineageRelations.Input),
        new(s_training, s_model, LineageRelations.Trained),
        new(s_model, s_endpoint, LineageRelations.Deployed),
    ];

    [Fact]
    public void A_deployment_leads_back_to_the_files()
    {
        var answer = Story().Walk(s_endpoint, LineageDirection.Up, depth: 10, limit: 100);

        Assert.Equal([s_endpoint, s_model, s_training, s_raw, s_delays, s_file, s_features], answer.Nodes.Select(n => n.Id));
        Assert.Equal([0, 1, 2, 3, 3, 4, 4], answer.Nodes.Select(n => n.Depth));
        Assert.Equal(s_story.ToHashSet(), answer.Edges.ToHashSet());
        Assert.Equal(s_story.Length, answer.Edges.Count);
        Assert.False(answer.Truncated);
    }

    [Fact]
    public void A_file_leads_on_to_the_deployment()
    {
        var answer = Story().Walk(s_file, LineageDirection.Down, depth: 10, limit: 100);

        Assert.Equal([s_file, s_raw, s_features, s_training, s_delays, s_model, s_endpoint], answer.Nodes.Select(n => n.Id));
        Assert.Equal([0, 1, 2, 2, 3, 3, 4], answer.Nodes.Select(n => n.Depth));
        Assert.Equal(s_story.ToHashSet(), answer.Edges.ToHashSet());
    }

    [Fact]
    public void Depth_ends_a_walk_without_truncating_it()
    {
        var answer = Story().Walk(s_model, LineageDirection.Up, depth: 1, limit: 100);

        Assert.Equal([new(s_model, 0), new LineageNode(s_training, 1)], answer.Nodes);
        Assert.Equal([new LineageEdge(s_training, s_model, "trained")], answer.Edges);
        Assert.False(answer.Truncated);
        Assert.Equal([s_model], Story().Walk(s_model, LineageDirection.Up, depth: 0, limit: 100).Nodes.Select(n => n.Id));
    }

    [Fact]
    public void The_limit_counts_nodes_and_says_when_it_left_some_out()
    {
        var answer = Story().Walk(s_raw, LineageDirection.Down, depth: 10, limit: 3);

        Assert.Equal([s_raw, s_features, s_training], answer.Nodes.Select(n => n.Id));
        Assert.True(answer.Truncated);
        Assert.All(answer.Edges, e => Assert.Contains(answer.Nodes, n => n.Id == e.To));
        Assert.False(Story().Walk(s_raw, LineageDirection.Down, depth: 10, limit: 6).Truncated);
    }

    [Fact]
    public void A_cycle_is_walked_once()
    {
        var graph = new LineageGraph();
        graph.Add(s_raw, s_features, "input");
        graph.Add(s_features, s_raw, "output");
        graph.Add(s_raw, s_raw, "output");

        var answer = graph.Walk(s_raw, LineageDirection.Down, depth: int.MaxValue, limit: 100);

        Assert.Equal([new(s_raw, 0), new LineageNode(s_features, 1)], answer.Nodes);
        Assert.Equal(3, answer.Edges.Count);
        Assert.False(answer.Truncated);
    }

    [Fact]
    public void An_edge_added_twice_is_one_edge()
    {
        var graph = Story();
        foreach (var edge in s_story)
        {
            graph.Add(edge.From, edge.To, edge.Relation);
        }

        Assert.Equal(s_story.Length, graph.Walk(s_file, LineageDirection.Down, depth: 10, limit: 100).Edges.Count);
        Assert.Equal(7, graph.Count);
    }

    [Fact]
    public void A_node_without_edges_is_its_own_answer()
    {
        var answer = Story().Walk(NodeId.Job("demo", "unknown"), LineageDirection.Up, depth: 3, limit: 1);

        Assert.Equal([new LineageNode(NodeId.Job("demo", "unknown"), 0)], answer.Nodes);
        Assert.False(Story().Contains(NodeId.Job("demo", "unknown")));
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Story().Walk(s_raw, LineageDirection.Up, depth: -1, limit: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Story().Walk(s_raw, LineageDirection.Up, depth: 1, limit: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Story().Walk(s_raw, (LineageDirection)7, depth: 1, limit: 1));
    }

    [Fact]
    public void The_answer_does_not_depend_on_the_order_of_arrival() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]).Array[0, 40].Select(Gen.Int, Gen.Int[1, 12]).Sample((pairs, seed, limit) =>
        {
            var shuffled = pairs.ToArray();
            new Random(seed).Shuffle(shuffled);

            var (a, b) = (Walk(pairs, limit), Walk(shuffled, limit));

            Assert.Equal(a.Nodes, b.Nodes);
            Assert.Equal(a.Edges, b.Edges);
            Assert.Equal(a.Truncated, b.Truncated);
        });

    private static LineageAnswer Walk((int From, int To)[] pairs, int limit)
    {
        var graph = new LineageGraph();
        foreach (var (from, to) in pairs)
        {
            graph.Add(NodeId.Run("r" + from), NodeId.Run("r" + to), "input");
        }

        return graph.Walk(NodeId.Run("r0"), LineageDirection.Down, depth: 5, limit);
    }

    private static LineageGraph Story()
    {
        var graph = new LineageGraph();
        foreach (var edge in s_story)
        {
            graph.Add(edge.From, edge.To, edge.Relation);
        }

        return graph;
    }
}
