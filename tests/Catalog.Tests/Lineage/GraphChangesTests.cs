using System.Collections.Immutable;
using Catalog.Lineage;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Lineage;

/// <summary>A table that takes over the changes of one view after the other has, in the end, what the graph has.</summary>
public sealed class GraphChangesTests
{
    [Fact]
    public void Changes_taken_over_from_any_positions_make_the_same_table_as_all_at_once() =>
        GenHistory.Sample(
            history =>
            {
                var (graph, table) = (new TemporalGraph(), new Table());
                for (var i = 0; i < history.Length; i++)
                {
                    Say(graph, history[i], position: i + 1);
                    graph.Publish(i + 1);
                    if (history[i].Pack)
                        graph.Pack(i + 1);
                    if (history[i].Look)
                        table.TakeOver(graph.Current);
                }

                table.TakeOver(graph.Current);
                Assert.Equal(All(graph.Current), table.Rows);
            },
            iter: 300);

    [Fact]
    public void Facts_that_came_late_reach_the_table_too() =>
        Gen.Select(GenHistory, Gen.Int[0, 40]).Sample(
            (history, seed) =>
            {
                var (graph, table, late) = (new TemporalGraph(), new Table(), new Queue<(Statement, long)>());
                for (var i = 0; i < history.Length; i++)
                {
                    if ((seed + i) % 3 == 0)
                        late.Enqueue((history[i], i + 1));
                    else
                        Say(graph, history[i], position: i + 1);
                    graph.Publish(i + 1);
                    if (history[i].Look)
                        table.TakeOver(graph.Current);
                    if (history[i].Pack && late.TryDequeue(out var came))
                    {
                        Say(graph, came.Item1, came.Item2);
                        graph.Pack(i + 1);
                    }
                }

                table.TakeOver(graph.Current);
                Assert.Equal(All(graph.Current), table.Rows);
            },
            iter: 300);

    [Fact]
    public void A_view_tells_of_nothing_that_it_does_not_include()
    {
        var graph = new TemporalGraph();
        var (a, b) = (graph.Node(NodeId.Job("a", "a")), graph.Node(NodeId.Job("a", "b")));
        graph.Hold(a, b, LineageRelation.Follows, since: 5, position: 1);
        graph.Pack(1);
        var before = graph.Current;

        graph.Replace(a, b, LineageRelation.Follows, [new Held(5, 9)], position: 2);

        var change = Assert.Single(before.ChangesSince(0, ImmutableSortedSet<long>.Empty));
        Assert.Equal(new EdgeChange(a, b, LineageRelation.Follows, 5, long.MaxValue, 1, long.MaxValue), change);
        Assert.Empty(before.ChangesSince(1, ImmutableSortedSet<long>.Empty));
        graph.Publish(2);
        Assert.Equal(
            [(5, long.MaxValue, 1, 2), (5, 9, 2, long.MaxValue)],
            graph.Current.ChangesSince(1, ImmutableSortedSet<long>.Empty)
                .OrderBy(c => c.KnownFrom).Select(c => (c.HeldFrom, c.HeldTo, c.KnownFrom, c.KnownUntil)));
    }

    private static SortedDictionary<EdgeChange, long> All(GraphView view)
    {
        var table = new Table();
        table.TakeOver(view);
        return table.Rows;
    }

    private static void Say(TemporalGraph graph, Statement said, long position) =>
        graph.Replace(graph.Node(Node(said.From)), graph.Node(Node(said.To)), LineageRelation.Input, said.Held, position);

    private static NodeId Node(int number) => NodeId.Dataset("t", $"n{number}");

    private sealed record Statement(int From, int To, Held[] Held, bool Pack, bool Look);

    private static readonly Gen<Held> GenHeld =
        Gen.Select(Gen.Long[0, 5], Gen.Long[6, 8], Gen.Bool, (from, to, ends) => ends ? new Held(from, to) : Held.Since(from));

    private static readonly Gen<Statement[]> GenHistory = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 3], GenHeld.Array[0, 2], Gen.Int[0, 5], Gen.Int[0, 2],
        (from, to, held, pack, look) => new Statement(from, to, held.DistinctBy(h => h.From).ToArray(), pack == 0, look == 0)).Array[1, 60];

    /// <summary>A table as an auditor would keep it: a row a statement, and in it until when that was known.</summary>
    private sealed class Table
    {
        private long _position;
        private ImmutableSortedSet<long> _late = [];

        public SortedDictionary<EdgeChange, long> Rows { get; } = new(Comparer<EdgeChange>.Create(
            (a, b) => string.CompareOrdinal(a.ToString(), b.ToString())));

        public void TakeOver(GraphView view)
        {
            foreach (var change in view.ChangesSince(_position, view.Late.Except(_late)))
                Rows[change with { KnownUntil = 0 }] = change.KnownUntil;
            (_position, _late) = (view.Position, view.Late);
        }
    }
}
