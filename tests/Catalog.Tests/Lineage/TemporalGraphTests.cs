using Catalog.Lineage;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Lineage;

public sealed class TemporalGraphTests
{
    private static readonly LineageRelations s_inputs = LineageRelations.Of(LineageRelation.Input);

    private static readonly LineageRelations s_all = new(uint.MaxValue);

    [Fact]
    public void A_walk_goes_up_and_down_the_flow_and_tells_distances()
    {
        var graph = Chain(4);

        var down = graph.Walk([graph.Find(Node(0))], LineageDirection.Down, s_inputs, Moment.Latest);
        var up = graph.Walk([graph.Find(Node(3))], LineageDirection.Up, s_inputs, Moment.Latest);
        var both = graph.Walk([graph.Find(Node(1))], LineageDirection.Both, s_inputs, Moment.Latest);

        Assert.Equal([Node(0), Node(1), Node(2), Node(3)], Names(down));
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(down.DepthOf));
        Assert.Equal([Node(3), Node(2), Node(1), Node(0)], Names(up));
        Assert.Equal([0, 1, 1, 2], Enumerable.Range(0, 4).Select(both.DepthOf));
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(1, 2, false)]
    [InlineData(2, 3, false)]
    public void A_depth_ends_a_walk_and_is_no_truncation(int depth, int nodes, bool truncated)
    {
        var graph = Chain(5);

        var walk = graph.Walk([graph.Find(Node(0))], LineageDirection.Down, s_inputs, Moment.Latest, depth);

        Assert.Equal((nodes, truncated), (walk.Nodes.Count, walk.Truncated));
        Assert.Equal(Math.Min(depth, nodes - 1), walk.DepthOf(nodes - 1));
    }

    [Fact]
    public void A_limit_truncates_a_walk_only_where_there_is_more()
    {
        var graph = Chain(5);
        var start = graph.Find(Node(0));

        Assert.True(graph.Walk([start], LineageDirection.Down, s_inputs, Moment.Latest, limit: 4).Truncated);
        Assert.False(graph.Walk([start], LineageDirection.Down, s_inputs, Moment.Latest, limit: 5).Truncated);
        Assert.Throws<ArgumentOutOfRangeException>(() => graph.Walk([start], LineageDirection.Down, s_inputs, Moment.Latest, depth: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => graph.Walk([start], LineageDirection.Down, s_inputs, Moment.Latest, limit: 0));
    }

    [Fact]
    public void The_way_to_a_node_is_a_shortest_one()
    {
        var graph = new TemporalGraph();
        foreach (var (from, to) in new[] { (0, 1), (1, 2), (2, 5), (0, 3), (3, 5) })
            graph.Hold(graph.Node(Node(from)), graph.Node(Node(to)), LineageRelation.Input, since: 1, position: 1);
        graph.Publish(1);

        var walk = graph.Current.Walk([graph.Current.Find(Node(0))], LineageDirection.Down, s_inputs, Moment.Latest);

        var place = walk.Nodes.ToList().IndexOf(graph.Current.Find(Node(5)));
        Assert.Equal([Node(0), Node(3), Node(5)], walk.WayTo(place).Select(graph.Current.NodeOf));
    }

    [Fact]
    public void What_was_known_later_does_not_show_as_of_before()
    {
        var graph = new TemporalGraph();
        var (a, b) = (graph.Node(Node(0)), graph.Node(Node(1)));
        graph.Hold(a, b, LineageRelation.Deployed, since: 100, position: 7);
        graph.Replace(a, b, LineageRelation.Deployed, [new Held(100, 200)], position: 9);
        graph.Publish(9);
        var view = graph.Current;

        bool Shows(long asOf, long at) => view.Walk([a], LineageDirection.Down, s_all, new Moment(asOf, at)).Nodes.Count == 2;

        Assert.False(Shows(asOf: 6, at: 150)); // nobody had heard of it
        Assert.True(Shows(asOf: 7, at: 150));
        Assert.False(Shows(asOf: 7, at: 99)); // it did not hold yet
        Assert.True(Shows(asOf: 8, at: 300)); // its end was not known yet
        Assert.True(Shows(asOf: 9, at: 199));
        Assert.False(Shows(asOf: 9, at: 200)); // the end itself is no longer in it
        Assert.False(Shows(asOf: long.MaxValue, at: long.MaxValue));
        Assert.Equal(
            [(100L, null, 7L, 9L), (100, 200L, 9, null)],
            view.HistoryOf(a, b, s_all).OrderBy(h => h.KnownFrom).Select(h => (h.HeldFrom, h.HeldTo, h.KnownFrom, h.KnownTo)));
    }

    [Fact]
    public void What_holds_again_held_before_as_well()
    {
        var graph = new TemporalGraph();
        var (from, to) = (graph.Node(Node(0)), graph.Node(Node(1)));
        graph.Hold(from, to, LineageRelation.Input, since: 1, position: 1);
        graph.Replace(from, to, LineageRelation.Input, [new Held(1, 5)], position: 2);
        graph.Hold(from, to, LineageRelation.Input, since: 9, position: 3);
        graph.Publish(3);

        bool Holds(long at) => graph.Current.Neighbours(from, into: false, s_inputs, new Moment(long.MaxValue, at)).Count > 0;
        Assert.Equal((true, false, true), (Holds(4), Holds(5), Holds(9)));
        Assert.Equal(1, graph.Current.HeldSince(from, to, LineageRelation.Input, Moment.Latest));
    }

    [Fact]
    public void Since_when_an_edge_held_is_told_as_of_the_moment_asked_for()
    {
        var graph = new TemporalGraph();
        var (from, to) = (graph.Node(Node(0)), graph.Node(Node(1)));
        graph.Hold(from, to, LineageRelation.Input, since: 7, position: 1);
        graph.Replace(from, to, LineageRelation.Input, [], position: 2);
        graph.Publish(2);

        Assert.Equal(7, graph.Current.HeldSince(from, to, LineageRelation.Input, new Moment(1, long.MaxValue)));
        Assert.Equal(long.MaxValue, graph.Current.HeldSince(from, to, LineageRelation.Input, Moment.Latest));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fact_that_comes_late_does_not_tear_the_views_that_are_out(bool packed)
    {
        var graph = new TemporalGraph();
        var (from, to) = (graph.Node(Node(0)), graph.Node(Node(1)));
        graph.Hold(from, to, LineageRelation.Input, since: 7, position: 1);
        graph.Publish(5);
        if (packed)
            graph.Pack(5);
        var view = graph.Current;

        graph.Replace(from, to, LineageRelation.Input, [Held.Since(3)], position: 2);

        Assert.Equal(7, view.HeldSince(from, to, LineageRelation.Input, Moment.Latest));
        Assert.Single(view.Walk([from], LineageDirection.Down, s_inputs, Moment.Latest).Nodes.Skip(1));
        Assert.Single(view.Walk([to], LineageDirection.Up, s_inputs, Moment.Latest).Nodes.Skip(1));
        graph.Publish(5);
        Assert.Equal(3, graph.Current.HeldSince(from, to, LineageRelation.Input, Moment.Latest));
        Assert.Single(graph.Current.Walk([from], LineageDirection.Down, s_inputs, Moment.Latest).Nodes.Skip(1));
    }

    [Fact]
    public void A_view_does_not_change_under_its_readers()
    {
        var graph = new TemporalGraph();
        graph.Hold(graph.Node(Node(0)), graph.Node(Node(1)), LineageRelation.Input, since: 1, position: 1);
        graph.Publish(1);
        var before = graph.Current;

        graph.Replace(0, 1, LineageRelation.Input, [], position: 2);
        graph.Hold(1, graph.Node(Node(2)), LineageRelation.Input, since: 1, position: 2);
        graph.Publish(2);

        Assert.Equal([Node(0), Node(1)], Names(before.Walk([0], LineageDirection.Down, s_inputs, Moment.Latest)));
        Assert.Equal([Node(0)], Names(graph.Current.Walk([0], LineageDirection.Down, s_inputs, Moment.Latest)));
        Assert.Equal(-1, before.Find(Node(2)));
    }

    [Fact]
    public void Whatever_is_said_in_whatever_order_a_walk_agrees_with_a_list_of_everything_said() =>
        Gen.Int[1, 60].SelectMany(n => GenStatement.Array[n]).Sample(
            statements =>
            {
                var (graph, said) = (new TemporalGraph(), new Said());
                for (var i = 0; i < statements.Length; i++)
                {
                    Say(graph, said, statements[i], position: i + 1);
                    graph.Publish(i + 1);
                    if (statements[i].Pack)
                        graph.Pack(i + 1);
                }

                foreach (var asOf in new long[] { 1, statements.Length / 2, statements.Length, long.MaxValue })
                {
                    foreach (var at in new long[] { 0, 3, 6, 9, long.MaxValue })
                        Agree(graph.Current, said, new Moment(asOf, at));
                }
            },
            iter: 300);

    [Fact]
    public async Task Readers_see_whole_positions_while_a_writer_goes_on()
    {
        // At every position one more link of a chain is known, and the link before last is taken back and said again.
        const int Length = 40_000;
        var graph = new TemporalGraph();
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < Length; i++)
            {
                graph.Hold(graph.Node(Node(i)), graph.Node(Node(i + 1)), LineageRelation.Input, since: 1, position: i + 1);
                if (i > 0)
                    graph.Replace(i - 1, i, LineageRelation.Input, [Held.Since(0)], position: i + 1);
                graph.Publish(i + 1);
            }
        });

        var looks = 0;
        while (!writing.IsCompleted || looks == 0)
        {
            var view = graph.Current;
            if (view.Position == 0)
                continue;
            var asOf = Math.Max(1, view.Position - (looks % 50));
            var walk = view.Walk([view.Find(Node(0))], LineageDirection.Down, s_inputs, new Moment(asOf, long.MaxValue));
            Assert.Equal(asOf + 1, walk.Nodes.Count);
            looks++;
        }

        await writing;
    }

    [Fact]
    public void Names_of_every_kind_come_back_from_their_numbers()
    {
        var nodes = new NodeId[]
        {
            NodeId.Dataset("s3://a", "ü/@#%"), NodeId.Dataset("a", "b", 7, "column/x"), NodeId.Job("a", "b"),
            NodeId.Model("a", "b", "gold"), NodeId.Deployment("a", "b"), NodeId.FeatureView("a", "b"),
            NodeId.FeatureService("a", "b"), NodeId.Run("x"), NodeId.Generation("g"), NodeId.File(new string('0', 64)),
        };
        var graph = new TemporalGraph();
        foreach (var node in nodes)
            graph.Hold(graph.Node(node), graph.Node(Node(0)), LineageRelation.Input, since: 1, position: 1);
        graph.Publish(1);

        Assert.All(nodes, n => Assert.Equal(n, graph.Current.NodeOf(graph.Current.Find(n))));
        Assert.All(nodes, n => Assert.Equal(n.Kind, graph.Current.KindOf(graph.Current.Find(n))));
    }

    private static NodeId Node(int number) => NodeId.Dataset("t", $"n{number}");

    private static IEnumerable<NodeId> Names(LineageWalk walk) => walk.Nodes.Select(walk.View.NodeOf);

    private static GraphView Chain(int length)
    {
        var graph = new TemporalGraph();
        for (var i = 0; i + 1 < length; i++)
            graph.Hold(graph.Node(Node(i)), graph.Node(Node(i + 1)), LineageRelation.Input, since: 1, position: 1);
        graph.Publish(1);
        return graph.Current;
    }

    private sealed record Statement(int From, int To, LineageRelation Relation, Held[] Held, bool Pack);

    private static readonly Gen<Held> GenHeld = Gen.Select(
        Gen.Long[0, 5], Gen.Long[6, 10], Gen.Bool,
        (from, to, ends) => ends ? new Held(from, to) : Held.Since(from));

    private static readonly Gen<Statement> GenStatement = Gen.Select(
        Gen.Int[0, 6], Gen.Int[0, 6], Gen.Enum<LineageRelation>(), GenHeld.Array[0, 2], Gen.Int[0, 9],
        (from, to, relation, held, pack) => new Statement(from, to, relation, held.DistinctBy(h => h.From).ToArray(), pack == 0));

    private static void Say(TemporalGraph graph, Said said, Statement statement, long position)
    {
        graph.Replace(graph.Node(Node(statement.From)), graph.Node(Node(statement.To)), statement.Relation, statement.Held, position);
        said.Add((position, statement));
    }

    private static void Agree(GraphView view, Said said, Moment moment)
    {
        for (var start = 0; start < 7; start++)
        {
            if (view.Find(Node(start)) is var number && number < 0)
                continue;
            foreach (var direction in Enum.GetValues<LineageDirection>())
            {
                var expected = said.Reach(start, direction, moment);
                var walk = view.Walk([number], direction, s_all, moment);
                Assert.Equal(
                    expected, Enumerable.Range(0, walk.Nodes.Count).ToDictionary(i => view.NodeOf(walk.Nodes[i]).Name, walk.DepthOf));
            }
        }
    }

    /// <summary>The model: of every edge what was said of it last, as of a position, and nothing cleverer.</summary>
    private sealed class Said : List<(long Position, Statement Statement)>
    {
        public Dictionary<string, int> Reach(int start, LineageDirection direction, Moment moment)
        {
            var edges = this.Where(s => s.Position <= moment.AsOf)
                .GroupBy(s => (s.Statement.From, s.Statement.To, s.Statement.Relation))
                .Where(g => g.MaxBy(s => s.Position).Statement.Held.Any(h => h.Includes(moment.At)))
                .Select(g => (g.Key.From, g.Key.To)).ToHashSet();
            var depths = new Dictionary<int, int> { [start] = 0 };
            for (var frontier = new List<int> { start }; frontier.Count > 0;)
            {
                var next = frontier.SelectMany(f => edges.SelectMany(e => Steps(e, f, direction)))
                    .Distinct().Where(n => !depths.ContainsKey(n)).ToList();
                foreach (var node in next)
                    depths[node] = depths[frontier[0]] + 1;
                frontier = next;
            }

            return depths.ToDictionary(d => $"n{d.Key}", d => d.Value);
        }

        private static IEnumerable<int> Steps((int From, int To) edge, int here, LineageDirection direction)
        {
            if (direction != LineageDirection.Up && edge.From == here)
                yield return edge.To;
            if (direction != LineageDirection.Down && edge.To == here)
                yield return edge.From;
        }
    }
}
