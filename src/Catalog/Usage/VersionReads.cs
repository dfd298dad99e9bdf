using Catalog.Platform.Store;
using Marten;

namespace Catalog.Usage;

/// <summary>How versions were read, whoever read them.</summary>
internal sealed class VersionReads
{
    private readonly ILookup<(string Stream, long Version), OfDay> _days;

    private VersionReads(IEnumerable<OfDay> days) => _days = days.ToLookup(d => (d.Stream, d.Version));

    /// <param name="store">Where reads are counted.</param>
    /// <param name="since">
    /// The first day that requests and bytes will be asked for from; when a version was last read is known anyway.
    /// </param>
    /// <param name="ct">Stops.</param>
    public static async Task<VersionReads> LoadAsync(IDocumentStore store, DateOnly since, CancellationToken ct) => new(
        await store.ReadAsync(
            $"""
            select stream, version, greatest(day, $1) as from_day, coalesce(sum(requests) filter (where day >= $1), 0)::bigint,
              coalesce(sum(bytes) filter (where day >= $1), 0)::bigint, max(last_at)
            from {UsageTable.Name} group by stream, version, from_day
            """,
            [since],
            row => new OfDay(
                row.GetString(0), row.GetInt64(1), row.GetFieldValue<DateOnly>(2), row.GetInt64(3), row.GetInt64(4),
                row.GetFieldValue<DateTimeOffset>(5)),
            ct));

    /// <summary>Requests and bytes from a day on.</summary>
    public (long Requests, long Bytes) Since(DateOnly day, string stream, long version)
    {
        var recent = _days[(stream, version)].Where(d => d.Day >= day).ToList();
        return (recent.Sum(d => d.Requests), recent.Sum(d => d.Bytes));
    }

    /// <summary>When a version was last read; null where that is not known to have happened.</summary>
    public DateTimeOffset? LastAt(string stream, long version) =>
        _days[(stream, version)].Max(d => (DateTimeOffset?)d.LastAt);

    private sealed record OfDay(string Stream, long Version, DateOnly Day, long Requests, long Bytes, DateTimeOffset LastAt);
}
