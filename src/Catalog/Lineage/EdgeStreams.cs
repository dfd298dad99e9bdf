namespace Catalog.Lineage;

/// <summary>
/// The streams whose facts can say an edge, as far as the graph connects them with its ends: those of the ends, of the runs of a job at
/// either end, of runs that read or made a dataset where no job or run is at an end, and of what said it first, with the runs of the same
/// job. Whether a fact does say it is for <see cref="EdgeClaim"/> to tell.
/// </summary>
/// <param name="view">The graph.</param>
/// <param name="limit">So many streams at most.</param>
internal sealed class EdgeStreams(GraphView view, int limit)
{
    private readonly HashSet<string> _streams = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Found => _streams;

    /// <summary>Whether there are more than the limit.</summary>
    public bool Cut { get; private set; }

    /// <param name="from">Where data came from.</param>
    /// <param name="to">What it flowed into.</param>
    /// <param name="said">Streams of the facts that are known to have changed what is known of the edge.</param>
    public EdgeStreams Of(NodeId from, NodeId to, IEnumerable<string> said)
    {
        foreach (var stream in said)
        {
            Add(stream);
            if (NodeId.TryParse(stream, out var node, out _) && node.Kind == NodeKind.Run)
                AddRuns(Ever(node, into: true, LineageRelation.Ran));
        }

        Add(from.StreamId);
        Add(to.StreamId);
        NodeId[] ends = [from, to];
        if (ends.All(e => e.Kind is NodeKind.Dataset))
        {
            AddUsers(from);
            AddUsers(to);
        }

        AddRuns(ends.Where(e => e.Kind is NodeKind.Job));
        foreach (var run in ends.Where(e => e.Kind is NodeKind.Run))
            AddNodes(Ever(run, into: false, LineageRelation.Started)); // an event of a run names the job of its parent
        return this;
    }

    /// <summary>Runs of the jobs that use a dataset, and those that used a version of it.</summary>
    private void AddUsers(NodeId dataset)
    {
        if (dataset.Version is not null)
        {
            AddNodes(Ever(dataset, into: true, LineageRelation.Output));
            AddNodes(Ever(dataset, into: false, LineageRelation.Input));
            return;
        }

        var thing = dataset.WithoutVersion();
        AddRuns(Ever(thing, into: true, LineageRelation.Writes));
        AddRuns(Ever(thing, into: false, LineageRelation.Reads));
        foreach (var version in Ever(thing, into: false, LineageRelation.Version))
            AddNodes(Ever(version, into: true, LineageRelation.Output));
    }

    private void AddRuns(IEnumerable<NodeId> jobs)
    {
        foreach (var job in jobs)
        {
            Add(job.StreamId);
            AddNodes(Ever(job, into: false, LineageRelation.Ran));
        }
    }

    private void AddNodes(IEnumerable<NodeId> nodes)
    {
        foreach (var node in nodes)
            Add(node.StreamId);
    }

    private void Add(string stream)
    {
        if (_streams.Count < limit)
            _streams.Add(stream);
        else
            Cut |= !_streams.Contains(stream);
    }

    private IEnumerable<NodeId> Ever(NodeId node, bool into, LineageRelation relation) => view.Find(node) is var number and >= 0
        ? view.EverNeighbours(number, into, LineageRelations.Of(relation)).Select(n => view.NodeOf(n.Node))
        : [];
}
