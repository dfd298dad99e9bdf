using System.Runtime.InteropServices;

namespace Catalog.Lineage;

/// <summary>Which way a walk goes along the flow of data.</summary>
public enum LineageDirection
{
    /// <summary>Upstream, against the flow: what this was made from.</summary>
    Up,

    /// <summary>Downstream, with the flow: what was made from this.</summary>
    Down,

    /// <summary>Both ways at every step: what this is connected with.</summary>
    Both,
}

/// <summary>
/// The nodes that a walk met, from near to far, each once; and for each the one through which it was met first, which makes a shortest
/// way back to the start. Nodes are numbers: names are looked up where they are shown.
/// </summary>
public sealed class LineageWalk
{
    private readonly List<int> _nodes = [];
    private readonly List<int> _via = [];
    private readonly List<int> _levels = [];

    internal LineageWalk(GraphView view, LineageDirection direction) => (View, Direction) = (view, direction);

    public GraphView View { get; }

    public LineageDirection Direction { get; }

    /// <summary>Numbers of the nodes, from near to far.</summary>
    public IReadOnlyList<int> Nodes => _nodes;

    /// <summary>The place of the nearest of some nodes; -1 when the walk met none of them.</summary>
    public int PlaceOfAny(IReadOnlySet<int> nodes) => _nodes.FindIndex(nodes.Contains);

    /// <summary>Whether the limit left nodes out. A depth that ends the walk is not a truncation.</summary>
    public bool Truncated { get; private set; }

    /// <summary>The numbers as they lie in memory, until the next one is met.</summary>
    internal ReadOnlySpan<int> Numbers => CollectionsMarshal.AsSpan(_nodes);

    internal int LevelStart { get; private set; }

    internal int LevelEnd { get; private set; }

    /// <summary>Distance from the nearest start, in edges, of the node at a place in <see cref="Nodes"/>.</summary>
    public int DepthOf(int place)
    {
        // Level k begins at _levels[k].
        var at = _levels.BinarySearch(place);
        return at >= 0 ? at : ~at - 1;
    }

    /// <summary>The place in <see cref="Nodes"/> of the node through which the one at a place was met first; -1 for a start.</summary>
    public int ViaOf(int place) => _via[place];

    /// <summary>A shortest way from a start to the node at a place, both included.</summary>
    public IReadOnlyList<int> WayTo(int place)
    {
        var way = new List<int>();
        for (var here = place; here >= 0; here = _via[here])
            way.Add(_nodes[here]);
        way.Reverse();
        return way;
    }

    /// <summary>Goes on to the nodes that the last level met; false when there are none.</summary>
    internal bool StartLevel()
    {
        (LevelStart, LevelEnd) = (LevelEnd, _nodes.Count);
        if (LevelStart == LevelEnd || Truncated)
            return false;
        _levels.Add(LevelStart);
        return true;
    }

    /// <summary>The nodes that the last level met are a level, too, though nobody goes on from them.</summary>
    internal LineageWalk Finish()
    {
        if (_nodes.Count > LevelEnd)
            _levels.Add(LevelEnd);
        return this;
    }

    /// <summary>False when there is no room for the node.</summary>
    internal bool Meet(int node, int via, int limit)
    {
        if (_nodes.Count == limit)
        {
            Truncated = true;
            return false;
        }

        _nodes.Add(node);
        _via.Add(via);
        return true;
    }
}
