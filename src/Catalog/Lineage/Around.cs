namespace Catalog.Lineage;

/// <summary>What lies around a root: nodes with their distance and the way back to the root, and the edges between them.</summary>
internal sealed class Around(NodeId root, LineageDirection direction)
{
    private readonly Dictionary<NodeId, (int Depth, NodeId? Via)> _met = new() { [root] = (0, null) };
    private readonly List<NodeId> _nodes = [root];

    public NodeId Root => root;

    public IReadOnlyList<NodeId> Nodes => _nodes;

    public List<LineageEdge> Edges { get; } = [];

    public bool Truncated { get; set; }

    public int DepthOf(NodeId node) => _met[node].Depth;

    /// <summary>A node that stands for the root in the graph, one step from it.</summary>
    public void Enter(NodeId node, LineageRelation relation)
    {
        if (_met.TryAdd(node, (1, root)))
            _nodes.Add(node);
        Edges.Add(direction == LineageDirection.Up ? new LineageEdge(node, root, relation) : new LineageEdge(root, node, relation));
    }

    /// <summary>Takes a walk in that began at the root or at what was entered.</summary>
    public void Add(LineageWalk walk, Scene scene)
    {
        var names = new NodeId[walk.Nodes.Count];
        for (var place = 0; place < names.Length; place++)
        {
            var node = names[place] = scene.View.NodeOf(walk.Nodes[place]);
            var via = walk.ViaOf(place);
            if (!_met.ContainsKey(node))
                Put(node, via < 0 ? 0 : DepthOf(names[via]) + 1, via < 0 ? null : names[via], int.MaxValue);
        }

        Truncated |= walk.Truncated;
        var numbers = walk.Nodes.ToHashSet();
        foreach (var (from, to, relation) in scene.View.EdgesAmong(numbers, scene.Relations, scene.Moment))
            Edges.Add(new LineageEdge(scene.View.NodeOf(from), scene.View.NodeOf(to), relation));
    }

    /// <summary>False when there is no room for the node.</summary>
    public bool Put(NodeId node, int depth, NodeId? via, int limit)
    {
        if (_met.ContainsKey(node))
            return true;
        if (_nodes.Count >= limit)
        {
            Truncated = true;
            return false;
        }

        _met.Add(node, (depth, via));
        _nodes.Add(node);
        return true;
    }

    /// <summary>Dataset versions nearer than a depth that nothing here flowed into.</summary>
    public IReadOnlyList<NodeId> Origins(int depth)
    {
        var made = Edges.Select(e => e.To).ToHashSet();
        return [.. _nodes.Where(n => n.Kind == NodeKind.Dataset && !made.Contains(n) && DepthOf(n) < depth)];
    }

    public Traced Traced() => new(InOrder(_nodes), Sorted(Edges), Truncated);

    /// <summary>Only some nodes, with edges past those that are left out.</summary>
    public Traced Only(HashSet<NodeId> shown)
    {
        var edges = Edges.Where(e => shown.Contains(e.From) && shown.Contains(e.To)).ToHashSet();
        foreach (var node in _nodes.Where(n => shown.Contains(n) && _met[n].Via is { } via && !shown.Contains(via)))
        {
            var nearest = _met[node].Via;
            while (nearest is { } hidden && !shown.Contains(hidden))
                nearest = _met[hidden].Via;
            if (nearest is { } near)
            {
                edges.Add(direction == LineageDirection.Up
                    ? new LineageEdge(node, near, LineageRelation.Through) : new LineageEdge(near, node, LineageRelation.Through));
            }
        }

        return new Traced(InOrder(_nodes.Where(shown.Contains)), Sorted(edges), Truncated);
    }

    /// <summary>In an order that does not depend on how facts arrived.</summary>
    private List<LineageNode> InOrder(IEnumerable<NodeId> nodes) =>
        [.. nodes.Select(n => new LineageNode(n, DepthOf(n))).OrderBy(n => n.Depth).ThenBy(n => n.Id, NodeId.Order)];

    private List<LineageEdge> Sorted(IEnumerable<LineageEdge> edges) =>
        [.. edges.OrderBy(Farther).ThenBy(e => e.From, NodeId.Order).ThenBy(e => e.To, NodeId.Order).ThenBy(e => e.Relation)];

    private int Farther(LineageEdge edge) => Math.Max(DepthOf(edge.From), DepthOf(edge.To));
}
