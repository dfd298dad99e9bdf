using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>What a facet is about, who says it, and which it is: a new one of the same key takes the place of the one before.</summary>
/// <param name="Of">The job or dataset that carries it.</param>
/// <param name="By">The job whose run said it: two jobs that write one dataset do not take back each other's words. Null where none
/// did.</param>
/// <param name="Facet">Its name.</param>
internal readonly record struct FacetKey(int Of, int? By, string Facet);

/// <summary>
/// The edges that facets say, each facet in force from its event's time until that of the next with the same key, whichever of them came
/// first. A facet that was taken back says no edges; an edge holds while any facet says it.
/// </summary>
internal sealed class FacetHistories(TemporalGraph graph)
{
    private static readonly HashSet<Edge> s_none = [];

    private readonly Dictionary<FacetKey, History> _histories = [];
    private readonly Dictionary<Edge, List<History>> _saidBy = [];

    public void Say(FacetKey key, long time, HashSet<Edge> edges, long position)
    {
        if (!_histories.TryGetValue(key, out var history))
            _histories.Add(key, history = new History());

        var (span, before, after) = history.Put(time, edges);
        foreach (var edge in after.Where(e => !before.Contains(e)))
        {
            var speakers = SpeakersOf(edge);
            if (!speakers.Contains(history))
                speakers.Add(history);
            Replace(edge, Intervals.With(graph.HeldNow(edge.From, edge.To, edge.Relation), span), position);
        }

        foreach (var edge in before.Where(e => !after.Contains(e)))
        {
            var left = Intervals.Without(graph.HeldNow(edge.From, edge.To, edge.Relation), span);
            foreach (var other in _saidBy[edge].Where(h => h != history).SelectMany(h => h.Saying(edge, span)))
                left = Intervals.With(left, other);
            Replace(edge, left, position);
        }
    }

    public void WriteTo(SnapshotWriter snapshot)
    {
        snapshot.Count(_histories.Count);
        foreach (var (key, history) in _histories)
        {
            snapshot.Count(key.Of);
            snapshot.Optional(key.By);
            snapshot.Text(key.Facet);
            history.WriteTo(snapshot);
        }
    }

    public void ReadFrom(SnapshotReader snapshot)
    {
        for (var left = snapshot.Count(); left > 0; left--)
        {
            var key = new FacetKey(snapshot.Count(), (int?)snapshot.Optional(), snapshot.Text() ?? "");
            var history = History.From(snapshot);
            _histories.Add(key, history);
            foreach (var edge in history.Edges())
                SpeakersOf(edge).Add(history);
        }
    }

    private List<History> SpeakersOf(Edge edge)
    {
        if (!_saidBy.TryGetValue(edge, out var speakers))
            _saidBy.Add(edge, speakers = []);
        return speakers;
    }

    private void Replace(Edge edge, IReadOnlyList<Held> held, long position) =>
        graph.Replace(edge.From, edge.To, edge.Relation, [.. held], position);

    /// <summary>What one key said, by time.</summary>
    private sealed class History
    {
        private readonly List<long> _times = [];
        private readonly List<HashSet<Edge>> _edges = [];

        /// <summary>Most times say the same as the one before, which is written as that.</summary>
        public static History From(SnapshotReader snapshot)
        {
            var history = new History();
            foreach (var time in snapshot.Items<long>())
            {
                history._times.Add(time);
                history._edges.Add(snapshot.Flag() ? history._edges[^1] : ReadEdges(snapshot));
            }

            return history;
        }

        public void WriteTo(SnapshotWriter snapshot)
        {
            snapshot.Items<long>(CollectionsMarshal.AsSpan(_times));
            for (var i = 0; i < _edges.Count; i++)
            {
                var isSame = i > 0 && _edges[i] == _edges[i - 1];
                snapshot.Flag(isSame);
                if (isSame)
                    continue;
                snapshot.Count(_edges[i].Count);
                foreach (var edge in _edges[i])
                    edge.WriteTo(snapshot);
            }
        }

        /// <summary>All that it says or ever said.</summary>
        public IEnumerable<Edge> Edges() => _edges.Distinct().SelectMany(e => e).Distinct();

        private static HashSet<Edge> ReadEdges(SnapshotReader snapshot)
        {
            var edges = new HashSet<Edge>();
            for (var left = snapshot.Count(); left > 0; left--)
                edges.Add(Edge.Read(snapshot));
            return edges;
        }

        /// <returns>The span of time in which something else is said than before, what was said in it, and what is now.</returns>
        public (Held Span, HashSet<Edge> Before, HashSet<Edge> After) Put(long time, HashSet<Edge> edges)
        {
            var at = _times.BinarySearch(time);
            HashSet<Edge> before;
            if (at >= 0)
            {
                // Two at one time: what either says. There is no telling which came after which.
                before = _edges[at];
                _edges[at] = edges.IsSubsetOf(before) ? before : [.. before, .. edges];
            }
            else
            {
                at = ~at;
                before = at == 0 ? s_none : _edges[at - 1];
                _times.Insert(at, time);
                _edges.Insert(at, before.SetEquals(edges) ? before : edges); // most say the same again, and share it
            }

            return (SpanOf(at), before, _edges[at]);
        }

        /// <summary>The parts of a span in which an edge is said.</summary>
        public IEnumerable<Held> Saying(Edge edge, Held span)
        {
            var first = _times.BinarySearch(span.From);
            for (var at = Math.Max(0, first >= 0 ? first : ~first - 1); at < _times.Count && _times[at] < span.To; at++)
            {
                var own = SpanOf(at);
                if (_edges[at].Contains(edge) && own.To > span.From)
                    yield return new Held(Math.Max(own.From, span.From), Math.Min(own.To, span.To));
            }
        }

        private Held SpanOf(int at) => new(_times[at], at + 1 < _times.Count ? _times[at + 1] : long.MaxValue);
    }
}
