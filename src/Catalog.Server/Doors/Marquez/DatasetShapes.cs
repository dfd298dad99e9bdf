using System.Text.Json;
using Catalog.Datasets;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;
using Catalog.Schemas;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Datasets and their versions as Marquez shows them.</summary>
internal sealed class DatasetShapes(
    GraphFollower follower, KnownDatasets datasets, KnownRuns runs, RunShapes runShapes, FacetReader facets, RunFacets inRuns)
{
    private static readonly IReadOnlyDictionary<string, JsonElement> s_none = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public async Task<IReadOnlyList<DatasetShape>> ShowAsync(IReadOnlyList<KnownDataset> known, CancellationToken ct)
    {
        var graph = MarquezGraph.Current(follower);
        var said = await facets.ReadAsync([.. known.Select(d => d.Node)], names: null, ct);
        return [.. known.Select(d => Show(d, graph, RunShapes.Merge(said[d.Node])))];
    }

    public async Task<IReadOnlyList<DatasetVersionShape>> ShowVersionsAsync(
        KnownDataset dataset, IReadOnlyList<(NodeId Version, DateTimeOffset Since)> versions, CancellationToken ct)
    {
        var graph = MarquezGraph.Current(follower);
        var makers = versions.Select(v => graph.MakerOf(v.Version)).OfType<NodeId>().Distinct().ToList();
        var made = (await runShapes.WholeAsync(await runs.FindAsync(makers, ct), ct)).ToDictionary(r => r.Id, StringComparer.Ordinal);
        var said = await inRuns.ReadAsync([.. makers.Select(r => new InRun(r, dataset.Node, "output"))], ct);
        var pages = await datasets.FindVersionsAsync([.. versions.Select(v => v.Version)], ct);
        return [.. versions.Select(v => ShowVersion(v, graph.MakerOf(v.Version)))];

        DatasetVersionShape ShowVersion((NodeId Node, DateTimeOffset Since) version, NodeId? maker)
        {
            var (page, told) = (pages.GetValueOrDefault(version.Node), maker is { } run ? said[new(run, dataset.Node, "output")] : s_none);
            return new DatasetVersionShape(
                MarquezIds.Version(version.Node), TypeOf(dataset), dataset.Node.Name, dataset.Node.Name, version.Since,
                MarquezIds.Uuid(version.Node), dataset.Node.Namespace, dataset.Node.Namespace,
                Fields(page?.Schema, dataset.Page, told), Tags(dataset, told),
                FacetValues.Text(told, "lifecycleStateChange", "lifecycleStateChange"), Describe(dataset, told),
                CurrentSchemaVersion: null, maker is { } by ? made.GetValueOrDefault(by.Name) : null, told);
        }
    }

    public static DatasetShape Show(KnownDataset dataset, MarquezGraph graph, IReadOnlyDictionary<string, JsonElement> facets) => new(
        JobShapes.Ref(dataset.Node),
        TypeOf(dataset),
        dataset.Node.Name,
        dataset.Node.Name,
        dataset.FirstSeen,
        dataset.LastSeen,
        dataset.Node.Namespace,
        dataset.Node.Namespace,
        Fields(dataset.Page?.Schema, dataset.Page, facets),
        Tags(dataset, facets),
        dataset.LastWritten ?? (dataset.Page is { Latest: > 0 } page ? page.UpdatedAt : null),
        dataset.Change?.ToUpperInvariant(),
        Describe(dataset, facets),
        graph.VersionsOf(dataset.Node) is [var newest, ..] ? MarquezIds.Uuid(newest.Version) : null,
        [.. ColumnLineageFacet.Of(facets)],
        facets,
        dataset.IsGone);

    /// <summary>Marquez knows tables and streams.</summary>
    private static string TypeOf(KnownDataset dataset) => dataset.Type?.ToUpperInvariant() is "STREAM" or "TOPIC" ? "STREAM" : "DB_TABLE";

    private static string? Describe(KnownDataset dataset, IReadOnlyDictionary<string, JsonElement> facets) =>
        dataset.Page is { Documentation.Length: > 0 } page ? page.Documentation : FacetValues.Text(facets, "documentation", "description");

    private static IReadOnlyList<string> Tags(KnownDataset dataset, IReadOnlyDictionary<string, JsonElement> facets) =>
        [.. (dataset.Page?.Tags ?? []).Union(FacetValues.Tags(facets), StringComparer.Ordinal)];

    /// <summary>Columns as committed here; else as the facet has them.</summary>
    private static IReadOnlyList<FieldShape> Fields(TableSchema? schema, DatasetPage? page, IReadOnlyDictionary<string, JsonElement> facets)
    {
        var told = FacetValues.FieldTags(facets);
        return schema is not null
            ? [.. schema.Columns.Select(c => new FieldShape(c.Name, c.Type.ToString(), TagsOf(c.Name), Description: null))]
            :
            [
                .. from field in FacetValues.Items(facets, "schema", "fields")
                let name = EventFacets.Text(field, "name")
                where name is not null
                select new FieldShape(name, EventFacets.Text(field, "type"), TagsOf(name), EventFacets.Text(field, "description")),
            ];

        IReadOnlyList<string> TagsOf(string column) =>
            [.. (page?.ColumnTags.GetValueOrDefault(column) ?? []).Union(told[column], StringComparer.Ordinal)];
    }
}
