using Catalog.Lineage;

namespace Catalog.Server.Doors.Marquez;

/// <summary>What the lineage graph says of jobs, runs, datasets and their versions.</summary>
/// <param name="view">The graph.</param>
/// <param name="moment">What was known when.</param>
/// <param name="sight">What of it is told: the rest is as if it were not there.</param>
internal sealed class MarquezGraph(GraphView view, Moment moment, MarquezSight sight)
{
    public static MarquezGraph Current(GraphFollower follower, MarquezSight sight) => new(follower.Current, Moment.Latest, sight);

    public bool Knows(NodeId node) => view.Find(node) is >= 0 and var number && view.IsKnown(number, moment.AsOf);

    public IReadOnlyList<NodeId> InputsOf(NodeId job) => Datasets(job, into: true, LineageRelation.Reads);

    public IReadOnlyList<NodeId> OutputsOf(NodeId job) => Datasets(job, into: false, LineageRelation.Writes);

    public IReadOnlyList<NodeId> ReadBy(NodeId run) => Datasets(run, into: true, LineageRelation.Input);

    public IReadOnlyList<NodeId> MadeBy(NodeId run) => Datasets(run, into: false, LineageRelation.Output);

    public NodeId? MakerOf(NodeId version) =>
        Beside(version, into: true, LineageRelation.Output).Order(NodeId.Order).Select(n => (NodeId?)n).FirstOrDefault();

    public IReadOnlyList<NodeId> ColumnsOf(NodeId dataset) =>
        [.. Beside(dataset, into: false, LineageRelation.HasColumn).Order(NodeId.Order)];

    /// <summary>Versions, the newest first, and since when each is there.</summary>
    public IReadOnlyList<(NodeId Version, DateTimeOffset Since)> VersionsOf(NodeId dataset) =>
    [
        .. Beside(dataset, into: false, LineageRelation.Version)
            .Select(v => (Version: v, Since: Since(dataset, v)))
            .OrderByDescending(v => v.Since).ThenByDescending(v => v.Version, NodeId.Order),
    ];

    /// <summary>The first of <see cref="VersionsOf"/>, found without a look at the names of the others; null where there is none.</summary>
    public NodeId? NewestOf(NodeId dataset)
    {
        if (!sight.Shows(dataset) || view.Find(dataset) is not (>= 0 and var number))
            return null;
        var (newest, latest) = (default(NodeId?), -1L);
        foreach (var (version, _) in view.Neighbours(number, into: false, LineageRelations.Of(LineageRelation.Version), moment))
        {
            var since = Ticks(view.HeldSince(number, version, LineageRelation.Version, moment));
            if (since > latest)
                (newest, latest) = (view.NodeOf(version), since);
            else if (since == latest && newest is { } other && view.NodeOf(version) is var same && NodeId.Order.Compare(same, other) > 0)
                newest = same;
        }

        return newest;
    }

    /// <summary>The version that a UUID stands for.</summary>
    public NodeId? VersionOf(NodeId dataset, Guid uuid) =>
        Beside(dataset, into: false, LineageRelation.Version).Where(v => MarquezIds.Uuid(v) == uuid)
            .Select(v => (NodeId?)v).FirstOrDefault();

    public DateTimeOffset Since(NodeId dataset, NodeId version) =>
        view.HeldSince(view.Find(dataset), view.Find(version), LineageRelation.Version, moment) is var ticks
        && ticks < DateTimeOffset.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : DateTimeOffset.UnixEpoch;

    /// <summary>
    /// A node and what it was made from, and what was made of it; each once, the near before the far. The two sides share the limit: what
    /// one does not need the other has.
    /// </summary>
    /// <returns>The nodes, and whether there were more.</returns>
    public (IReadOnlyList<NodeId> Nodes, bool Cut) Around(
        IReadOnlyList<NodeId> from, LineageRelations along, bool down, int depth, int limit, Func<NodeId, bool> admits)
    {
        var (up, upCut) = Walk(LineageDirection.Up);
        var (uses, downCut) = down ? Walk(LineageDirection.Down) : ([], false);
        var met = new HashSet<NodeId>();
        foreach (var node in from.Concat(Alternating(up, uses)))
        {
            if (met.Count == limit && !met.Contains(node))
                return ([.. met], true);
            met.Add(node);
        }

        return ([.. met], upCut || downCut);

        (IReadOnlyList<NodeId> Nodes, bool Cut) Walk(LineageDirection direction)
        {
            int[] starts = [.. from.Select(view.Find).Where(n => n >= 0)];
            var walk = view.Walk(starts, direction, along, moment, depth, limit, n => IsShown(view.NodeOf(n)));
            return ([.. walk.Nodes.Select(view.NodeOf).Where(IsShown)], walk.Truncated);
        }

        bool IsShown(NodeId node) => admits(node) && sight.Shows(node);
    }

    /// <summary>The edges between nodes, in the direction of the flow.</summary>
    public IEnumerable<(NodeId From, NodeId To)> EdgesAmong(IEnumerable<NodeId> nodes, LineageRelations along) =>
        view.EdgesAmong(nodes.Select(view.Find).Where(n => n >= 0).ToHashSet(), along, moment)
            .Select(e => (view.NodeOf(e.From), view.NodeOf(e.To))).Distinct();

    private IReadOnlyList<NodeId> Datasets(NodeId of, bool into, LineageRelation relation) =>
        [.. Beside(of, into, relation).Where(n => n.Kind == NodeKind.Dataset).Order(NodeId.Order)];

    private IEnumerable<NodeId> Beside(NodeId of, bool into, LineageRelation relation) =>
        view.Find(of) is >= 0 and var number
            ? view.Neighbours(number, into, LineageRelations.Of(relation), moment).Select(n => view.NodeOf(n.Node))
                .Where(n => sight.Shows(n))
            : [];

    /// <summary>What is not known to have begun is as old as can be.</summary>
    private static long Ticks(long since) => since < DateTimeOffset.MaxValue.Ticks ? since : DateTimeOffset.UnixEpoch.Ticks;

    private static IEnumerable<NodeId> Alternating(IReadOnlyList<NodeId> one, IReadOnlyList<NodeId> other)
    {
        for (var i = 0; i < Math.Max(one.Count, other.Count); i++)
        {
            if (i < one.Count)
                yield return one[i];
            if (i < other.Count)
                yield return other[i];
        }
    }
}
