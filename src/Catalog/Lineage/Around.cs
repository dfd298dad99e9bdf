namespace Catalog.Lineage;

/// <summary>What lies around a root: nodes with their distance and the way back to the root, and the edges between them.</summary>
internal sealed class Around
{
    private readonly LineageDirection _direction;
    private readonly List<NodeId> _nodes = [];

    // Of the root, what it was entered by, and files; what walks meet has numbers, which are found sooner and take less.
    private readonly Dictionary<NodeId, int> _places = [];
    private readonly List<int> _depths = [];
    private readonly List<int> _vias = [];

    // By the places of nodes: names are long, and an answer has thousands of edges.
    private readonly List<PlacedEdge> _edges = [];

    public Around(NodeId root, LineageDirection direction)
    {
        _direction = direction;
        _places.Add(root, Place(root, depth: 0, via: -1));
    }

    public NodeId Root => _nodes[0];

    /// <summary>The root first, then as they were met.</summary>
    public IReadOnlyList<NodeId> Nodes => _nodes;

    public bool Truncated { get; set; }

    /// <summary>A node that stands for the root in the graph, one step from it.</summary>
    public void Enter(NodeId node, LineageRelation relation)
    {
        if (!_places.TryGetValue(node, out var place))
            _places.Add(node, place = Place(node, depth: 1, via: 0));
        _edges.Add(_direction == LineageDirection.Up ? new PlacedEdge(place, 0, relation) : new PlacedEdge(0, place, relation));
    }

    /// <summary>Takes a walk in that began at the root or at what was entered.</summary>
    public void Add(LineageWalk walk, Scene scene)
    {
        var places = new Dictionary<int, int>(walk.Nodes.Count);
        for (var i = 0; i < walk.Nodes.Count; i++)
        {
            var (node, via) = (scene.View.NodeOf(walk.Nodes[i]), walk.ViaOf(i) is >= 0 and var met ? places[walk.Nodes[met]] : -1);
            if (!_places.TryGetValue(node, out var place))
                place = Place(node, via < 0 ? 0 : _depths[via] + 1, via);
            places.Add(walk.Nodes[i], place);
        }

        Truncated |= walk.Truncated;
        foreach (var (from, to, relation) in scene.View.EdgesAmong(places.Keys, scene.Relations, scene.Moment))
            _edges.Add(new PlacedEdge(places[from], places[to], relation));
    }

    /// <summary>A file that is part of the version at a place; false when there is no room for it.</summary>
    public bool AddFile(NodeId file, int version, int limit)
    {
        if (BesideOf(file, version, limit) is not { } place)
            return false;
        _edges.Add(new PlacedEdge(place, version, LineageRelation.File));
        return true;
    }

    /// <summary>A feature view over the dataset of the version at a place; false when there is no room for it.</summary>
    public bool AddView(NodeId view, int version, int limit)
    {
        if (BesideOf(view, version, limit) is not { } place)
            return false;
        _edges.Add(new PlacedEdge(version, place, LineageRelation.Features));
        return true;
    }

    private int? BesideOf(NodeId node, int version, int limit)
    {
        if (_places.TryGetValue(node, out var place))
            return place;
        if (_nodes.Count >= limit)
        {
            Truncated = true;
            return null;
        }

        _places.Add(node, place = Place(node, _depths[version] + 1, version));
        return place;
    }

    /// <summary>The places of versions of datasets that are nearer than a depth.</summary>
    public IReadOnlyList<(NodeId Node, int Place)> Datasets(int depth) =>
    [
        .. Enumerable.Range(0, _nodes.Count).Where(p => _depths[p] < depth && _nodes[p] is { Kind: NodeKind.Dataset, Version: not null })
            .Select(p => (_nodes[p], p)),
    ];

    /// <summary>
    /// The places of versions of datasets, by number, that are nearer than a depth and that nothing here flowed into: those of other tools
    /// have no files.
    /// </summary>
    public IReadOnlyDictionary<NodeId, int> Origins(int depth)
    {
        var made = _edges.Select(e => e.To).ToHashSet();
        return Enumerable.Range(0, _nodes.Count)
            .Where(p => _depths[p] < depth && _nodes[p].Kind == NodeKind.Dataset && !made.Contains(p))
            .Where(p => _nodes[p].VersionNumber is not null)
            .ToDictionary(p => _nodes[p]);
    }

    public Traced Traced() => Show([.. Enumerable.Range(0, _nodes.Count)], _edges);

    /// <summary>Only some nodes, with edges past those that are left out.</summary>
    public Traced Only(HashSet<NodeId> shown)
    {
        int[] places = [.. Enumerable.Range(0, _nodes.Count).Where(p => shown.Contains(_nodes[p]))];
        var visible = places.ToHashSet();
        var edges = _edges.Where(e => visible.Contains(e.From) && visible.Contains(e.To)).ToHashSet();
        foreach (var place in places.Where(p => _vias[p] >= 0 && !visible.Contains(_vias[p])))
        {
            var nearest = _vias[place];
            while (nearest >= 0 && !visible.Contains(nearest))
                nearest = _vias[nearest];
            if (nearest >= 0)
            {
                edges.Add(_direction == LineageDirection.Up
                    ? new PlacedEdge(place, nearest, LineageRelation.Through)
                    : new PlacedEdge(nearest, place, LineageRelation.Through));
            }
        }

        return Show(places, edges);
    }

    private int Place(NodeId node, int depth, int via)
    {
        _nodes.Add(node);
        _depths.Add(depth);
        _vias.Add(via);
        return _nodes.Count - 1;
    }

    /// <summary>In an order that does not depend on how facts arrived. Names are compared once, and edges by the ranks of theirs.</summary>
    private Traced Show(int[] places, IEnumerable<PlacedEdge> edges)
    {
        NodeId[] nodes = [.. _nodes];
        Array.Sort(places, (a, b) => NodeId.Compare(nodes[a], nodes[b]));
        var ranks = new int[_nodes.Count];
        for (var rank = 0; rank < places.Length; rank++)
            ranks[places[rank]] = rank;
        var ordered = edges
            .Select(e => (Farther: Math.Max(_depths[e.From], _depths[e.To]), From: ranks[e.From], To: ranks[e.To], e.Relation))
            .ToArray();
        Array.Sort(ordered);
        return new Traced(
            [.. places.OrderBy(p => _depths[p]).Select(p => new LineageNode(_nodes[p], _depths[p]))],
            [.. ordered.Select(e => new LineageEdge(_nodes[places[e.From]], _nodes[places[e.To]], e.Relation))],
            Truncated);
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct PlacedEdge(int From, int To, LineageRelation Relation);
}
