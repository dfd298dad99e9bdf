namespace Catalog.Lineage;

/// <summary>Which way a walk goes along the flow of data.</summary>
public enum LineageDirection
{
    /// <summary>Upstream, against the flow: what this was made from.</summary>
    Up,

    /// <summary>Downstream, with the flow: what was made from this.</summary>
    Down,
}

/// <summary>How data flowed along an edge. The names are stable.</summary>
public static class LineageRelations
{
    /// <summary>A dataset version was read by a run.</summary>
    public const string Input = "input";

    /// <summary>A run made a dataset version.</summary>
    public const string Output = "output";

    /// <summary>A run trained a model version.</summary>
    public const string Trained = "trained";

    /// <summary>A model version was deployed to an endpoint.</summary>
    public const string Deployed = "deployed";

    /// <summary>A run is an execution of a job.</summary>
    public const string Ran = "ran";

    /// <summary>A file is part of a version.</summary>
    public const string File = "file";
}

/// <summary>A node met on a walk and its distance from the start in edges.</summary>
public sealed record LineageNode(NodeId Id, int Depth);

/// <summary>Data flowed from one node to another.</summary>
public sealed record LineageEdge(NodeId From, NodeId To, string Relation);

/// <summary>
/// What a walk found: the nodes from near to far, each once with its least depth, and the edges followed between them (always in the direction of the
/// flow, also on a walk upstream). Truncated when the limit left nodes out; a depth that ends the walk is not a truncation.
/// </summary>
public sealed record LineageAnswer(
    NodeId Root, LineageDirection Direction, int Depth, IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageEdge> Edges, bool Truncated);
