namespace Catalog.Lineage;

/// <summary>A node met on a walk and its distance from the start in edges.</summary>
public sealed record LineageNode(NodeId Id, int Depth);

/// <summary>Data flowed from one node to another.</summary>
public sealed record LineageEdge(NodeId From, NodeId To, LineageRelation Relation);

/// <summary>What a walk found: the part of the graph that an answer shows, in whichever format.</summary>
/// <param name="Root">Where the walk began.</param>
/// <param name="Direction">Which way it went.</param>
/// <param name="Nodes">From near to far.</param>
/// <param name="Edges">In the direction of the flow of data.</param>
/// <param name="Truncated">Whether a limit left nodes out.</param>
public sealed record LineageExtract(
    NodeId Root, LineageDirection Direction, IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageEdge> Edges, bool Truncated);

/// <summary>How an answer about lineage is written.</summary>
public enum LineageFormat
{
    /// <summary>Nodes and edges.</summary>
    Json,

    /// <summary>An indented text for people.</summary>
    Tree,

    /// <summary>A flowchart that Mermaid draws.</summary>
    Mermaid,

    /// <summary>W3C PROV-JSON.</summary>
    Prov,

    /// <summary>OpenLineage events, as an array that a catalog's <c>/api/v1/lineage/batch</c> takes.</summary>
    OpenLineage,
}
