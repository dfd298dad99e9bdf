using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Catalog.Lineage;

/// <summary>
/// The bulk of the graph's edges, packed once and then only read: twice, sorted by target and by source, so that a walk reads a node's
/// edges in a row whichever way it goes. 24 bytes an edge, 8 a node, and 8 for each time at which an edge began to hold.
/// </summary>
/// <remarks>
/// A record says: from a log position on it was known that an edge held from a time on. Few edges ever end or are known better later; for
/// those a bit is set, and <see cref="RecordEnd"/> holds the rest. What is asked of an edge lies together: in arrays of its own each part
/// would be another miss of the processor's cache.
/// </remarks>
internal sealed class PackedEdges
{
    private readonly PackedEdge[] _in;
    private readonly PackedEdge[] _out;
    private readonly OrderedCodes _known;
    private readonly OrderedCodes _held;

    // Written by the one writer while readers read: an end is there before its bit is.
    private readonly ConcurrentDictionary<int, RecordEnd> _inEnds;
    private readonly ConcurrentDictionary<int, RecordEnd> _outEnds;
    private long _lastReplacedAt;

    private PackedEdges(int nodes, int edges, OrderedCodes known, OrderedCodes held)
    {
        (_in, _out, InStart, OutStart) = (new PackedEdge[edges], new PackedEdge[edges], new int[nodes + 1], new int[nodes + 1]);
        (_known, _held, _inEnds, _outEnds) = (known, held, new(), new());
    }

    private PackedEdges(PackedEdges other)
    {
        (_in, _out, InStart, OutStart) = (other._in, other._out, other.InStart, other.OutStart);
        (_known, _held, _lastReplacedAt) = (other._known, other._held, other._lastReplacedAt);
        (_inEnds, _outEnds) = (new(other._inEnds), new(other._outEnds));
    }

    public static PackedEdges Empty { get; } = Pack(0, []);

    public int Nodes => InStart.Length - 1;

    public int Count => _in.Length;

    /// <summary>Sorted by target; a record's number is its place here.</summary>
    public ReadOnlySpan<PackedEdge> In => _in;

    /// <summary>Sorted by source.</summary>
    public ReadOnlySpan<PackedEdge> Out => _out;

    /// <summary>The records of target <c>n</c> are those from <c>InStart[n]</c> up to <c>InStart[n + 1]</c>.</summary>
    public int[] InStart { get; }

    /// <summary>The edges from source <c>n</c> are those from <c>OutStart[n]</c> up to <c>OutStart[n + 1]</c>.</summary>
    public int[] OutStart { get; }

    public long Bytes => (_in.Length * 24L) + (Nodes * 8L) + _known.Bytes + _held.Bytes + (_inEnds.Count * 96L);

    /// <summary>
    /// Has the processor fetch what the walk will read of a node soon: a walk over a large graph is one miss of the cache after the
    /// other, and those that overlap cost less. A walk over 200,000 nodes took two thirds of the time. Does nothing where the processor
    /// cannot be asked.
    /// </summary>
    /// <param name="node">A node.</param>
    /// <param name="into">Whether its incoming edges will be read, or its outgoing ones.</param>
    /// <param name="edges">Whether the edges themselves; else where they begin.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(int node, bool into, bool edges)
    {
        if (!Sse.IsSupported || node >= Nodes)
            return;
        var starts = into ? InStart : OutStart;
        if (!edges)
            Sse.Prefetch0(Unsafe.AsPointer(ref starts[node]));
        else if (starts[node] is var first && first < Count)
            Sse.Prefetch0(Unsafe.AsPointer(ref (into ? _in : _out)[first]));
    }

    /// <summary>How far codes of positions and of times count at a moment.</summary>
    public (uint Known, uint Held) Within(Moment moment) => (_known.CountUpTo(moment.AsOf), _held.CountUpTo(moment.At));

    /// <summary>The same edges, of which records can end without this one noticing.</summary>
    public PackedEdges Fork() => new(this);

    public RecordEnd InEnd(int record) => EndIn(_inEnds, record);

    public RecordEnd OutEnd(int place) => EndIn(_outEnds, place);

    public EdgeRecord InRecord(int record, int target) => Record(_in[record].Other, target, _in[record], _inEnds, record);

    public EdgeRecord OutRecord(int place, int source) => Record(source, _out[place].Other, _out[place], _outEnds, place);

    /// <summary>A record whose target is not at hand: it is looked up.</summary>
    public EdgeRecord InRecord(int record) => InRecord(record, TargetOf(record));

    /// <summary>The records that became known after a position; looks at nothing where there are none.</summary>
    public IEnumerable<EdgeRecord> KnownAfter(long position)
    {
        if (_known.Greatest <= position)
            yield break;
        var first = _known.CountUpTo(position);
        for (var target = 0; target < Nodes; target++)
        {
            for (var record = InStart[target]; record < InStart[target + 1]; record++)
            {
                if (_in[record].Known >= first)
                    yield return InRecord(record, target);
            }
        }
    }

    /// <summary>The records that were replaced after a position; looks at nothing where there are none.</summary>
    public IEnumerable<EdgeRecord> ReplacedAfter(long position) => Volatile.Read(ref _lastReplacedAt) <= position
        ? []
        : _inEnds.Where(e => e.Value.ReplacedAt > position && e.Value.ReplacedAt != long.MaxValue).Select(e => InRecord(e.Key));

    public void End(int record, RecordEnd end)
    {
        NoteReplaced(end);
        var edge = InRecord(record);
        // Those between the same two nodes lie in one order in both arrays.
        var place = FirstOf(Out, OutStart, edge.Source, edge.Target) + record - FirstOf(In, InStart, edge.Target, edge.Source);
        _inEnds[record] = _outEnds[place] = end;
        _in[record].SetEnded();
        _out[place].SetEnded();
    }

    /// <summary>The numbers of the records between two nodes.</summary>
    public IEnumerable<int> Between(int from, int to)
    {
        if (to >= Nodes)
            yield break;
        for (var record = FirstOf(In, InStart, to, from); record < InStart[to + 1] && _in[record].Other == from; record++)
            yield return record;
    }

    /// <summary>Sorts edges by target and by source, and those of one node by the other, in time proportional to their number.</summary>
    public static PackedEdges Pack(int nodes, IReadOnlyList<EdgeRecord> records)
    {
        var packed = new PackedEdges(
            nodes, records.Count,
            OrderedCodes.Of([.. records.Select(r => r.KnownFrom)]), OrderedCodes.Of([.. records.Select(r => r.HeldFrom)]));
        var (inNext, outNext) = packed.Start(records);
        var order = new int[records.Count];
        for (var i = 0; i < order.Length; i++)
            order[inNext[records[i].Target]++] = i;

        // Whoever takes them in the order of targets leaves the edges of each source in that order, and the other way round.
        var bySource = new int[order.Length];
        foreach (var i in order)
            bySource[outNext[records[i].Source]++] = i;
        packed.InStart.AsSpan(0, nodes).CopyTo(inNext);
        for (var place = 0; place < bySource.Length; place++)
        {
            var r = records[bySource[place]];
            packed.Put(inNext[r.Target]++, place, r);
        }

        return packed;
    }

    /// <summary>By the one writer, before the end itself can be seen.</summary>
    private void NoteReplaced(RecordEnd end)
    {
        if (end.ReplacedAt != long.MaxValue && end.ReplacedAt > _lastReplacedAt)
            Volatile.Write(ref _lastReplacedAt, end.ReplacedAt);
    }

    private void Put(int record, int place, in EdgeRecord r)
    {
        var (known, held) = (_known.CodeOf(r.KnownFrom), _held.CodeOf(r.HeldFrom));
        _in[record] = new PackedEdge(r.Source, r.Relation, known, held);
        _out[place] = new PackedEdge(r.Target, r.Relation, known, held);
        if (r.End.IsNone)
            return;
        NoteReplaced(r.End);
        _inEnds[record] = _outEnds[place] = r.End;
        _in[record].SetEnded();
        _out[place].SetEnded();
    }

    /// <summary>The first of a node's edges whose other node is this one, or where it would be.</summary>
    private static int FirstOf(ReadOnlySpan<PackedEdge> edges, int[] starts, int node, int other)
    {
        var (low, high) = (starts[node], starts[node + 1]);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = edges[middle].Other < other ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private (int[] InNext, int[] OutNext) Start(IReadOnlyList<EdgeRecord> records)
    {
        var (inNext, outNext) = (new int[Nodes], new int[Nodes]);
        foreach (var r in records)
        {
            inNext[r.Target]++;
            outNext[r.Source]++;
        }

        for (var (n, i, o) = (0, 0, 0); n <= Nodes; n++)
        {
            (InStart[n], OutStart[n]) = (i, o);
            if (n == Nodes)
                break;
            (i, o) = (i + inNext[n], o + outNext[n]);
            (inNext[n], outNext[n]) = (InStart[n], OutStart[n]);
        }

        return (inNext, outNext);
    }

    private EdgeRecord Record(int source, int target, PackedEdge edge, ConcurrentDictionary<int, RecordEnd> ends, int place) => new(
        source, target, edge.Relation, _held[edge.Held], _known[edge.Known], edge.IsEnded ? EndIn(ends, place) : RecordEnd.None);

    /// <summary>A bit without an end is of a record that ended in a fork.</summary>
    private static RecordEnd EndIn(ConcurrentDictionary<int, RecordEnd> ends, int place) =>
        ends.TryGetValue(place, out var end) ? end : RecordEnd.None;

    private int TargetOf(int record)
    {
        // The last of the nodes that begin there: those before it have no edges.
        var at = Array.BinarySearch(InStart, record);
        if (at < 0)
            return ~at - 1;
        while (at + 1 < InStart.Length && InStart[at + 1] == record)
            at++;
        return at;
    }
}

/// <summary>An edge as seen from one of its nodes: the other node and the relation in four bytes, and two codes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PackedEdge(int other, LineageRelation relation, uint known, uint held)
{
    /// <summary>The most nodes that a number of 26 bits can tell apart.</summary>
    public const int MaxNodes = 1 << 26;

    private const uint EndedBit = 32;

    private uint _bits = ((uint)other << 6) | (uint)relation;

    public uint Known { get; } = known;

    public uint Held { get; } = held;

    public readonly int Other => (int)(_bits >> 6);

    public readonly LineageRelation Relation => (LineageRelation)(_bits & (EndedBit - 1));

    public readonly bool IsEnded => (_bits & EndedBit) != 0;

    public void SetEnded() => Volatile.Write(ref _bits, _bits | EndedBit);
}

/// <summary>How a record ends: the edge stopped to hold, or what the record says was replaced by what became known later.</summary>
/// <param name="HeldTo">The first moment at which the edge no longer held; <see cref="long.MaxValue"/> for none.</param>
/// <param name="ReplacedAt">Log position from which on another record says it; <see cref="long.MaxValue"/> for none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RecordEnd(long HeldTo, long ReplacedAt)
{
    public static RecordEnd None { get; } = new(long.MaxValue, long.MaxValue);

    public bool IsNone => HeldTo == long.MaxValue && ReplacedAt == long.MaxValue;

    /// <summary>Whether the record counts at a moment in spite of its end.</summary>
    public bool Leaves(Moment moment) =>
        (moment.AsOf < ReplacedAt || ReplacedAt == long.MaxValue) && (moment.At < HeldTo || HeldTo == long.MaxValue);
}

/// <summary>One statement about one edge, in full.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EdgeRecord(int Source, int Target, LineageRelation Relation, long HeldFrom, long KnownFrom, RecordEnd End);
