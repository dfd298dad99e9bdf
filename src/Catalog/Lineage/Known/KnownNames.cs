using Catalog.Lineage.Reported;
using Catalog.Platform.Store;
using Marten;

namespace Catalog.Lineage.Known;

/// <param name="Name">Of jobs, of datasets, or of both.</param>
/// <param name="FirstSeen">When something in it is first heard of.</param>
/// <param name="LastSeen">When something in it is last heard of.</param>
internal sealed record KnownNamespace(string Name, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);

/// <param name="Node">A job or dataset.</param>
/// <param name="LastSeen">When it is last heard of.</param>
internal sealed record KnownName(NodeId Node, DateTimeOffset LastSeen);

/// <summary>What to look for.</summary>
/// <param name="Text">Part of the name, in upper or lower case.</param>
/// <param name="Kind">Jobs or datasets only; null for both.</param>
/// <param name="Namespace">In this namespace only.</param>
/// <param name="Before">Last heard of before.</param>
/// <param name="After">Last heard of after.</param>
/// <param name="ByTime">The latest first; else by name.</param>
/// <param name="Limit">At most.</param>
internal sealed record NameSearch(
    string Text, NodeKind? Kind, string? Namespace, DateTimeOffset? Before, DateTimeOffset? After, bool ByTime, int Limit);

/// <summary>Names of jobs and datasets, whoever told of them, and what they lie in.</summary>
internal sealed class KnownNames(IDocumentStore store)
{
    private static readonly string s_datasets =
        $"""
        select node, namespace, name, first_event as first, last_event as last from {ReportedTables.Datasets.Name}
        union all
        select id, data ->> 'namespace', data ->> 'name', (data ->> 'registeredAt')::timestamptz, (data ->> 'updatedAt')::timestamptz
        from {CatalogStore.Schema}.mt_doc_page_dataset
        """;

    private static readonly string s_jobs =
        $"""
        select node, namespace, name, first_event as first, last_event as last from {ReportedTables.Jobs.Name}
        union all
        select id, data ->> 'namespace', data ->> 'name', (data ->> 'firstSeenAt')::timestamptz, (data ->> 'firstSeenAt')::timestamptz
        from {CatalogStore.Schema}.mt_doc_page_job
        """;

    /// <summary>Namespaces, by name.</summary>
    /// <param name="kind">That have such things; null for jobs and datasets.</param>
    /// <param name="name">This one; null for all.</param>
    /// <param name="limit">At most.</param>
    /// <param name="offset">So many are passed over.</param>
    /// <param name="ct">Stops.</param>
    public async Task<IReadOnlyList<KnownNamespace>> NamespacesAsync(
        NodeKind? kind, string? name, int limit, int offset, CancellationToken ct) => await store.ReadAsync(
        $"""
        select namespace, min(first), max(last) from ({Of(kind)}) t where $1::text is null or namespace = $1
        group by namespace order by namespace limit $2 offset $3
        """,
        [name, limit, offset],
        row => new KnownNamespace(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2)), ct);

    public async Task<IReadOnlyList<KnownName>> SearchAsync(NameSearch search, CancellationToken ct) => await store.ReadAsync(
        $"""
        select node, max(last) from ({Of(search.Kind)}) t
        where name ilike $1 and ($2::text is null or namespace = $2)
        group by node, name
        having ($3::timestamptz is null or max(last) < $3) and ($4::timestamptz is null or max(last) > $4)
        order by {(search.ByTime ? "max(last) desc, node" : "name, node")} limit $5
        """,
        [$"%{Escaped(search.Text)}%", search.Namespace, search.Before, search.After, search.Limit],
        row => new KnownName(NodeId.Parse(row.GetString(0)), row.GetFieldValue<DateTimeOffset>(1)), ct);

    /// <summary>Tags that datasets carry here, by name.</summary>
    public async Task<IReadOnlyList<string>> TagsAsync(int limit, int offset, CancellationToken ct) => await store.ReadAsync(
        $"""
        select tag from {CatalogStore.Schema}.mt_doc_page_dataset p cross join lateral (
          select jsonb_array_elements_text(p.data -> 'tags') as tag
          union select jsonb_array_elements_text(value) from jsonb_each(p.data -> 'columnTags')) t
        group by tag order by tag limit $1 offset $2
        """,
        [limit, offset], row => row.GetString(0), ct);

    /// <summary>When each job, dataset or namespace of datasets is first heard of: to count them over time.</summary>
    internal static string FirstSeen(KnownCount of) => of switch
    {
        KnownCount.Jobs => $"select node as thing, min(first) as at from ({s_jobs}) t group by node",
        KnownCount.Datasets => $"select node as thing, min(first) as at from ({s_datasets}) t group by node",
        _ => $"select namespace as thing, min(first) as at from ({s_datasets}) t group by namespace",
    };

    private static string Of(NodeKind? kind) => kind switch
    {
        NodeKind.Job => s_jobs,
        NodeKind.Dataset => s_datasets,
        _ => $"{s_jobs} union all {s_datasets}",
    };

    private static string Escaped(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("%", "\\%", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal);
}

/// <summary>What can be counted over time.</summary>
internal enum KnownCount
{
    Jobs,
    Datasets,
    Sources,
}
