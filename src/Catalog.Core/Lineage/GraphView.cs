using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage;

/// <summary>The graph as it was at one log position: it never changes, and may be asked from any number of threads.</summary>
public sealed class GraphView
{
    private readonly NodeTable.Reader _nodes;
    private readonly PackedEdges _packed;
    private readonly RecentEdges.Reader _recent;

    internal GraphView(
        NodeTable.Reader nodes, PackedEdges packed, RecentEdges.Reader recent, long position, ImmutableSortedSet<long> late) =>
        (_nodes, _packed, _recent, Position, Late) = (nodes, packed, recent, position, late);

    /// <summary>Log position that the graph includes.</summary>
    public long Position { get; }

    /// <summary>Positions of facts that came after the graph had included later ones, and changed it.</summary>
    public ImmutableSortedSet<long> Late { get; }

    public int NodeCount => _nodes.Count;

    /// <summary>Statements about edges, those that were replaced included.</summary>
    public int EdgeCount => _packed.Count + _recent.Count;

    internal int RecentCount => _recent.Count;

    /// <summary>Bytes that the edges take, intervals and both directions included; names of nodes apart.</summary>
    public long EdgeBytes =>
        _packed.Bytes + (_recent.Count * 40L) + (_recent.Count == 0 ? 0 : NodeCount * 8L);

    /// <summary>Bytes that the names of nodes take, with what finds them.</summary>
    public long NameBytes => _nodes.Bytes;

    /// <summary>The number of a node; -1 when no edge ever named it.</summary>
    public int Find(NodeId node) => _nodes.Find(node);

    /// <summary>The node with a number.</summary>
    public NodeId NodeOf(int node) => _nodes[node];

    public NodeKind KindOf(int node) => _nodes.KindOf(node);

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

    /// <summary>The edges between nodes of a walk, each once, in the direction of the flow.</summary>
    public IEnumerable<(int From, int To, LineageRelation Relation)> EdgesAmong(
        IReadOnlyCollection<int> nodes, LineageRelations relations, Moment moment)
    {
        var among = nodes as IReadOnlySet<int> ?? nodes.ToHashSet();
        moment = Clamp(moment);
        var told = new HashSet<(int, LineageRelation)>();
        foreach (var node in nodes)
        {
            told.Clear();
            foreach (var edge in Records(node, into: true))
            {
                var shown = relations.Contains(edge.Relation) && among.Contains(edge.Source) && IsVisible(edge, moment);
                if (shown && told.Add((edge.Source, edge.Relation)))
                    yield return (edge.Source, node, edge.Relation);
            }
        }
    }

    /// <summary>Everything that was ever said about the edge between two nodes: when it held, and when that was known.</summary>
    public IEnumerable<EdgeHistory> HistoryOf(int from, int to, LineageRelations relations)
    {
        foreach (var edge in _packed.Between(from, to).Select(r => _packed.InRecord(r, to))
            .Concat(_recent.Between(from, to).Select(e => _recent[e])))
        {
            if (relations.Contains(edge.Relation) && edge.KnownFrom <= Position)
            {
                yield return new EdgeHistory(
                    edge.Relation, edge.HeldFrom, edge.End.HeldTo == long.MaxValue ? null : edge.End.HeldTo,
                    edge.KnownFrom, edge.End.ReplacedAt > Position ? null : edge.End.ReplacedAt);
            }
        }
    }

    /// <summary>
    /// When an edge began to hold, as known at a moment, in ticks (UTC); <see cref="long.MaxValue"/> when it is not known to have.
    /// </summary>
    public long HeldSince(int from, int to, LineageRelation relation, Moment moment)
    {
        var asOf = Clamp(moment).AsOf;
        return HistoryOf(from, to, LineageRelations.Of(relation))
            .Where(h => h.KnownFrom <= asOf && (h.KnownTo is null || h.KnownTo > asOf) && h.HeldFrom <= moment.At)
            .Select(h => h.HeldFrom)
            .DefaultIfEmpty(long.MaxValue)
            .Min();
    }

    /// <summary>Whether an edge had named the node by a log position.</summary>
    public bool IsKnown(int node, long asOf) =>
        Records(node, into: true).Concat(Records(node, into: false)).Any(e => e.KnownFrom <= Math.Min(asOf, Position));

    /// <summary>The neighbours of a node on one side.</summary>
    public IReadOnlyList<(int Node, LineageRelation Relation)> Neighbours(int node, bool into, LineageRelations relations, Moment moment)
    {
        moment = Clamp(moment);
        var found = new HashSet<(int, LineageRelation)>();
        foreach (var edge in Records(node, into))
        {
            if (relations.Contains(edge.Relation) && IsVisible(edge, moment))
                found.Add((into ? edge.Source : edge.Target, edge.Relation));
        }

        return [.. found];
    }

    /// <summary>The neighbours of a node by edges that hold or ever held.</summary>
    public IReadOnlyList<(int Node, LineageRelation Relation)> EverNeighbours(int node, bool into, LineageRelations relations) =>
        [
            .. Records(node, into)
                .Where(e => relations.Contains(e.Relation))
                .Select(e => (into ? e.Source : e.Target, e.Relation))
                .Distinct(),
        ];

    /// <summary>
    /// What was said of edges, or is no longer said, since a position. Whoever keeps statements by all that they say but
    /// <see cref="EdgeChange.KnownUntil"/>, and takes each change over, has what the graph has.
    /// </summary>
    /// <param name="position">What was known by then is left out.</param>
    /// <param name="late">Positions of facts of before that came since, from <see cref="Late"/>.</param>
    public IEnumerable<EdgeChange> ChangesSince(long position, IReadOnlySet<long> late)
    {
        var changed = late.Count > 0
            ? Records().Where(e => IsSince(e.KnownFrom) || IsSince(e.End.ReplacedAt))
            : _packed.KnownAfter(position)
                .Concat(_packed.ReplacedAfter(position).Where(e => e.KnownFrom <= position && IsSince(e.End.ReplacedAt)))
                .Concat(Recent().Where(e => IsSince(e.KnownFrom) || IsSince(e.End.ReplacedAt)));

        // What was replaced by the same fact was never known.
        return changed.Select(AsKnownHere).Where(e => e.KnownFrom <= Position && e.KnownFrom != e.End.ReplacedAt).Select(EdgeChange.Of);

        bool IsSince(long at) => (at > position && at <= Position) || late.Contains(at);
    }

    /// <summary>Every statement, those that were replaced included.</summary>
    internal IEnumerable<EdgeRecord> Records()
    {
        for (var target = 0; target < _packed.Nodes; target++)
        {
            for (var record = _packed.InStart[target]; record < _packed.InStart[target + 1]; record++)
                yield return _packed.InRecord(record, target);
        }

        foreach (var edge in Recent())
            yield return edge;
    }

    private IEnumerable<EdgeRecord> Recent()
    {
        for (var i = 0; i < _recent.Count; i++)
            yield return _recent[i];
    }

    /// <summary>A writer may be ending a record just now, at a position that this view does not include.</summary>
    private EdgeRecord AsKnownHere(EdgeRecord edge) =>
        edge.End.ReplacedAt > Position ? edge with { End = edge.End with { ReplacedAt = long.MaxValue } } : edge;

    /// <summary>Writes all that the graph knows at <see cref="Position"/>. The writer may go on meanwhile.</summary>
    internal void WriteTo(SnapshotWriter snapshot)
    {
        _nodes.WriteTo(snapshot);
        EdgeRecords.Write(snapshot, Records(), EdgeCount, Position);
    }

    internal PackedEdges Pack() => PackedEdges.Pack(NodeCount, [.. Records()]);

    internal ReadOnlySpan<byte> NameOf(int node) => _nodes.NameOf(node);

    private IEnumerable<EdgeRecord> Records(int node, bool into)
    {
        if (node < _packed.Nodes)
        {
            var starts = into ? _packed.InStart : _packed.OutStart;
            for (var i = starts[node]; i < starts[node + 1]; i++)
                yield return into ? _packed.InRecord(i, node) : _packed.OutRecord(i, node);
        }

        for (var edge = _recent.First(node, into); edge >= 0; edge = _recent.Next(edge, into))
            yield return _recent[edge];
    }

    private static bool IsVisible(EdgeRecord edge, Moment moment) =>
        edge.KnownFrom <= moment.AsOf && edge.HeldFrom <= moment.At && edge.End.Leaves(moment);

    /// <summary>What this view does not include is not known to it, though a writer may be adding it just now.</summary>
    private Moment Clamp(Moment moment) => moment with { AsOf = Math.Min(moment.AsOf, Position) };

    // The inner loops: no iterators and no records here.
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

    /// <summary>A set of numbers below a bound, one bit each, which is used again by the next walk.</summary>
    private sealed class NodeSet
    {
        private static readonly ConcurrentBag<NodeSet> s_idle = [];

        private readonly List<int> _touched = [];
        private ulong[] _bits = [];

        public static NodeSet Rent(int nodes)
        {
            var set = s_idle.TryTake(out var idle) ? idle : new NodeSet();
            if (set._bits.Length * 64 < nodes)
                set._bits = new ulong[(nodes >> 6) + 1];
            return set;
        }

        public bool Contains(int node) => (_bits[node >> 6] & (1UL << node)) != 0;

        public bool Add(int node)
        {
            ref var word = ref _bits[node >> 6];
            if ((word & (1UL << node)) != 0)
                return false;
            if (word == 0)
                _touched.Add(node >> 6);
            word |= 1UL << node;
            return true;
        }

        public void Return()
        {
            foreach (var word in _touched)
                _bits[word] = 0;
            _touched.Clear();
            s_idle.Add(this);
        }
    }
}

/// <summary>One statement about an edge.</summary>
/// <param name="Relation">How data flowed.</param>
/// <param name="HeldFrom">Ticks (UTC).</param>
/// <param name="HeldTo">Ticks (UTC); null for no end.</param>
/// <param name="KnownFrom">Log position of the fact that said so.</param>
/// <param name="KnownTo">Log position of the fact that said otherwise; null while it stands.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EdgeHistory(LineageRelation Relation, long HeldFrom, long? HeldTo, long KnownFrom, long? KnownTo);
