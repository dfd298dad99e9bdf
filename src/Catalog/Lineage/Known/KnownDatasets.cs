using System.Text.Json;
using Catalog.Datasets;
using Catalog.Lineage.Reported;
using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Lineage.Known;

/// <summary>A dataset, whoever told of it.</summary>
/// <param name="Node">Without version.</param>
/// <param name="FirstSeen">When it is first heard of.</param>
/// <param name="LastSeen">When it is last heard of.</param>
/// <param name="LastWritten">When a run that wrote it last completed, as events told.</param>
/// <param name="Type">As events told: <c>TABLE</c>, <c>TOPIC</c>, ….</param>
/// <param name="Change">What last happened to it as a whole, as events told.</param>
/// <param name="ChangedAt">When.</param>
/// <param name="Page">What was done here; null where nothing was.</param>
internal sealed record KnownDataset(
    NodeId Node, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, DateTimeOffset? LastWritten, string? Type, string? Change,
    DateTimeOffset? ChangedAt, DatasetPage? Page)
{
    /// <summary>Retired here, or dropped and not heard of since.</summary>
    public bool IsGone => Page?.Retired == true || (Page is null && Change == "drop" && ChangedAt >= LastSeen);
}

/// <summary>Lists and finds datasets.</summary>
internal sealed class KnownDatasets(IDocumentStore store)
{
    private const string Pages = $"{CatalogStore.Schema}.mt_doc_page_dataset";

    /// <summary>Datasets of a namespace, by name.</summary>
    public async Task<(IReadOnlyList<KnownDataset> Datasets, long Total)> ListAsync(string ns, int limit, int offset, CancellationToken ct)
    {
        var all =
            $"""
            select node, name from {ReportedTables.Datasets.Name} where namespace = $1
            union select id, data ->> 'name' from {Pages} where data ->> 'namespace' = $1
            """;
        var nodes = await store.ReadAsync(
            $"select node from ({all}) a order by name, node limit $2 offset $3", [ns, limit, offset],
            row => NodeId.Parse(row.GetString(0)), ct);
        var found = await FindAsync(nodes, ct);
        var total = await store.CountAsync($"select count(*) from ({all}) a", [ns], ct);
        return ([.. nodes.Where(found.ContainsKey).Select(n => found[n])], total);
    }

    /// <summary>Those of the datasets that are known, by their nodes.</summary>
    public async Task<IReadOnlyDictionary<NodeId, KnownDataset>> FindAsync(IReadOnlyCollection<NodeId> datasets, CancellationToken ct)
    {
        var found = await store.ReadAsync(
            $"""
            select asked.node, least(o.first_event, (p.data ->> 'registeredAt')::timestamptz),
              greatest(o.last_event, (p.data ->> 'updatedAt')::timestamptz), o.last_written, o.type, o.change, o.changed_at, p.data::text
            from unnest($1) as asked (node)
            left join {ReportedTables.Datasets.Name} o on o.node = asked.node
            left join {Pages} p on p.id = asked.node
            where o.node is not null or p.id is not null
            """,
            [datasets.Select(d => d.ToString()).ToArray()], Read, ct);
        return found.ToDictionary(d => d.Node);
    }

    /// <summary>Those of the versions that were committed here, by their nodes.</summary>
    public async Task<IReadOnlyDictionary<NodeId, VersionPage>> FindVersionsAsync(
        IReadOnlyCollection<NodeId> versions, CancellationToken ct)
    {
        var found = await store.ReadAsync(
            $"select data::text from {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias} where id = any($1)",
            [versions.Select(v => v.ToString()).ToArray()],
            row => JsonSerializer.Deserialize<VersionPage>(row.GetString(0), CatalogStore.Json), ct);
        return found.OfType<VersionPage>().ToDictionary(p => NodeId.Parse(p.Id));
    }

    private static KnownDataset Read(NpgsqlDataReader row) => new(
        NodeId.Parse(row.GetString(0)), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2), row.Time(3),
        row.Text(4), row.Text(5), row.Time(6),
        row.Text(7) is { } page ? JsonSerializer.Deserialize<DatasetPage>(page, CatalogStore.Json) : null);
}
