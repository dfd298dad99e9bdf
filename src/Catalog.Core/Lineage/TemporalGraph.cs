using System.Collections.Immutable;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage;

/// <summary>
/// The lineage graph: what flowed into what, when each edge held and when that became known. One writer brings it up to date, fact by
/// fact in the order of the log, and publishes; any number of readers ask <see cref="Current"/>, which never changes under them and never
/// waits.
/// </summary>
/// <remarks>
/// Nodes are numbers. Most edges lie packed in sorted arrays; what came since lies in linked lists, and is packed in the background when
/// it has grown to an eighth of the whole. (Compressed sparse rows with a delta, as LSM trees do for keys.)
/// </remarks>
public sealed class TemporalGraph
{
    private const int SmallestPacking = 16 * 1024;

    private readonly NodeTable _nodes;
    private readonly List<int> _found = [];
    private PackedEdges _packed;
    private RecentEdges _recent = new();
    private ImmutableSortedSet<long> _late = [];
    private GraphView _current;
    private Packing? _packing;
    private bool _isForked;

    public TemporalGraph()
        : this(new NodeTable(), PackedEdges.Empty, position: 0)
    {
    }

    private TemporalGraph(NodeTable nodes, PackedEdges packed, long position)
    {
        (_nodes, _packed) = (nodes, packed);
        _current = new GraphView(_nodes.Read(), _packed, _recent.Read(), position, _late);
    }

    /// <summary>The graph as it was last published.</summary>
    public GraphView Current => Volatile.Read(ref _current);

    /// <summary>The graph that a view wrote: <see cref="GraphView.WriteTo"/>.</summary>
    internal static TemporalGraph From(SnapshotReader snapshot, long position)
    {
        var nodes = NodeTable.From(snapshot);
        return new TemporalGraph(nodes, PackedEdges.Pack(nodes.Count, EdgeRecords.Read(snapshot, nodes.Count)), position);
    }

    /// <summary>The number of a node, which is made on first sight.</summary>
    public int Node(NodeId node) => _nodes.Intern(node);

    /// <summary>An edge held from a moment on. Said again, or said of a later moment, it is nothing new.</summary>
    /// <param name="from">Number of the node that data flowed from.</param>
    /// <param name="to">Number of the node it flowed into.</param>
    /// <param name="relation">How.</param>
    /// <param name="since">Ticks (UTC).</param>
    /// <param name="position">Log position of the fact that says so.</param>
    public void Hold(int from, int to, LineageRelation relation, long since, long position)
    {
        var known = Find(from, to, relation);
        foreach (var record in known)
        {
            var held = RecordOf(record);
            if (held.End.HeldTo == long.MaxValue && held.HeldFrom <= since)
                return;
        }

        // What held before and ended, such as a deployment that was rolled back to, did so all the same.
        ReadOnlySpan<Held> all = known.Count == 0
            ? [Held.Since(since)]
            : [.. Intervals.With(HeldNow(from, to, relation), Held.Since(since))];
        Replace(from, to, relation, all, position);
    }

    /// <summary>From a log position on it is known that an edge held just then; what was known before stays known as of before.</summary>
    /// <param name="from">Number of the node that data flowed from.</param>
    /// <param name="to">Number of the node it flowed into.</param>
    /// <param name="relation">How.</param>
    /// <param name="held">All intervals; none for an edge that turned out never to have held.</param>
    /// <param name="position">Log position of the fact that says so.</param>
    public void Replace(int from, int to, LineageRelation relation, ReadOnlySpan<Held> held, long position) =>
        Replace(from, to, relation, Held.Since(long.MinValue), held, position);

    /// <summary>The same for what began to hold in a span of time; what began at other times stays.</summary>
    /// <param name="from">Number of the node that data flowed from.</param>
    /// <param name="to">Number of the node it flowed into.</param>
    /// <param name="relation">How.</param>
    /// <param name="span">When what is known anew began.</param>
    /// <param name="held">All intervals that began in it.</param>
    /// <param name="position">Log position of the fact that says so.</param>
    internal void Replace(int from, int to, LineageRelation relation, Held span, ReadOnlySpan<Held> held, long position)
    {
        if (position <= Current.Position)
            TakeLate(position);
        Span<bool> there = held.Length <= 64 ? stackalloc bool[held.Length] : new bool[held.Length];
        foreach (var record in Find(from, to, relation))
        {
            var known = RecordOf(record);
            if (!span.Includes(known.HeldFrom))
                continue;
            var same = held.IndexOf(new Held(known.HeldFrom, known.End.HeldTo));
            if (same >= 0)
                there[same] = true;
            else
                End(record, known.End with { ReplacedAt = position });
        }

        for (var i = 0; i < held.Length; i++)
        {
            if (!there[i])
                _recent.Add(
                    _nodes.Count, new EdgeRecord(from, to, relation, held[i].From, position, new RecordEnd(held[i].To, long.MaxValue)));
        }
    }

    /// <summary>
    /// A fact that readers hold for absent replaces what their views show: those go on with what they have, whole.
    /// </summary>
    private void TakeLate(long position)
    {
        _late = _late.Add(position);
        if (_isForked)
            return;
        (_packed, _recent, _isForked) = (_packed.Fork(), _recent.Fork(), true);
    }

    /// <summary>When an edge held, as far as is known by now: for the writer, who sees what is not published yet.</summary>
    public IReadOnlyList<Held> HeldNow(int from, int to, LineageRelation relation) =>
        [.. Find(from, to, relation).Select(RecordOf).Select(r => new Held(r.HeldFrom, r.End.HeldTo))];

    /// <summary>The neighbours of a node by edges without an end: for the writer, who sees what is not published yet.</summary>
    public IReadOnlyList<(int Node, LineageRelation Relation)> Neighbours(int node, bool into, LineageRelations relations) =>
        new GraphView(_nodes.Read(), _packed, _recent.Read(), long.MaxValue, _late).Neighbours(node, into, relations, Moment.Latest);

    /// <summary>The neighbours of a node by edges that hold or ever held: for the writer.</summary>
    internal IReadOnlyList<(int Node, LineageRelation Relation)> EverNeighbours(int node, bool into, LineageRelations relations) =>
        new GraphView(_nodes.Read(), _packed, _recent.Read(), long.MaxValue, _late).EverNeighbours(node, into, relations);

    /// <summary>The text of a node, in UTF-8.</summary>
    internal ReadOnlySpan<byte> NameOf(int node) => _nodes.Read().NameOf(node);

    /// <summary>The node with a number.</summary>
    public NodeId NodeOf(int node) => _nodes.Read()[node];

    /// <summary>Has readers know which facts were taken in late, before the graph was saved that this one goes on from.</summary>
    public void TookLate(IEnumerable<long> positions)
    {
        _late = _late.Union(positions);
        Publish(Current.Position);
    }

    /// <summary>Lets readers see what was said since, as known at a log position.</summary>
    public void Publish(long position)
    {
        TakeInPacking();
        _isForked = false;
        Volatile.Write(ref _current, new GraphView(_nodes.Read(), _packed, _recent.Read(), position, _late));
        if (_packing is null && _recent.Count >= Math.Max(SmallestPacking, _packed.Count / 8))
            _packing = new Packing(Current);
    }

    /// <summary>Packs all edges now, and publishes: after a bulk load, and where the time that it takes does not matter.</summary>
    public void Pack(long position)
    {
        do
        {
            Publish(position);
            _packing ??= new Packing(Current);
            _packing.Wait();
            Publish(position);
        }
        while (_recent.Count > 0); // what came while another packing was under way
    }

    /// <summary>The writer goes on while edges are packed; what it added or ended meanwhile is carried over.</summary>
    private void TakeInPacking()
    {
        if (_packing is { HasFailed: true })
            _packing = null; // for want of memory: it is tried again
        if (_packing is not { IsDone: true } done)
            return;

        var (packed, since) = (done.Result, _recent.Read());
        foreach (var (edge, end) in done.EndedMeanwhile)
            packed.End(FindIn(packed, edge), end);
        var recent = new RecentEdges();
        for (var i = done.RecentTaken; i < since.Count; i++)
            recent.Add(_nodes.Count, since[i]);
        (_packed, _recent, _packing) = (packed, recent, null);
    }

    private void End(int record, RecordEnd end)
    {
        if (_packing is not null && IsTaken(record))
            _packing.EndedMeanwhile.Add((RecordOf(record), end));
        if (record < _packed.Count)
            _packed.End(record, end);
        else
            _recent.End(record - _packed.Count, end);
    }

    private bool IsTaken(int record) => record < _packed.Count + (_packing?.RecentTaken ?? 0);

    /// <summary>
    /// The records of an edge that are not replaced: packed ones by their number, recent ones after those. Good until the next call.
    /// </summary>
    private List<int> Find(int from, int to, LineageRelation relation)
    {
        _found.Clear();
        foreach (var record in _packed.Between(from, to))
        {
            if (_packed.In[record].Relation == relation && IsOpen(record))
                _found.Add(record);
        }

        var recent = _recent.Read();
        foreach (var edge in recent.Between(from, to))
        {
            if (recent.Relation(edge) == relation && IsOpen(_packed.Count + edge))
                _found.Add(_packed.Count + edge);
        }

        return _found;
    }

    private bool IsOpen(int record) => RecordOf(record).End.ReplacedAt == long.MaxValue;

    private EdgeRecord RecordOf(int record) =>
        record < _packed.Count ? _packed.InRecord(record) : _recent.Read()[record - _packed.Count];

    private static int FindIn(PackedEdges packed, EdgeRecord edge)
    {
        foreach (var record in packed.Between(edge.Source, edge.Target))
        {
            if (IsSame(packed.InRecord(record, edge.Target), edge))
                return record;
        }

        throw new InvalidOperationException("An edge was lost while edges were packed.");
    }

    /// <summary>Whether two records say the same, whenever that was replaced.</summary>
    private static bool IsSame(EdgeRecord a, EdgeRecord b) =>
        a with { End = default } == b with { End = default } && a.End.HeldTo == b.End.HeldTo;

    /// <summary>Packs one view's edges on another thread.</summary>
    private sealed class Packing
    {
        private readonly Task<PackedEdges> _work;

        public Packing(GraphView view)
        {
            RecentTaken = view.RecentCount;
            _work = Task.Run(view.Pack);
        }

        /// <summary>How many recent edges are among those packed.</summary>
        public int RecentTaken { get; }

        public List<(EdgeRecord Edge, RecordEnd End)> EndedMeanwhile { get; } = [];

        public bool IsDone => _work.IsCompleted;

        public bool HasFailed => _work.IsFaulted;

        public PackedEdges Result => _work.GetAwaiter().GetResult();

        public void Wait() => _work.GetAwaiter().GetResult();
    }
}
