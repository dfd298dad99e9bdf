using System.Collections.Concurrent;
using System.Collections.Immutable;
using Catalog.Lineage;

namespace Catalog.Access.Policies;

/// <summary>
/// Which tags things bear, those that they inherit included, at one position of the graph. It never changes; the next is made from it, with
/// the least work, when facts were told since: a tag that nothing touched is where it was.
/// </summary>
public sealed class InheritedTags : IResourceFacts
{
    private readonly GraphView _view;
    private readonly Moment _moment;
    private readonly IReadOnlyList<FollowedTag> _tags;
    private readonly Dictionary<NodeId, IReadOnlyList<ColumnTags>> _ofColumns;
    private readonly ConcurrentDictionary<(TagSet Set, string Tag), TagSet> _sets;

    // By which of the tags are borne, a bit each: one look instead of one a tag. Only as long as there are not more tags than bits.
    private readonly ConcurrentDictionary<ulong, TagSet> _byBits;

    private InheritedTags(
        GraphView view, Moment moment, IReadOnlyList<FollowedTag> tags, Dictionary<NodeId, IReadOnlyList<ColumnTags>> ofColumns,
        ConcurrentDictionary<(TagSet Set, string Tag), TagSet> sets, ConcurrentDictionary<ulong, TagSet> byBits) =>
        (_view, _moment, _tags, _ofColumns, _sets, _byBits) = (view, moment, tags, ofColumns, sets, byBits);

    /// <summary>The log position of the graph that it knows.</summary>
    public long Position => _view.Position;

    /// <summary>Follows the tags that can decide something through the graph.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="tags">Which things carry tags of their own.</param>
    /// <param name="moment">What is known of both, and holds.</param>
    /// <param name="names">The tags to follow.</param>
    /// <param name="declassified">Where each ends.</param>
    /// <param name="previous">What was known before: taken over where nothing that matters has changed.</param>
    public static InheritedTags Of(
        GraphView view, TagView tags, Moment moment, TagNames names, IReadOnlyDictionary<string, IReadOnlySet<NodeId>> declassified,
        InheritedTags? previous = null)
    {
        var wanted = (names.AreNone ? [] : tags.Tags).Where(names.Include).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(t => (Tag: t, Carriers: tags.CarriersOf(t, moment))).Where(c => c.Carriers.Count > 0).ToList();
        var known = previous is not null && previous._moment == moment ? previous.StillFollowed(view) : [];
        var served = new Lazy<ServedDatasets>(() => new ServedDatasets(view, moment));
        var followed = new List<FollowedTag>(wanted.Count);
        foreach (var (tag, carriers) in wanted)
        {
            var ends = EndsOf(tag, declassified);
            followed.Add(known.TryGetValue(tag, out var same) && same.IsOf(carriers, ends)
                ? same
                : FollowedTag.Follow(tag, carriers, ends, view, moment, served.Value));
        }

        var isSame = previous is not null && previous._moment == moment
            && followed.SequenceEqual(previous._tags, ReferenceEqualityComparer.Instance);
        return previous is not null && isSame
            ? new(view, moment, previous._tags, previous._ofColumns, previous._sets, previous._byBits)
            : new(view, moment, followed, Columns(followed), previous?._sets ?? new(), new());
    }

    /// <summary>Whether the graph names a thing or version.</summary>
    public bool Knows(NodeId node) => _view.Find(node) >= 0;

    public object Knowledge => _ofColumns;

    public TagSet TagsOf(NodeId node)
    {
        if (_tags.Count == 0)
            return TagSet.Empty;
        var thing = node.Column is null ? node : NodeId.OfChecked(node.Kind, node.Namespace, node.Name, node.Version, column: null);
        var number = _view.Find(thing);
        if (number < 0 && thing.Version is not null)
            number = _view.Find(thing = thing.WithoutVersion());
        if (_tags.Count > 64)
            return Borne(number, thing);
        var bits = 0UL;
        for (var i = 0; i < _tags.Count; i++)
            bits |= Bears(i, number, thing) ? 1UL << i : 0;
        if (bits == 0)
            return TagSet.Empty;
        return _byBits.TryGetValue(bits, out var known) ? known : _byBits.GetOrAdd(bits, Borne(number, thing));
    }

    private TagSet Borne(int number, NodeId thing)
    {
        var set = TagSet.Empty;
        for (var i = 0; i < _tags.Count; i++)
        {
            if (Bears(i, number, thing))
                set = With(set, _tags[i].Tag);
        }

        return set;
    }

    private bool Bears(int tag, int number, in NodeId thing) =>
        number >= 0 ? _tags[tag].Borne.Contains(number) : _tags[tag].Alone.Contains(thing);

    public IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node) =>
        _ofColumns.Count == 0 ? [] : _ofColumns.GetValueOrDefault(node.WithoutVersion(), []);

    public NodeId? HolderOf(NodeId node)
    {
        var (relation, kind) = node.Kind switch
        {
            NodeKind.Run => (LineageRelation.Ran, NodeKind.Job),
            NodeKind.Generation => (LineageRelation.Materialised, NodeKind.FeatureView),
            _ => (default, default),
        };
        if (kind == default || _view.Find(node) is not (var number and >= 0))
            return null;
        foreach (var (holder, _) in _view.Neighbours(number, into: true, LineageRelations.Of(relation), _moment))
        {
            if (_view.KindOf(holder) == kind)
                return _view.NodeOf(holder).WithoutVersion();
        }

        return null;
    }

    /// <summary>The tags that no edge touched that came or went since, by their names.</summary>
    private Dictionary<string, FollowedTag> StillFollowed(GraphView view)
    {
        var still = _tags.ToDictionary(t => t.Tag, StringComparer.Ordinal);
        if (view.Position == _view.Position && view.Late.Count == _view.Late.Count)
            return still;
        foreach (var change in view.ChangesSince(_view.Position, view.Late.Except(_view.Late)))
        {
            if (still.Count == 0)
                break;
            foreach (var touched in still.Values.Where(t => t.IsTouchedBy(change, view, _view.NodeCount, _moment)).ToList())
                still.Remove(touched.Tag);
        }

        return still;
    }

    private static Dictionary<NodeId, IReadOnlyList<ColumnTags>> Columns(IReadOnlyList<FollowedTag> followed) => followed
        .SelectMany(t => t.Columns.Select(c => (Column: c, t.Tag)))
        .GroupBy(c => c.Column.WithoutVersion())
        .ToDictionary(
            thing => thing.Key,
            thing => (IReadOnlyList<ColumnTags>)
            [
                .. thing.GroupBy(c => c.Column.Column ?? "", c => c.Tag, StringComparer.Ordinal)
                    .OrderBy(c => c.Key, StringComparer.Ordinal)
                    .Select(c => new ColumnTags(c.Key, TagSet.Of(c))),
            ]);

    private static IReadOnlySet<NodeId> EndsOf(string tag, IReadOnlyDictionary<string, IReadOnlySet<NodeId>> declassified) =>
        declassified.TryGetValue(tag, out var ends) ? ends : ImmutableHashSet<NodeId>.Empty;

    /// <summary>Each set is one object, so that decisions are remembered by it.</summary>
    private TagSet With(TagSet set, string tag) =>
        _sets.TryGetValue((set, tag), out var known) ? known
        : _sets.GetOrAdd((set, tag), static made => TagSet.Of(made.Set.Tags.Append(made.Tag)));
}
