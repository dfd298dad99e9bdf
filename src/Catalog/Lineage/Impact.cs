namespace Catalog.Lineage;

/// <summary>What is downstream of some things, each with a shortest reason.</summary>
internal sealed record Impact(IReadOnlyList<AssessImpact.Affected> Nodes, IReadOnlyList<AssessImpact.Affected> Columns, bool Truncated)
{
    private static readonly LineageRelations s_versions = LineageRelations.Of(LineageRelation.Version);

    private static readonly LineageRelations s_flow = LineageRelations.For(LineageGranularity.Version);

    private static readonly LineageRelations s_columns = LineageRelations.For(LineageGranularity.Column);

    public IReadOnlyList<AssessImpact.Affected> OfKind(NodeKind kind) =>
        [.. Nodes.Where(n => n.Node.Kind == kind && n.Node.Column is null)];

    /// <summary>
    /// A dataset or model reaches what each of its versions reaches. A column reaches the columns made from it, and what their datasets'
    /// versions reach; but a dataset of which it is known which columns its own come from is reached only where one comes from these, and
    /// so is a feature view, of which that is always known, with its generations.
    /// </summary>
    public static Impact Of(IReadOnlyList<NodeId> starts, Scene scene, int depth, int limit)
    {
        var view = scene.View;
        var startColumns = starts.Where(s => s.Column is not null).ToList();
        var columns = view.Walk(
            [.. startColumns.Select(view.Find).Where(n => n >= 0)], LineageDirection.Down, s_columns, scene.Moment, depth, limit);
        var reached = columns.Nodes.Select(n => view.NodeOf(n)).Concat(startColumns).Select(c => c.WithoutVersion()).ToHashSet();

        // A thing flows into its versions: so the reason begins with what was asked for.
        int[] roots = [.. starts.Where(s => s.Column is null).Concat(reached).Select(view.Find).Where(n => n >= 0).Distinct()];
        var ofColumns = reached.Count > 0;
        var walk = view.Walk(
            roots, LineageDirection.Down, new LineageRelations(s_flow.Bits | s_versions.Bits), scene.Moment, depth, limit,
            ofColumns ? LeadsOn : null);

        var root = starts.ToHashSet();
        return new Impact(
            [.. Affected(walk).Where(a => IsVersion(a.Node) && !root.Contains(a.Node) && Admits(a.Node))],
            [.. Affected(columns).Where(a => a.Node.Column is not null && !root.Contains(a.Node))],
            walk.Truncated || columns.Truncated);

        bool LeadsOn(int number) => view.KindOf(number) == NodeKind.Generation ? ViewsOf(number).Any(reached.Contains)
            : (view.KindOf(number) != NodeKind.FeatureView && !HasKnownColumns(view, number, scene.Moment))
            || reached.Contains(view.NodeOf(number).WithoutVersion())
            || roots.Contains(number);

        bool Admits(NodeId node) =>
            !ofColumns
            || (node.Kind == NodeKind.Generation && ViewsOf(view.Find(node)).Any(reached.Contains))
            || node.Kind is not (NodeKind.Dataset or NodeKind.FeatureView or NodeKind.Generation)
            || reached.Contains(node.WithoutVersion())
            || (node.Kind == NodeKind.Dataset && !HasKnownColumns(view, view.Find(node), scene.Moment));

        IEnumerable<NodeId> ViewsOf(int generation) => view
            .Neighbours(generation, into: true, LineageRelations.Of(LineageRelation.Materialised), scene.Moment)
            .Select(n => view.NodeOf(n.Node).WithoutVersion()).Where(n => n.Kind == NodeKind.FeatureView);
    }

    private static bool IsVersion(NodeId node) => node.Version is not null || node.Kind is NodeKind.Deployment or NodeKind.Generation;

    private static IEnumerable<AssessImpact.Affected> Affected(LineageWalk walk) =>
        Enumerable.Range(0, walk.Nodes.Count).Select(place => new AssessImpact.Affected(
            walk.View.NodeOf(walk.Nodes[place]), walk.DepthOf(place), [.. walk.WayTo(place).Select(walk.View.NodeOf)]));

    /// <summary>Whether anything was said of where columns of the version's dataset come from.</summary>
    private static bool HasKnownColumns(GraphView view, int version, Moment moment)
    {
        if (view.KindOf(version) != NodeKind.Dataset || view.NodeOf(version) is { Version: null })
            return false;
        var dataset = view.Find(view.NodeOf(version).WithoutVersion());
        return dataset >= 0 && view.Neighbours(dataset, into: false, LineageRelations.Of(LineageRelation.HasColumn), moment).Count > 0;
    }
}
