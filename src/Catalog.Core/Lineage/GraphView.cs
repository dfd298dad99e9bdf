using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage;

/// <summary>The graph as it was at one log position: it never changes, and may be asked from any number of threads.</summary>
public sealed partial class GraphView
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

    /// <summary>The neighbours of a node by edges that hold or ever held, and from which position on the first was known.</summary>
    public IReadOnlyDictionary<int, long> FirstKnown(int node, bool into, LineageRelations relations)
    {
        var found = new Dictionary<int, long>();
        foreach (var edge in Records(node, into))
        {
            if (!relations.Contains(edge.Relation))
                continue;
            var other = into ? edge.Source : edge.Target;
            found[other] = found.TryGetValue(other, out var known) ? Math.Min(known, edge.KnownFrom) : edge.KnownFrom;
        }

        return found;
    }

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
                .Concat(RecentSince(position).Where(e => IsSince(e.KnownFrom) || IsSince(e.End.ReplacedAt)));

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

    /// <summary>
    /// Recent edges said or ended behind a position, and some others: of an idle minute not all of them are looked at. They stand in the
    /// order of positions, but for those of late facts.
    /// </summary>
    private IEnumerable<EdgeRecord> RecentSince(long position)
    {
        var first = _recent.Count;
        while (first > 0 && _recent.KnownFrom(first - 1) is var known && (known > position || Late.Contains(known)))
            first--;
        foreach (var ended in _recent.EndedBefore(first))
            yield return _recent[ended];
        for (var i = first; i < _recent.Count; i++)
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
}

/// <summary>One statement about an edge.</summary>
/// <param name="Relation">How data flowed.</param>
/// <param name="HeldFrom">Ticks (UTC).</param>
/// <param name="HeldTo">Ticks (UTC); null for no end.</param>
/// <param name="KnownFrom">Log position of the fact that said so.</param>
/// <param name="KnownTo">Log position of the fact that said otherwise; null while it stands.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EdgeHistory(LineageRelation Relation, long HeldFrom, long? HeldTo, long KnownFrom, long? KnownTo);
