using Catalog.Lineage;

namespace Catalog.Sdk;

/// <summary>What leads to a node, or comes from it.</summary>
/// <param name="Root">Where the walk began, by number.</param>
/// <param name="Direction">Which way it went.</param>
/// <param name="Granularity">Along what.</param>
/// <param name="Depth">How many steps at most.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="At">What held then; null for what holds without an end in sight.</param>
/// <param name="Truncated">There is more than was asked for.</param>
/// <param name="Nodes">Nearest first, the root among them.</param>
/// <param name="Edges">In the direction data flows, whichever way the walk went.</param>
public sealed record LineageTrace(
    NodeId Root,
    LineageDirection Direction,
    LineageGranularity Granularity,
    int Depth,
    long Position,
    DateTimeOffset? At,
    bool Truncated,
    IReadOnlyList<LineageNode> Nodes,
    IReadOnlyList<LineageEdge> Edges);
