using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Catalog.Lineage;

/// <summary>
/// Edges that came after the last packing: appended by one writer, and linked by source and by target from the newest back. A reader
/// remembers how many there were; in the lists it passes over those that came later. Arrays that are full are copied, and earlier readers
/// keep the old ones.
/// </summary>
internal sealed class RecentEdges
{
    private const int FirstEdges = 16;
    private const int NoEdge = 0;

    private Lists _lists =
        new(new int[FirstEdges], new int[FirstEdges], new int[FirstEdges], new int[FirstEdges], new EdgeFacts[FirstEdges], [], []);

    private readonly ConcurrentDictionary<int, RecordEnd> _ends;

    public RecentEdges() => _ends = new();

    private RecentEdges(RecentEdges other) => (_lists, _ends, Count) = (other._lists, new(other._ends), other.Count);

    public int Count { get; private set; }

    /// <summary>The same edges, of which some can end without those who read this one noticing; it is not added to any more.</summary>
    public RecentEdges Fork() => new(this);

    public Reader Read() => new(_lists, _ends, Count);

    /// <param name="nodes">How many nodes there are, these two included.</param>
    public void Add(int nodes, EdgeRecord edge)
    {
        EnsureRoom(nodes);
        var (number, lists) = (Count++, _lists);
        lists.Sources[number] = edge.Source;
        lists.Targets[number] = edge.Target;
        lists.Facts[number] = new EdgeFacts(edge.HeldFrom, edge.KnownFrom, edge.Relation);
        if (!edge.End.IsNone)
            _ends[number] = edge.End;

        // Numbers are linked plus one, so that the zeros of a new array mean none.
        lists.NextOut[number] = lists.Newest(lists.FirstOut, edge.Source);
        lists.NextIn[number] = lists.Newest(lists.FirstIn, edge.Target);
        Volatile.Write(ref lists.FirstOut[edge.Source], number + 1);
        Volatile.Write(ref lists.FirstIn[edge.Target], number + 1);
    }

    public void End(int edge, RecordEnd end) => _ends[edge] = end;

    private void EnsureRoom(int nodes)
    {
        var edges = Count < _lists.Sources.Length ? _lists.Sources.Length : Count * 2;
        var heads = nodes <= _lists.FirstOut.Length ? _lists.FirstOut.Length : Math.Max(FirstEdges, nodes + nodes / 2);
        if (edges == _lists.Sources.Length && heads == _lists.FirstOut.Length)
            return;

        // All of them: a reader that shared the heads but not the links would follow a head to where its links end.
        _lists = new Lists(
            Copy(_lists.Sources, edges), Copy(_lists.Targets, edges), Copy(_lists.NextOut, edges), Copy(_lists.NextIn, edges),
            Copy(_lists.Facts, edges), Copy(_lists.FirstOut, heads), Copy(_lists.FirstIn, heads));
    }

    private static T[] Copy<T>(T[] from, int room)
    {
        var to = new T[room];
        from.CopyTo(to, 0);
        return to;
    }

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct EdgeFacts(long HeldFrom, long KnownFrom, LineageRelation Relation);

    /// <summary>The arrays as they are between two copies.</summary>
    internal sealed record Lists(
        int[] Sources, int[] Targets, int[] NextOut, int[] NextIn, EdgeFacts[] Facts, int[] FirstOut, int[] FirstIn)
    {
        public int Newest(int[] first, int node) => node < first.Length ? Volatile.Read(ref first[node]) : NoEdge;
    }

    /// <summary>The edges that were there at one moment.</summary>
    public sealed class Reader(Lists lists, ConcurrentDictionary<int, RecordEnd> ends, int count)
    {
        public static Reader Empty { get; } = new RecentEdges().Read();

        public int Count => count;

        /// <summary>The newest edge from a node, or into it, that this reader sees; -1 for none.</summary>
        public int First(int node, bool into) => Seen(lists.Newest(into ? lists.FirstIn : lists.FirstOut, node), into);

        /// <summary>The one before in the same list; -1 for none.</summary>
        public int Next(int edge, bool into) => Seen((into ? lists.NextIn : lists.NextOut)[edge], into);

        /// <summary>
        /// The edges from one node to another, found in the shorter of the two lists: a version that a hundred thousand runs read has a
        /// long one, and each of the runs a short one.
        /// </summary>
        public IEnumerable<int> Between(int from, int to)
        {
            var (one, two) = (First(to, into: true), First(from, into: false));
            while (one >= 0 && two >= 0)
                (one, two) = (Next(one, into: true), Next(two, into: false));
            var into = one < 0;
            for (var edge = First(into ? to : from, into); edge >= 0; edge = Next(edge, into))
            {
                if (Source(edge) == from && Target(edge) == to)
                    yield return edge;
            }
        }

        public int Source(int edge) => lists.Sources[edge];

        public int Target(int edge) => lists.Targets[edge];

        public LineageRelation Relation(int edge) => lists.Facts[edge].Relation;

        public bool IsVisible(int edge, Moment moment)
        {
            ref readonly var facts = ref lists.Facts[edge];
            return facts.KnownFrom <= moment.AsOf && facts.HeldFrom <= moment.At
                && (!ends.TryGetValue(edge, out var end) || end.Leaves(moment));
        }

        public EdgeRecord this[int edge] => new(
            Source(edge), Target(edge), Relation(edge), lists.Facts[edge].HeldFrom, lists.Facts[edge].KnownFrom,
            ends.TryGetValue(edge, out var end) ? end : RecordEnd.None);

        private int Seen(int link, bool into)
        {
            while (link > count)
                link = (into ? lists.NextIn : lists.NextOut)[link - 1];
            return link - 1;
        }
    }
}
