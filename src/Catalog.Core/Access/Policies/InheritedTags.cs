using Catalog.Lineage;

namespace Catalog.Access.Policies;

/// <summary>
/// Which tags things bear, those that they inherit included, at one position of the graph. It never changes; the next is made from it, with
/// the least work, when facts were told since.
/// </summary>
public sealed class InheritedTags : IResourceFacts
{
    private readonly GraphView _view;
    private readonly Moment _moment;
    private readonly TagNames _names;
    private readonly IReadOnlyDictionary<string, IReadOnlySet<NodeId>> _declassified;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<NodeId>> _carriers;
    private readonly TagSets _sets;
    private readonly int[] _ofNode;
    private readonly Dictionary<NodeId, IReadOnlyList<ColumnTags>> _ofColumns;

    /// <summary>Things with tags that no edge names yet.</summary>
    private readonly Dictionary<NodeId, int> _alone;

    private InheritedTags(
        GraphView view, Moment moment, TagNames names, IReadOnlyDictionary<string, IReadOnlySet<NodeId>> declassified,
        IReadOnlyDictionary<string, IReadOnlyList<NodeId>> carriers, TagSets sets, int[] ofNode,
        Dictionary<NodeId, IReadOnlyList<ColumnTags>> ofColumns, Dictionary<NodeId, int> alone)
    {
        (_view, _moment, _names, _declassified, _carriers) = (view, moment, names, declassified, carriers);
        (_sets, _ofNode, _ofColumns, _alone) = (sets, ofNode, ofColumns, alone);
    }

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
        var carriers = (names.AreNone ? [] : tags.Tags).Where(names.Include).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(t => (Tag: t, Carriers: tags.CarriersOf(t, moment))).Where(c => c.Carriers.Count > 0)
            .ToDictionary(c => c.Tag, c => c.Carriers, StringComparer.Ordinal);
        if (previous is not null && previous.StillHolds(view, moment, names, declassified, carriers))
            return new(view, moment, names, declassified, carriers, previous._sets, previous._ofNode, previous._ofColumns, previous._alone);
        return Follow(view, moment, names, declassified, carriers);
    }

    /// <summary>Whether the graph names a thing or version.</summary>
    public bool Knows(NodeId node) => _view.Find(node) >= 0;

    public object Knowledge => _ofColumns;

    public TagSet TagsOf(NodeId node)
    {
        if (_carriers.Count == 0)
            return TagSet.Empty;
        var thing = node.Column is null ? node : NodeId.OfChecked(node.Kind, node.Namespace, node.Name, node.Version, column: null);
        var number = _view.Find(thing);
        if (number < 0 && thing.Version is not null)
            number = _view.Find(thing.WithoutVersion());
        if (number < 0)
            return _sets[_alone.GetValueOrDefault(thing.WithoutVersion())];
        return number < _ofNode.Length ? _sets[_ofNode[number]] : TagSet.Empty;
    }

    public IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node) => _ofColumns.GetValueOrDefault(node.WithoutVersion(), []);

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

    private static InheritedTags Follow(
        GraphView view, Moment moment, TagNames names, IReadOnlyDictionary<string, IReadOnlySet<NodeId>> declassified,
        Dictionary<string, IReadOnlyList<NodeId>> carriers)
    {
        var sets = new TagSets();
        var ofNode = carriers.Count == 0 ? [] : new int[view.NodeCount];
        var (ofColumns, alone) = (new Dictionary<NodeId, int>(), new Dictionary<NodeId, int>());
        foreach (var (tag, all) in carriers)
        {
            var walk = new TagWalk(view, moment, EndsOf(tag, declassified));
            var (columns, things) = walk.FromColumns([.. all.Where(c => c.Column is not null)]);
            foreach (var node in walk.FromThings(all.Where(c => c.Column is null)).Concat(walk.FromThings(things.Select(view.NodeOf))))
                ofNode[node] = sets.With(ofNode[node], tag);
            foreach (var thing in all.Where(c => c.Column is null && view.Find(c) < 0 && !EndsOf(tag, declassified).Contains(c)))
                alone[thing] = sets.With(alone.GetValueOrDefault(thing), tag);
            foreach (var column in columns)
                ofColumns[column] = sets.With(ofColumns.GetValueOrDefault(column), tag);
        }

        var byThing = ofColumns.GroupBy(c => c.Key.WithoutVersion()).ToDictionary(
            g => g.Key,
            g => (IReadOnlyList<ColumnTags>)[.. g.OrderBy(c => c.Key.Column, StringComparer.Ordinal)
                .Select(c => new ColumnTags(c.Key.Column ?? "", sets[c.Value]))]);
        return new(view, moment, names, declassified, carriers, sets, ofNode, byThing, alone);
    }

    private static IReadOnlySet<NodeId> EndsOf(string tag, IReadOnlyDictionary<string, IReadOnlySet<NodeId>> declassified) =>
        declassified.TryGetValue(tag, out var ends) ? ends : new HashSet<NodeId>();

    private bool StillHolds(
        GraphView view, Moment moment, TagNames names, IReadOnlyDictionary<string, IReadOnlySet<NodeId>> declassified,
        Dictionary<string, IReadOnlyList<NodeId>> carriers) =>
        moment == _moment && names.AreSameAs(_names) && ReferenceEquals(declassified, _declassified)
        && carriers.Count == _carriers.Count
        && carriers.All(c => _carriers.TryGetValue(c.Key, out var known) && known.SequenceEqual(c.Value))
        && (carriers.Count == 0 || !IsTouched(view));

    /// <summary>Whether edges came or went, since, that begin at what bears a tag, or say where columns come from.</summary>
    private bool IsTouched(GraphView view)
    {
        if (view.Position == _view.Position && view.Late.Count == _view.Late.Count)
            return false;
        return view.ChangesSince(_view.Position, view.Late.Except(_view.Late))
            .Any(c => c.Relation is LineageRelation.Column or LineageRelation.HasColumn || Bears(c.From) || IsWhereColumnsBear(c.From)
                || WasAlone(c.From) || WasAlone(c.To));

        bool IsWhereColumnsBear(int node) => _ofColumns.Count > 0 && _ofColumns.ContainsKey(view.NodeOf(node).WithoutVersion());

        bool WasAlone(int node) => _alone.Count > 0 && node >= _view.NodeCount && _alone.ContainsKey(view.NodeOf(node));
    }

    /// <summary>Runs do not bear tags, but pass them on: so whatever reads what bears one, and is read, is looked at.</summary>
    private bool Bears(int node) =>
        (node < _ofNode.Length && _ofNode[node] != 0)
        || (_view.NodeCount > node && _view.KindOf(node) is NodeKind.Run
            && _view.Neighbours(node, into: true, LineageRelations.Of(LineageRelation.Input), _moment)
                .Any(n => HasTags(n.Node)));

    private bool HasTags(int node) =>
        node < _ofNode.Length && (_ofNode[node] != 0 || _ofColumns.ContainsKey(_view.NodeOf(node).WithoutVersion()));
}

/// <summary>Sets of tags by number, each once: 0 is the empty one.</summary>
internal sealed class TagSets
{
    private readonly List<TagSet> _sets = [TagSet.Empty];
    private readonly List<string[]> _tags = [[]];
    private readonly Dictionary<(int Set, string Tag), int> _with = [];

    public TagSet this[int number] => _sets[number];

    /// <summary>The set that has one tag more. Tags are to be added in one order everywhere.</summary>
    public int With(int set, string tag)
    {
        if (_with.TryGetValue((set, tag), out var known))
            return known;
        string[] tags = [.. _tags[set], tag];
        var number = set == 0 || !_tags[set].Contains(tag) ? _sets.Count : set;
        if (number == _sets.Count)
        {
            _tags.Add(tags);
            _sets.Add(TagSet.Of(tags));
        }

        return _with[(set, tag)] = number;
    }
}
