using Catalog.Lineage;

namespace Catalog.Access.Policies;

/// <summary>Where one tag is borne, at one position of the graph.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Carriers">Things and columns that carry it themselves.</param>
/// <param name="Ends">Where it ends.</param>
/// <param name="Borne">Numbers of the things and versions that bear it.</param>
/// <param name="Columns">Columns that bear it.</param>
/// <param name="Alone">Things that carry it and that no edge names yet.</param>
internal sealed record FollowedTag(
    string Tag, IReadOnlyList<NodeId> Carriers, IReadOnlySet<NodeId> Ends, NodeBits Borne, IReadOnlyList<NodeId> Columns,
    IReadOnlySet<NodeId> Alone)
{
    private readonly HashSet<NodeId> _holders = [.. Columns.Select(c => c.WithoutVersion())];

    public static FollowedTag Follow(
        string tag, IReadOnlyList<NodeId> carriers, IReadOnlySet<NodeId> ends, GraphView view, Moment moment, ServedDatasets served)
    {
        var walk = new TagWalk(view, moment, served, ends);
        var borne = new NodeBits(view.NodeCount);
        var columns = walk.MarkFromColumns([.. carriers.Where(c => c.Column is not null)], borne);
        var things = carriers.Where(c => c.Column is null).ToList();
        walk.MarkFrom(things.Select(view.Find), borne);
        return new(tag, carriers, ends, borne, columns, things.Where(c => view.Find(c) < 0 && !ends.Contains(c)).ToHashSet());
    }

    /// <summary>Whether the tag is where it was, as far as its carriers and ends go.</summary>
    public bool IsOf(IReadOnlyList<NodeId> carriers, IReadOnlySet<NodeId> ends) =>
        Carriers.SequenceEqual(carriers) && (ReferenceEquals(Ends, ends) || Ends.SetEquals(ends));

    /// <summary>Whether a change of an edge can change where the tag is borne.</summary>
    /// <param name="change">Of the edge.</param>
    /// <param name="view">Which has it.</param>
    /// <param name="known">How many nodes there were before.</param>
    /// <param name="moment">Which edges count.</param>
    public bool IsTouchedBy(in EdgeChange change, GraphView view, int known, Moment moment)
    {
        if (change.Relation is LineageRelation.Column or LineageRelation.HasColumn)
            return Columns.Count > 0;

        // A view takes its events from a dataset in whichever version, so that it is touched by what versions bear, whichever came first.
        if (change.Relation is LineageRelation.Features && view.KindOf(change.To) == NodeKind.FeatureView)
            return true;
        return Borne.Contains(change.From)
            || (change.Relation is LineageRelation.Version && Borne.Contains(change.To))
            || (Columns.Count > 0 && _holders.Contains(view.NodeOf(change.From).WithoutVersion()))
            || (view.KindOf(change.From) == NodeKind.Run && IsPassedOnBy(change.From, view, moment))
            || (Alone.Count > 0 && (WasAlone(change.From) || WasAlone(change.To)));

        bool WasAlone(int node) => node >= known && Alone.Contains(view.NodeOf(node));
    }

    /// <summary>Runs do not bear tags, but pass them on.</summary>
    private bool IsPassedOnBy(int run, GraphView view, Moment moment) =>
        view.Neighbours(run, into: true, LineageRelations.Of(LineageRelation.Input), moment)
            .Any(n => Borne.Contains(n.Node) || (Columns.Count > 0 && _holders.Contains(view.NodeOf(n.Node).WithoutVersion())));
}
