using System.Runtime.InteropServices;
using Catalog.Lineage;

namespace Catalog.Access.Policies;

/// <summary>
/// Where one tag goes from what carries it: down to versions, along lineage to what was made of them, to models and features; of a column
/// along columns where it is known what those come from, and else to all that was made of its dataset. It ends at what was declassified.
/// </summary>
internal sealed class TagWalk(GraphView view, Moment moment, IReadOnlySet<NodeId> declassified)
{
    private static readonly LineageRelations s_down = new(
        LineageRelations.For(LineageGranularity.Version).Bits
        | LineageRelations.Of(LineageRelation.Version, LineageRelation.Renamed, LineageRelation.Symlink).Bits);

    private static readonly LineageRelations s_columns = LineageRelations.Of(LineageRelation.Column);
    private static readonly LineageRelations s_features = LineageRelations.Of(LineageRelation.Features);

    /// <summary>Numbers of the nodes that bear the tag because a thing does; runs and files, which it passes through, left out.</summary>
    public HashSet<int> FromThings(IEnumerable<NodeId> carriers)
    {
        var borne = new HashSet<int>();
        var open = carriers.Select(view.Find).Where(n => n >= 0 && !IsDeclassified(n)).ToList();
        while (open.Count > 0)
        {
            var walk = view.Walk(
                CollectionsMarshal.AsSpan(open), LineageDirection.Down, s_down, moment, admits: n => !IsDeclassified(n));
            var news = walk.Nodes.Where(n => !IsDeclassified(n) && borne.Add(n)).ToList();

            // A view takes its events from a dataset in whichever version: what one of them bears, it may serve.
            open = [.. news.Where(IsVersionOfDataset).Select(n => view.Find(view.NodeOf(n).WithoutVersion())).Where(n => n >= 0).Distinct()
                .SelectMany(n => view.Neighbours(n, into: false, s_features, moment)).Select(n => n.Node)
                .Where(n => !IsDeclassified(n) && !borne.Contains(n)).Distinct()];
        }

        borne.RemoveWhere(n => view.KindOf(n) is NodeKind.Run or NodeKind.Job or NodeKind.File);
        return borne;
    }

    /// <summary>The columns that bear the tag, and the nodes that bear it because it is not known which of their columns do.</summary>
    public (IReadOnlyList<NodeId> Columns, HashSet<int> Things) FromColumns(IReadOnlyList<NodeId> carriers)
    {
        var known = carriers.Where(c => !declassified.Contains(c) && !declassified.Contains(c.WithoutVersion())).ToList();
        var walk = view.Walk(
            [.. known.Select(view.Find).Where(n => n >= 0)], LineageDirection.Down, s_columns, moment, admits: n => !IsDeclassified(n));
        var columns = walk.Nodes.Where(n => !IsDeclassified(n)).Select(view.NodeOf).Concat(known).Distinct().ToList();
        var holders = columns.Select(c => c.WithoutVersion()).ToHashSet();

        // A thing of which it is known where its columns come from bears the tag at those only, and passes it on from there.
        var unknown = new List<int>();
        foreach (var holder in holders.Select(view.Find).Where(n => n >= 0))
        {
            var from = view.Walk(
                [holder], LineageDirection.Down, s_down, moment, admits: n => n == holder || IsOfThing(n, holder) || !Stops(n));
            unknown.AddRange(from.Nodes.Where(n => n != holder && !IsOfThing(n, holder) && !Stops(n) && !IsDeclassified(n)));
        }

        var things = unknown.Where(n => view.KindOf(n) is not (NodeKind.Run or NodeKind.Job or NodeKind.File or NodeKind.Generation))
            .ToHashSet();
        return (columns, things);

        bool Stops(int n) => IsDeclassified(n) || view.KindOf(n) == NodeKind.FeatureView || HasKnownColumns(n);
    }

    private bool IsOfThing(int version, int thing) =>
        view.KindOf(version) == view.KindOf(thing) && view.NodeOf(version).WithoutVersion() == view.NodeOf(thing);

    private bool IsVersionOfDataset(int number) =>
        view.KindOf(number) == NodeKind.Dataset && view.NodeOf(number) is { Version: not null, Column: null };

    private bool IsDeclassified(int number)
    {
        if (declassified.Count == 0)
            return false;
        var node = view.NodeOf(number);
        return declassified.Contains(node) || declassified.Contains(node.WithoutVersion());
    }

    /// <summary>Whether anything was said of where columns of a version's dataset come from.</summary>
    private bool HasKnownColumns(int version)
    {
        if (view.KindOf(version) != NodeKind.Dataset)
            return false;
        var dataset = view.Find(view.NodeOf(version).WithoutVersion());
        return dataset >= 0 && view.Neighbours(dataset, into: false, LineageRelations.Of(LineageRelation.HasColumn), moment).Count > 0;
    }
}
