namespace Catalog.Lineage;

/// <summary>
/// What flowed into what, in memory: dataset version → run → model version → deployment, file → dataset version. Edges are kept once however often they
/// are added; cycles are allowed. Safe to walk and add from several threads.
/// </summary>
public sealed class LineageGraph
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, int> _index = [];
    private readonly List<NodeId> _nodes = [];
    private readonly List<Adjacency> _up = [];
    private readonly List<Adjacency> _down = [];

    /// <summary>How many nodes edges have named so far.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Count;
            }
        }
    }

    public bool Contains(NodeId node)
    {
        lock (_lock)
        {
            return _index.ContainsKey(node);
        }
    }

    /// <summary>Data flowed from one node to another.</summary>
    public void Add(NodeId from, NodeId to, string relation)
    {
        ArgumentException.ThrowIfNullOrEmpty(relation);
        lock (_lock)
        {
            var (a, b) = (Index(from), Index(to));
            _down[a].Add(b, relation);
            _up[b].Add(a, relation);
        }
    }

    /// <summary>
    /// The nodes within <paramref name="depth"/> edges of the start, breadth first; those found from one node come in <see cref="NodeId.Order"/>, so the
    /// answer does not depend on the order in which edges arrived. A start that no edge names is an answer of one node.
    /// </summary>
    /// <param name="start">Where the walk begins; depth 0.</param>
    /// <param name="direction">Up to the origins or down to the uses.</param>
    /// <param name="depth">The largest distance, in edges; 0 for the start alone.</param>
    /// <param name="limit">The largest number of nodes, the start included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative depth, a limit below 1, or no direction.</exception>
    public LineageAnswer Walk(NodeId start, LineageDirection direction, int depth, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (!Enum.IsDefined(direction))
        {
            throw new ArgumentOutOfRangeException(nameof(direction), direction, "A walk goes up or down.");
        }

        lock (_lock)
        {
            return _index.TryGetValue(start, out var root)
                ? new Walker(this, direction, depth, limit).Run(root)
                : new LineageAnswer(start, direction, depth, [new LineageNode(start, Depth: 0)], [], Truncated: false);
        }
    }

    private int Index(NodeId node)
    {
        if (!_index.TryGetValue(node, out var index))
        {
            index = _nodes.Count;
            _index.Add(node, index);
            _nodes.Add(node);
            _up.Add(new Adjacency());
            _down.Add(new Adjacency());
        }

        return index;
    }

    /// <summary>The neighbours of a node on one side, sorted when they are first read after a change.</summary>
    private sealed class Adjacency
    {
        private readonly HashSet<(int Node, string Relation)> _known = [];
        private (int Node, string Relation)[]? _sorted;

        public void Add(int node, string relation)
        {
            if (_known.Add((node, relation)))
            {
                _sorted = null;
            }
        }

        public (int Node, string Relation)[] Sorted(List<NodeId> nodes) => _sorted ??=
            [.. _known.OrderBy(n => nodes[n.Node], NodeId.Order).ThenBy(n => n.Relation, StringComparer.Ordinal)];
    }

    private sealed class Walker(LineageGraph graph, LineageDirection direction, int depth, int limit)
    {
        private readonly List<LineageNode> _found = [];
        private readonly List<LineageEdge> _edges = [];
        private readonly HashSet<int> _seen = [];
        private readonly Queue<(int Node, int Depth)> _next = [];
        private bool _truncated;

        public LineageAnswer Run(int root)
        {
            Meet(root, at: 0);
            while (_next.TryDequeue(out var here))
            {
                if (here.Depth < depth)
                {
                    Expand(here.Node, here.Depth);
                }
            }

            return new LineageAnswer(graph._nodes[root], direction, depth, _found, _edges, _truncated);
        }

        private void Expand(int node, int at)
        {
            var sides = direction is LineageDirection.Up ? graph._up : graph._down;
            foreach (var (neighbour, relation) in sides[node].Sorted(graph._nodes))
            {
                if (!Meet(neighbour, at + 1))
                {
                    continue;
                }

                var (here, there) = (graph._nodes[node], graph._nodes[neighbour]);
                _edges.Add(direction is LineageDirection.Up ? new LineageEdge(there, here, relation) : new LineageEdge(here, there, relation));
            }
        }

        /// <summary>False when the node is new and there is no room for it.</summary>
        private bool Meet(int node, int at)
        {
            if (_seen.Contains(node))
            {
                return true;
            }

            if (_found.Count == limit)
            {
                _truncated = true;
                return false;
            }

            _seen.Add(node);
            _found.Add(new LineageNode(graph._nodes[node], at));
            _next.Enqueue((node, at));
            return true;
        }
    }
}
