namespace Catalog.Sdk;

/// <summary>Takes nodes where a dataset or a model is meant: those of receipts and lineage.</summary>
internal static class NodeNames
{
    /// <exception cref="ArgumentException">The node is of another kind.</exception>
    public static QualifiedName NameOf(this NodeId node, NodeKind kind) => node.Kind == kind
        ? QualifiedName.Of(node)
        : throw new ArgumentException($"'{node}' is no {kind.ToString().ToLowerInvariant()}.", nameof(node));
}
