namespace Catalog.Access.Policies;

/// <summary>A resource with all that it lies in, from the root down to itself; runs lie in their job, generations in their view.</summary>
internal readonly struct ResourceChain
{
    private readonly ResourcePlace[] _places;

    private ResourceChain(ResourcePlace[] places) => _places = places;

    public ReadOnlySpan<ResourcePlace> Places => _places;

    /// <param name="resource">Null for the catalog itself.</param>
    /// <param name="facts">Which know what runs and generations lie in.</param>
    public static ResourceChain Of(NodeId? resource, IResourceFacts facts)
    {
        if (resource is not { } node)
            return new([ResourcePlace.Root]);
        var holder = facts.HolderOf(node);
        var places = new ResourcePlace[1 + Count(node) + (holder is { } above ? Count(above) : 0)];
        places[0] = ResourcePlace.Root;
        var at = 1;
        if (holder is { } outer)
            Add(places, ref at, outer);
        Add(places, ref at, node);
        return new(places);
    }

    public bool Includes(ResourcePlace place) => Array.IndexOf(_places, place) >= 0;

    private static int Count(NodeId node) => 2 + (node.Namespace.Length > 0 ? 2 : 0) + (node.Version is null ? 0 : 1);

    private static void Add(ResourcePlace[] places, ref int at, NodeId node)
    {
        places[at++] = new(node.Kind, Namespace: null, Name: null, Version: null);
        if (node.Namespace.Length > 0)
        {
            places[at++] = new(Kind: null, node.Namespace, Name: null, Version: null);
            places[at++] = new(node.Kind, node.Namespace, Name: null, Version: null);
        }

        places[at++] = new(node.Kind, node.Namespace, node.Name, Version: null);
        if (node.Version is { } version)
            places[at++] = new(node.Kind, node.Namespace, node.Name, version);
    }
}

/// <summary>What policies have to know of resources, as it was at one log position.</summary>
public interface IResourceFacts
{
    /// <summary>What a run or generation lies in: its job, its feature view; null for everything else, and where it is not known.</summary>
    NodeId? HolderOf(NodeId node);

    /// <summary>Stays the same object while no thing's tags have changed.</summary>
    object Knowledge { get; }

    /// <summary>The tags that a thing or version bears: its own, those of what it lies in, and those it inherits along lineage.</summary>
    TagSet TagsOf(NodeId node);

    /// <summary>The columns of a thing or version that bear tags of their own or inherit some, by path.</summary>
    IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node);
}

/// <param name="Column">Its path.</param>
/// <param name="Tags">What it bears.</param>
public sealed record ColumnTags(string Column, TagSet Tags);
