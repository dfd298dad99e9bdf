namespace Catalog.Lineage;

/// <summary>
/// The streams whose facts can say an edge, as far as the graph connects them with its ends: those of the ends, of the runs of a job at
/// either end, of runs that read or made a dataset where no job or run is at an end, of the view of a generation, and of what said it
/// first, with the runs of the same job. Whether a fact does say it is for <see cref="EdgeClaim"/> to tell.
/// </summary>
/// <param name="view">The graph.</param>
/// <param name="limit">So many streams at most: those that the graph knows longest.</param>
internal sealed class EdgeStreams(GraphView view, int limit)
{
    private readonly HashSet<string> _streams = new(StringComparer.Ordinal);

    /// <summary>Runs and jobs, and from which position on an edge connected them.</summary>
    private readonly Dictionary<int, long> _near = [];

    public IReadOnlyCollection<string> Found => _streams;

    /// <summary>Whether there are more than the limit.</summary>
    public bool Cut { get; private set; }

    /// <param name="from">Where data came from.</param>
    /// <param name="to">What it flowed into.</param>
    /// <param name="said">Streams of the facts that are known to have changed what is known of the edge.</param>
    public EdgeStreams Of(NodeId from, NodeId to, IEnumerable<string> said)
    {
        Add(from.StreamId);
        Add(to.StreamId);
        foreach (var stream in said)
        {
            Add(stream);
            if (NodeId.TryParse(stream, out var node, out _) && node.Kind == NodeKind.Run)
                MeetRuns(Ever(node, into: true, LineageRelation.Ran));
        }

        NodeId[] ends = [from, to];
        if (ends.All(e => e.Kind is NodeKind.Dataset))
        {
            MeetUsers(from);
            MeetUsers(to);
        }

        foreach (var generation in ends.Where(e => e.Kind is NodeKind.Generation))
            Meet(Ever(generation, into: true, LineageRelation.Materialised)); // its facts are on its view's stream
        foreach (var job in ends.Where(e => e.Kind is NodeKind.Job))
            Meet(Ever(job, into: false, LineageRelation.Ran));
        foreach (var run in ends.Where(e => e.Kind is NodeKind.Run))
            Meet(Ever(run, into: false, LineageRelation.Started)); // an event of a run names the job of its parent
        foreach (var (node, _) in _near.Count > limit ? FromTheOldest() : _near)
            Add(view.NodeOf(node).StreamId);
        return this;
    }

    /// <summary>Runs of the jobs that use a dataset, and those that used a version of it.</summary>
    private void MeetUsers(NodeId dataset)
    {
        if (dataset.Version is not null)
        {
            Meet(Ever(dataset, into: true, LineageRelation.Output));
            Meet(Ever(dataset, into: false, LineageRelation.Input));
            return;
        }

        var thing = dataset.WithoutVersion();
        MeetRuns(Ever(thing, into: true, LineageRelation.Writes));
        MeetRuns(Ever(thing, into: false, LineageRelation.Reads));
        foreach (var version in Ever(thing, into: false, LineageRelation.Version).Keys)
            Meet(Ever(version, into: true, LineageRelation.Output));
    }

    private void MeetRuns(IReadOnlyDictionary<int, long> jobs)
    {
        Meet(jobs);
        foreach (var job in jobs.Keys)
            Meet(Ever(job, into: false, LineageRelation.Ran));
    }

    private void Meet(IReadOnlyDictionary<int, long> nodes)
    {
        foreach (var (node, since) in nodes)
            _near[node] = _near.TryGetValue(node, out var earlier) ? Math.Min(earlier, since) : since;
    }

    /// <summary>In an order that is the same on every server, whose graphs number nodes each in its own way.</summary>
    private IEnumerable<KeyValuePair<int, long>> FromTheOldest() =>
        _near.OrderBy(n => n.Value).ThenBy(n => view.NodeOf(n.Key), NodeId.Order);

    private void Add(string stream)
    {
        if (_streams.Count < limit)
            _streams.Add(stream);
        else
            Cut |= !_streams.Contains(stream);
    }

    private IReadOnlyDictionary<int, long> Ever(NodeId node, bool into, LineageRelation relation) =>
        view.Find(node) is var number and >= 0 ? Ever(number, into, relation) : s_none;

    private IReadOnlyDictionary<int, long> Ever(int node, bool into, LineageRelation relation) =>
        view.FirstKnown(node, into, LineageRelations.Of(relation));

    private static readonly Dictionary<int, long> s_none = [];
}
