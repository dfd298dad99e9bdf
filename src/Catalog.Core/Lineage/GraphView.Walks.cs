using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Catalog.Lineage;

// Walks. These are the inner loops: no iterators and no records here.
public sealed partial class GraphView
{
    /// <summary>Breadth first from some nodes, which are at depth 0.</summary>
    /// <param name="starts">Numbers of nodes.</param>
    /// <param name="direction">Up to the origins, down to the uses, or both ways at every step.</param>
    /// <param name="relations">Which edges to follow.</param>
    /// <param name="moment">What was known when, and what held when; nothing beyond <see cref="Position"/> is known.</param>
    /// <param name="depth">The largest distance, in edges.</param>
    /// <param name="limit">The largest number of nodes, starts included.</param>
    /// <param name="admits">Whether the walk goes on from a node that it met; null for from all.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative depth, or a limit below 1.</exception>
    public LineageWalk Walk(
        ReadOnlySpan<int> starts, LineageDirection direction, LineageRelations relations, Moment moment,
        int depth = int.MaxValue, int limit = int.MaxValue, Func<int, bool>? admits = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        moment = Clamp(moment);
        var question = new Question(relations, moment, _packed.Within(moment), limit);
        var seen = NodeSet.Rent(NodeCount);
        try
        {
            var walk = new LineageWalk(this, direction);
            foreach (var start in starts)
            {
                if (seen.Add(start) && !walk.Meet(start, via: -1, limit))
                    break;
            }

            for (var level = 0; level < depth && walk.StartLevel(); level++)
            {
                for (var i = walk.LevelStart; i < walk.LevelEnd && !walk.Truncated; i++)
                {
                    LookAhead(walk, i);
                    if (admits is null || admits(walk.Numbers[i]))
                        Expand(walk, i, question, seen);
                }
            }

            return walk.Finish();
        }
        finally
        {
            seen.Return();
        }
    }

    /// <summary>The edges between some nodes, each once, in the direction of the flow; those into a node stand together.</summary>
    public IReadOnlyList<(int From, int To, LineageRelation Relation)> EdgesAmong(
        IReadOnlyCollection<int> nodes, LineageRelations relations, Moment moment)
    {
        moment = Clamp(moment);
        var question = new Question(relations, moment, _packed.Within(moment), limit: nodes.Count);
        var found = new List<(int From, int To, LineageRelation Relation)>(nodes.Count);
        var among = NodeSet.Rent(NodeCount);
        try
        {
            foreach (var node in nodes)
                among.Add(node);
            foreach (var node in nodes)
            {
                var first = found.Count;
                AddPacked(node, question, among, found);
                AddRecent(node, question, among, found);
                LeaveOnce(found, first);
            }

            return found;
        }
        finally
        {
            among.Return();
        }
    }

    private void AddPacked(int node, in Question question, NodeSet among, List<(int From, int To, LineageRelation Relation)> found)
    {
        if (node >= _packed.Nodes)
            return;
        var first = _packed.InStart[node];
        var edges = _packed.In[first.._packed.InStart[node + 1]];
        for (var i = 0; i < edges.Length; i++)
        {
            ref readonly var edge = ref edges[i];
            if (question.Asks(edge) && among.Contains(edge.Other) && (!edge.IsEnded || _packed.InEnd(first + i).Leaves(question.Moment)))
                found.Add((edge.Other, node, edge.Relation));
        }
    }

    private void AddRecent(int node, in Question question, NodeSet among, List<(int From, int To, LineageRelation Relation)> found)
    {
        if (_recent.Count == 0)
            return;
        for (var edge = _recent.First(node, into: true); edge >= 0; edge = _recent.Next(edge, into: true))
        {
            var (source, relation) = (_recent.Source(edge), _recent.Relation(edge));
            if (question.Relations.Contains(relation) && among.Contains(source) && _recent.IsVisible(edge, question.Moment))
                found.Add((source, node, relation));
        }
    }

    /// <summary>Several statements may say the same of the edges from a place on.</summary>
    private static void LeaveOnce(List<(int From, int To, LineageRelation Relation)> found, int first)
    {
        if (found.Count - first < 2)
            return;
        var edges = CollectionsMarshal.AsSpan(found)[first..];
        edges.Sort();
        var kept = 1;
        for (var i = 1; i < edges.Length; i++)
        {
            if (edges[i] != edges[kept - 1])
                edges[kept++] = edges[i];
        }

        found.RemoveRange(first + kept, edges.Length - kept);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LookAhead(LineageWalk walk, int place)
    {
        const int Starts = 12;
        const int Edges = 6;
        var nodes = walk.Numbers[..walk.LevelEnd];
        var into = walk.Direction != LineageDirection.Down;
        if (place + Starts < nodes.Length)
            _packed.Prefetch(nodes[place + Starts], into, edges: false);
        if (place + Edges < nodes.Length)
            _packed.Prefetch(nodes[place + Edges], into, edges: true);
    }

    private void Expand(LineageWalk walk, int via, in Question question, NodeSet seen)
    {
        var node = walk.Numbers[via];
        if (walk.Direction is not LineageDirection.Down)
        {
            ExpandUp(walk, via, node, question, seen);
            if (_recent.Count > 0)
                ExpandRecent(walk, via, node, into: true, question, seen);
        }

        if (walk.Direction is not LineageDirection.Up)
        {
            ExpandDown(walk, via, node, question, seen);
            if (_recent.Count > 0)
                ExpandRecent(walk, via, node, into: false, question, seen);
        }
    }

    private void ExpandUp(LineageWalk walk, int via, int node, in Question question, NodeSet seen)
    {
        if (node >= _packed.Nodes)
            return;
        var first = _packed.InStart[node];
        var edges = _packed.In[first.._packed.InStart[node + 1]];
        for (var i = 0; i < edges.Length; i++)
        {
            ref readonly var edge = ref edges[i];
            if (question.Asks(edge) && !seen.Contains(edge.Other) && (!edge.IsEnded || _packed.InEnd(first + i).Leaves(question.Moment))
                && !Take(walk, edge.Other, via, question.Limit, seen))
            {
                return;
            }
        }
    }

    private void ExpandDown(LineageWalk walk, int via, int node, in Question question, NodeSet seen)
    {
        if (node >= _packed.Nodes)
            return;
        var first = _packed.OutStart[node];
        var edges = _packed.Out[first.._packed.OutStart[node + 1]];
        for (var i = 0; i < edges.Length; i++)
        {
            ref readonly var edge = ref edges[i];
            if (question.Asks(edge) && !seen.Contains(edge.Other) && (!edge.IsEnded || _packed.OutEnd(first + i).Leaves(question.Moment))
                && !Take(walk, edge.Other, via, question.Limit, seen))
            {
                return;
            }
        }
    }

    private void ExpandRecent(LineageWalk walk, int via, int node, bool into, in Question question, NodeSet seen)
    {
        for (var edge = _recent.First(node, into); edge >= 0; edge = _recent.Next(edge, into))
        {
            var other = into ? _recent.Source(edge) : _recent.Target(edge);
            if (question.Relations.Contains(_recent.Relation(edge)) && !seen.Contains(other) && _recent.IsVisible(edge, question.Moment)
                && !Take(walk, other, via, question.Limit, seen))
            {
                return;
            }
        }
    }

    private static bool Take(LineageWalk walk, int node, int via, int limit, NodeSet seen)
    {
        if (!walk.Meet(node, via, limit))
            return false;
        seen.Add(node);
        return true;
    }

    /// <summary>What a walk asks of every edge.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly struct Question(LineageRelations relations, Moment moment, (uint Known, uint Held) within, int limit)
    {
        public LineageRelations Relations { get; } = relations;

        public Moment Moment { get; } = moment;

        public int Limit { get; } = limit;

        /// <summary>Whether a packed edge is of a relation asked for, was known by then, and had begun to hold.</summary>
        public bool Asks(in PackedEdge edge) =>
            edge.Known < within.Known && edge.Held < within.Held && ((Relations.Bits >> (int)edge.Relation) & 1) != 0;
    }
}
