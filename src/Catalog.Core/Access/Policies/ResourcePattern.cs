using System.Diagnostics.CodeAnalysis;

namespace Catalog.Access.Policies;

/// <summary>
/// A place in the tree of resources, with all that lies below it: <c>*</c>, <c>namespace:demo</c>, <c>dataset:*</c>,
/// <c>dataset:demo/*</c>, <c>dataset:demo/flights</c>, <c>dataset:demo/flights@3</c>, and, for masks, <c>dataset:demo/flights#delay</c>.
/// </summary>
/// <param name="Kind">Null for all kinds.</param>
/// <param name="Namespace">Null for all namespaces.</param>
/// <param name="Name">Null for all names; for runs and generations their id.</param>
/// <param name="Version">Null for all versions.</param>
public readonly record struct ResourcePlace(NodeKind? Kind, string? Namespace, string? Name, string? Version)
{
    /// <summary>Everything.</summary>
    public static ResourcePlace Root { get; } = new(Kind: null, Namespace: null, Name: null, Version: null);

    /// <summary>The place of a node itself.</summary>
    public static ResourcePlace Of(NodeId node) => new(node.Kind, node.Namespace, node.Name, node.Version);
}

/// <summary>A place in the tree of resources as a statement names it.</summary>
/// <param name="Place">Where.</param>
/// <param name="Column">The column meant there; null for all.</param>
public sealed record ResourcePattern(ResourcePlace Place, string? Column)
{
    private const string AnyNamespace = "namespace:";

    public static bool TryParse(string text, [NotNullWhen(true)] out ResourcePattern? pattern, [NotNullWhen(false)] out string? error)
    {
        (pattern, error) = (null, null);
        if (text == "*")
        {
            pattern = new(ResourcePlace.Root, Column: null);
            return true;
        }

        if (text.StartsWith(AnyNamespace, StringComparison.Ordinal))
            return TryNamespace(kind: null, text[AnyNamespace.Length..], out pattern, out error);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && NodeId.KindOf(text[..colon]) is { } kind)
        {
            var rest = text[(colon + 1)..];
            if (rest == "*")
            {
                pattern = new(new ResourcePlace(kind, Namespace: null, Name: null, Version: null), Column: null);
                return true;
            }

            if (rest.EndsWith("/*", StringComparison.Ordinal))
                return TryNamespace(kind, rest[..^2], out pattern, out error);
        }

        if (!NodeId.TryParse(text, out var node, out error))
        {
            error = $"'{text}' is neither '*', 'namespace:name', 'dataset:*', 'dataset:namespace/*' nor a node: {error}";
            return false;
        }

        pattern = new(ResourcePlace.Of(node), node.Column);
        return true;
    }

    /// <summary>A namespace is read as it stands in a node's text: any node of it is parsed, and its namespace taken.</summary>
    private static bool TryNamespace(
        NodeKind? kind, string encoded, [NotNullWhen(true)] out ResourcePattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = NodeId.TryParse($"{NodeId.WordOf(NodeKind.Dataset)}:{encoded}/x", out var node, out error)
            ? new(new ResourcePlace(kind, node.Namespace, Name: null, Version: null), Column: null)
            : null;
        return pattern is not null;
    }
}
