namespace Catalog.Sdk;

/// <summary>What leads to a node, or comes from it.</summary>
/// <param name="Root">Where the walk began.</param>
/// <param name="Direction">Which way it went.</param>
/// <param name="Depth">How many steps at most.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="Truncated">There is more than was asked for.</param>
/// <param name="Nodes">Nearest first, the root among them.</param>
/// <param name="Edges">In the direction data flows, whichever way the walk went.</param>
public sealed record LineageAnswer(
    NodeId Root,
    LineageDirection Direction,
    int Depth,
    long Position,
    bool Truncated,
    IReadOnlyList<LineageNode> Nodes,
    IReadOnlyList<LineageEdge> Edges);

public enum LineageDirection
{
    /// <summary>What it was made from.</summary>
    Up,

    /// <summary>What was made from it.</summary>
    Down,
}

public sealed record LineageNode(NodeId Id, int Depth);

/// <param name="From">Where data comes from.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Relation"><c>input</c>, <c>output</c>, <c>trained</c>, <c>deployed</c>, <c>file</c>.</param>
public sealed record LineageEdge(NodeId From, NodeId To, string Relation);
