using System.Text.Json;
using Catalog.Datasets;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;
using Catalog.Schemas;
using Marten;

namespace Catalog.Lineage;

/// <summary>What changed between the schemas of two versions of a dataset.</summary>
internal sealed class VersionSchemas(IQuerySession pages, RunFacets facets)
{
    /// <summary>
    /// Null where a schema is not known, and where one was read here and the other told of: the types of other tools are their own words.
    /// </summary>
    public async Task<SchemaChange?> CompareAsync(
        (NodeId Version, Scene Scene) from, (NodeId Version, Scene Scene) to, CancellationToken ct)
    {
        var (one, other) = (await ReadAsync(from.Version, ct), await ReadAsync(to.Version, ct));
        if (one is null && other is null)
            (one, other) = (await ToldAsync(from.Version, from.Scene, ct), await ToldAsync(to.Version, to.Scene, ct));
        return one is not null && other is not null ? SchemaComparison.Compare(one, other) : null;
    }

    private async Task<TableSchema?> ReadAsync(NodeId version, CancellationToken ct) =>
        (await pages.LoadAsync<VersionPage>(version.ToString(), ct))?.Schema;

    /// <summary>As the run that made the version told; of several that made it under one label, any.</summary>
    private async Task<TableSchema?> ToldAsync(NodeId version, Scene scene, CancellationToken ct)
    {
        var node = scene.View.Find(version);
        var makers = node < 0 ? [] : scene.View.Neighbours(node, into: true, LineageRelations.Of(LineageRelation.Output), scene.Moment);
        if (makers is not [var (maker, _), ..])
            return null;
        var asked = new InRun(scene.View.NodeOf(maker), version.WithoutVersion(), "output");
        var found = await facets.ReadAsync([asked], scene.AsOf, ct);
        return found[asked].TryGetValue("schema", out var schema) && ColumnsOf(schema) is { Count: > 0 } columns
            ? new TableSchema(columns)
            : null;
    }

    private static IReadOnlyList<Column> ColumnsOf(JsonElement parent) =>
        parent.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array
            ? [.. fields.EnumerateArray().Select(ColumnOf).OfType<Column>().DistinctBy(c => c.Name, StringComparer.Ordinal)]
            : [];

    /// <summary>Whether a column may hold nulls is not told.</summary>
    private static Column? ColumnOf(JsonElement field)
    {
        if (EventFacets.Text(field, "name") is not { } name)
            return null;
        var inner = ColumnsOf(field);
        return new Column(name, EventFacets.Text(field, "type") ?? "", Nullable: true, inner.Count > 0 ? inner : null);
    }
}
