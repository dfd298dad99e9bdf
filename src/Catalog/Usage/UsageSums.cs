using Catalog.Platform.Store;
using Marten;

namespace Catalog.Usage;

internal sealed record UsageSum(string Key, long Requests, long Bytes, DateTimeOffset LastAt);

/// <summary>Sums the rows of the usage table.</summary>
internal sealed class UsageSums(IDocumentStore store)
{
    /// <summary>Sums by key; of more keys than asked for, those with most bytes.</summary>
    public async Task<Dictionary<string, UsageSum>> ReadAsync(ReadUsage.Query q, int most, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            $"""
            select {KeyOf(q.By)} as key, sum(u.requests)::bigint, sum(u.bytes)::bigint, max(u.last_at)
            from {UsageTable.Name} u
              left join {CatalogStore.Schema}.mt_doc_page_dataset d on d.id = u.stream
              left join {CatalogStore.Schema}.mt_doc_page_model m on m.id = u.stream
            where u.day between $1 and $2
              and ($3::text is null or coalesce(d.data, m.data)->>'namespace' = $3)
              and ($4::text is null or u.stream = $4) and ($5::bigint is null or u.version = $5)
            group by 1 order by 3 desc, 1 limit $6
            """,
            [q.Since, q.Until, q.Namespace, q.Node?.StreamId, q.Node?.VersionNumber, most],
            row => new UsageSum(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<DateTimeOffset>(3)),
            ct);
        return rows.ToDictionary(r => r.Key, StringComparer.Ordinal);
    }

    private static string KeyOf(UsageBy by) => by switch
    {
        UsageBy.Owner => "coalesce(d.data->>'owner', m.data->>'owner', '')",
        UsageBy.Dataset => "u.stream",
        UsageBy.Version => "u.stream || '@' || u.version",
        UsageBy.Run => "u.run",
        UsageBy.Principal => "u.principal",
        UsageBy.Purpose => "u.purpose",
        UsageBy.Way => "u.way",
        UsageBy.Day => "to_char(u.day, 'YYYY-MM-DD')",
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "There is no such sum."),
    };
}
