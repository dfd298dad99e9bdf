using System.Globalization;
using Catalog.Sdk.Http;
using Catalog.Usage;

namespace Catalog.Sdk;

/// <summary>What was read, by whom and for what, and what is stored. Only administrators may.</summary>
public sealed class UsageClient
{
    private readonly Transport _transport;

    internal UsageClient(Transport transport) => _transport = transport;

    /// <summary>Sums what was read. Counts of other servers are a few seconds behind.</summary>
    /// <param name="by">What to sum by.</param>
    /// <param name="query">Which days, and of what; the last 30 days of everything where null.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<UsageReport> ReadAsync(UsageBy by, UsageQuery? query = null, CancellationToken ct = default)
    {
        var of = query ?? new UsageQuery();
        return _transport.GetAsync<UsageReport>(
            Route.Of("usage").With("by", by.ToString().ToLowerInvariant()).With("since", Day(of.Since)).With("until", Day(of.Until))
                .With("namespace", of.Namespace).With("node", of.Node?.ToString()),
            ct);
    }

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <param name="Since">The first day, in UTC; null for 29 days before the last.</param>
/// <param name="Until">The last day; null for today.</param>
/// <param name="Namespace">Only this namespace.</param>
/// <param name="Node">Only this dataset, model, or version of one.</param>
public sealed record UsageQuery(DateOnly? Since = null, DateOnly? Until = null, string? Namespace = null, NodeId? Node = null);

/// <summary>Sums of usage, those with most bytes read first.</summary>
/// <param name="Currency">Of the costs; null until prices were declared.</param>
public sealed record UsageReport(DateOnly Since, DateOnly Until, UsageBy By, string? Currency, IReadOnlyList<UsageRow> Rows);

/// <param name="Key">What was summed by; empty where nothing was declared.</param>
/// <param name="Requests">For data, in the days asked for.</param>
/// <param name="Bytes">Of stored files that were read for them.</param>
/// <param name="LastReadAt">Null where nothing was read in these days.</param>
/// <param name="StoredBytes">Of its distinct files in the catalog's own storage now; by owner and by dataset only.</param>
/// <param name="ArchivedBytes">Of those, what is in the archive.</param>
/// <param name="ReadCost">At the price of the object store; null without prices.</param>
/// <param name="StorageCost">A month; null without prices.</param>
public sealed record UsageRow(
    string Key, long Requests, long Bytes, DateTimeOffset? LastReadAt, long? StoredBytes, long? ArchivedBytes, decimal? ReadCost,
    decimal? StorageCost);
