using System.Text.Json;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Jobs as Marquez shows them.</summary>
internal sealed class JobShapes(GraphFollower follower, KnownRuns runs, FacetReader facets)
{
    private const int LatestRuns = 10;

    public async Task<IReadOnlyList<JobShape>> ShowAsync(IReadOnlyList<KnownJob> jobs, CancellationToken ct)
    {
        IReadOnlyList<NodeId> nodes = [.. jobs.Select(j => j.Node)];
        var (graph, latest) = (MarquezGraph.Current(follower), await runs.LatestAsync(nodes, LatestRuns, ct));
        var said = await facets.ReadAsync(nodes, names: null, ct);
        return [.. jobs.Select(j => Show(j, graph, [.. latest[j.Node].Select(RunShapes.Brief)], RunShapes.Merge(said[j.Node])))];
    }

    public static JobShape Show(
        KnownJob job, MarquezGraph graph, IReadOnlyList<RunShape> latest, IReadOnlyDictionary<string, JsonElement> facets) => new(
        new JobRef(job.Node.Namespace, job.Node.Name),
        TypeOf(job.ProcessingType),
        job.Node.Name,
        SimpleName(job),
        job.Parent?.Name,
        job.Parent is { } parent ? MarquezIds.Uuid(parent) : null,
        job.FirstSeen,
        job.LastSeen,
        job.Node.Namespace,
        [.. graph.InputsOf(job.Node).Select(Ref)],
        [.. graph.OutputsOf(job.Node).Select(Ref)],
        FacetValues.Text(facets, "sourceCodeLocation", "url"),
        FacetValues.Text(facets, "documentation", "description"),
        latest.Count > 0 ? latest[0] : null,
        latest,
        facets,
        MarquezIds.Uuid(job.Node),
        [],
        FacetValues.Tags(facets));

    public static DatasetRef Ref(NodeId dataset) => new(dataset.Namespace, dataset.Name);

    private static string TypeOf(string? processing) => processing?.ToUpperInvariant() switch
    {
        "STREAMING" or "STREAM" => "STREAM",
        "SERVICE" => "SERVICE",
        _ => "BATCH",
    };

    /// <summary>Without the name of the parent, where that is in front.</summary>
    private static string SimpleName(KnownJob job) =>
        job.Parent is { } parent && job.Node.Name.StartsWith(parent.Name + ".", StringComparison.Ordinal)
            ? job.Node.Name[(parent.Name.Length + 1)..]
            : job.Node.Name;
}

/// <summary>Reads what facets of the standard say.</summary>
internal static class FacetValues
{
    public static string? Text(IReadOnlyDictionary<string, JsonElement> facets, string facet, string member) =>
        facets.TryGetValue(facet, out var value) ? EventFacets.Text(value, member) : null;

    /// <summary>Tags of the thing itself, each <c>key</c> or <c>key:value</c>.</summary>
    public static IReadOnlyList<string> Tags(IReadOnlyDictionary<string, JsonElement> facets) =>
        [.. TagsOf(facets).Where(t => t.Field is null).Select(t => t.Tag).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Tags of the columns of a dataset.</summary>
    public static ILookup<string, string> FieldTags(IReadOnlyDictionary<string, JsonElement> facets) =>
        TagsOf(facets).Where(t => t.Field is not null).ToLookup(t => t.Field ?? "", t => t.Tag, StringComparer.Ordinal);

    /// <summary>The objects in an array of a facet; none where it is not there.</summary>
    public static IEnumerable<JsonElement> Items(IReadOnlyDictionary<string, JsonElement> facets, string facet, string member) =>
        facets.TryGetValue(facet, out var value) && value.TryGetProperty(member, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object)
            : [];

    private static IEnumerable<(string Tag, string? Field)> TagsOf(IReadOnlyDictionary<string, JsonElement> facets) =>
        from tag in Items(facets, "tags", "tags")
        let key = EventFacets.Text(tag, "key")
        let value = EventFacets.Text(tag, "value")
        where key is not null
        select (value is null or "" or "true" ? key : $"{key}:{value}", EventFacets.Text(tag, "field"));
}
