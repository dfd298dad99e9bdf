using Catalog.Lineage;

namespace Catalog.Server.Doors.Marquez;

/// <summary>What the lineage graph says of jobs, runs, datasets and their versions.</summary>
/// <param name="view">The graph.</param>
/// <param name="moment">What was known when.</param>
internal sealed class MarquezGraph(GraphView view, Moment moment)
{
    public static MarquezGraph Current(GraphFollower follower) => new(follower.Current, Moment.Latest);

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

    /// <summary>The version that a UUID stands for.</summary>
    public NodeId? VersionOf(NodeId dataset, Guid uuid) =>
        Beside(dataset, into: false, LineageRelation.Version).Where(v => MarquezIds.Uuid(v) == uuid)
            .Select(v => (NodeId?)v).FirstOrDefault();

    public DateTimeOffset Since(NodeId dataset, NodeId version) =>
        view.HeldSince(view.Find(dataset), view.Find(version), LineageRelation.Version, moment) is var ticks
        && ticks < DateTimeOffset.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : DateTimeOffset.UnixEpoch;

    /// <summary>A node and what it was made from, and what was made of it; each once.</summary>
    public IReadOnlyList<NodeId> Around(
        IReadOnlyList<NodeId> from, LineageRelations along, bool down, int depth, int limit, Func<NodeId, bool> admits)
    {
        int[] starts = [.. from.Select(view.Find).Where(n => n >= 0)];
        var met = new HashSet<NodeId>(from);
        foreach (var direction in down ? (LineageDirection[])[LineageDirection.Up, LineageDirection.Down] : [LineageDirection.Up])
        {
            var walk = view.Walk(starts, direction, along, moment, depth, limit, n => admits(view.NodeOf(n)));
            foreach (var number in walk.Nodes)
            {
                if (met.Count >= limit)
                    break;
                if (view.NodeOf(number) is var node && admits(node))
                    met.Add(node);
            }
        }

        return [.. met];
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
            : [];
}
