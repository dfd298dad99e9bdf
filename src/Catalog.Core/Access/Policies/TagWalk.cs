using System.Runtime.InteropServices;
using Catalog.Lineage;

namespace Catalog.Access.Policies;

/// <summary>
/// Where one tag goes from what carries it: down to versions, along lineage to what was made of them, to models and features; of a column
/// along columns where it is known what those come from, and else to all that was made of its dataset. It ends at what was declassified.
/// </summary>
internal sealed class TagWalk(GraphView view, Moment moment, ServedDatasets served, IReadOnlySet<NodeId> declassified)
{
    private static readonly LineageRelations s_down = new(
        LineageRelations.For(LineageGranularity.Version).Bits
        | LineageRelations.Of(LineageRelation.Version, LineageRelation.Renamed, LineageRelation.Symlink).Bits);

    private static readonly LineageRelations s_columns = LineageRelations.Of(LineageRelation.Column);

    /// <summary>Marks the nodes that bear the tag because a thing does; runs and files, which it passes through, are not marked.</summary>
    public void MarkFrom(IEnumerable<int> things, NodeBits borne)
    {
        var met = new NodeBits(view.NodeCount);
        var open = things.Where(n => n >= 0 && !IsDeclassified(n)).ToList();
        while (open.Count > 0)
        {
            var walk = view.Walk(
                CollectionsMarshal.AsSpan(open), LineageDirection.Down, s_down, moment, admits: n => !IsDeclassified(n));
            open = [];
            foreach (var node in walk.Nodes)
            {
                if (IsDeclassified(node) || !met.Add(node))
                    continue;
                if (view.KindOf(node) is not (NodeKind.Run or NodeKind.Job or NodeKind.File))
                    borne.Add(node);

                // A view takes its events from a dataset in whichever version: what one of them bears, it may serve.
                open.AddRange(served.ViewsOf(node).Where(v => !met.Contains(v) && !IsDeclassified(v)));
            }
        }
    }

    /// <summary>The columns that bear the tag; marks the nodes that bear it because it is not known which of their columns do.</summary>
    public IReadOnlyList<NodeId> MarkFromColumns(IReadOnlyList<NodeId> carriers, NodeBits borne)
    {
        if (carriers.Count == 0)
            return [];
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

        MarkFrom(unknown.Where(n => view.KindOf(n) is not (NodeKind.Run or NodeKind.Job or NodeKind.File or NodeKind.Generation)), borne);
        return columns;

        bool Stops(int n) => IsDeclassified(n) || view.KindOf(n) == NodeKind.FeatureView || HasKnownColumns(n);
    }

    private bool IsOfThing(int version, int thing) =>
        view.KindOf(version) == view.KindOf(thing) && view.NodeOf(version).WithoutVersion() == view.NodeOf(thing);

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

/// <summary>Which feature views take their events from a dataset, by the dataset's versions: looked up once for all tags.</summary>
internal sealed class ServedDatasets
{
    private readonly Dictionary<int, List<int>> _views = [];

    public ServedDatasets(GraphView view, Moment moment)
    {
        var (features, versions) = (LineageRelations.Of(LineageRelation.Features), LineageRelations.Of(LineageRelation.Version));
        for (var node = 0; node < view.NodeCount; node++)
        {
            if (view.KindOf(node) != NodeKind.FeatureView)
                continue;
            foreach (var (dataset, _) in view.Neighbours(node, into: true, features, moment))
            {
                foreach (var (version, _) in view.Neighbours(dataset, into: false, versions, moment))
                {
                    if (!_views.TryGetValue(version, out var of))
                        _views.Add(version, of = []);
                    of.Add(node);
                }
            }
        }
    }

    /// <param name="version">Number of a node; views of it where it is a version of a dataset.</param>
    public IReadOnlyList<int> ViewsOf(int version) => _views.Count > 0 && _views.TryGetValue(version, out var views) ? views : [];
}

/// <summary>A set of nodes by their numbers, a bit each.</summary>
internal sealed class NodeBits(int nodes)
{
    private readonly ulong[] _bits = new ulong[(nodes + 63) >> 6];

    /// <returns>Whether it was not there.</returns>
    public bool Add(int node)
    {
        ref var word = ref _bits[node >> 6];
        var bit = 1UL << (node & 63);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    public bool Contains(int node) => node >> 6 < _bits.Length && (_bits[node >> 6] & (1UL << (node & 63))) != 0;
}
