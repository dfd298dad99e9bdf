namespace Catalog.Lineage;

/// <summary>A node met on a walk and its distance from the start in edges.</summary>
public sealed record LineageNode(NodeId Id, int Depth);

/// <summary>Data flowed from one node to another.</summary>
public sealed record LineageEdge(NodeId From, NodeId To, LineageRelation Relation);
