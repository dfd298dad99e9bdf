using Catalog.Lineage.Reported;
using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Lineage.Known;

/// <summary>An event of a run, as listed.</summary>
/// <param name="Hash">Of its body.</param>
/// <param name="Time">When it happened.</param>
/// <param name="State">The step of the run; null where none was given.</param>
/// <param name="Run">Its run.</param>
/// <param name="Job">Its job.</param>
internal sealed record ReportedEvent(string Hash, DateTimeOffset Time, string? State, NodeId Run, NodeId Job);

/// <param name="Start">From.</param>
/// <param name="End">To, not included.</param>
/// <param name="Fails">Events FAIL in between.</param>
/// <param name="Starts">Events START in between.</param>
/// <param name="Completes">Events COMPLETE in between.</param>
/// <param name="Aborts">Events ABORT in between.</param>
internal sealed record EventsCounted(DateTimeOffset Start, DateTimeOffset End, long Fails, long Starts, long Completes, long Aborts);

/// <param name="Start">From.</param>
/// <param name="End">To, not included.</param>
/// <param name="Count">How many there were by then.</param>
internal sealed record ThingsCounted(DateTimeOffset Start, DateTimeOffset End, long Count);

/// <summary>Lists and counts events of runs.</summary>
internal sealed class ReportedEvents(IDocumentStore store)
{
    /// <summary>The last 24 hours, each with its start. <c>$1</c> is the time now.</summary>
    private const string Hours =
        "select generate_series(date_trunc('hour', $1 - interval '23 hours'), date_trunc('hour', $1), '1 hour') as start";

    /// <summary>The last 7 days of the time zone <c>$2</c>.</summary>
    private const string Days =
        "select day at time zone $2 as start from generate_series(date_trunc('day', $1 at time zone $2) - interval '6 days', " +
        "date_trunc('day', $1 at time zone $2), '1 day') day";

    /// <summary>Events that happened within a time, in the order of time.</summary>
    public async Task<(IReadOnlyList<ReportedEvent> Events, long Total)> ListAsync(
        DateTimeOffset after, DateTimeOffset before, bool ascending, int limit, int offset, CancellationToken ct)
    {
        var within = $"from {ReportedTables.Events.Name} where event_time >= $1 and event_time < $2 and kind = 'run'";
        var order = ascending ? "event_time, position" : "event_time desc, position desc";
        var events = await store.ReadAsync(
            $"select hash, event_time, state, run, job {within} order by {order} limit $3 offset $4",
            [after, before, limit, offset], Read, ct);
        return (events, await store.CountAsync($"select count(*) {within}", [after, before], ct));
    }

    /// <summary>Events by hour of the last 24, or by day of the last 7.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="zone">Of days, as PostgreSQL knows it; null for hours.</param>
    /// <param name="ct">Stops.</param>
    public async Task<IReadOnlyList<EventsCounted>> CountAsync(DateTimeOffset now, string? zone, CancellationToken ct) =>
        await store.ReadAsync(
            $"""
            with span as ({Spans(zone)})
            select s.start, s.stop, count(*) filter (where e.state = 'fail'), count(*) filter (where e.state = 'start'),
              count(*) filter (where e.state = 'complete'), count(*) filter (where e.state = 'abort')
            from span s left join {ReportedTables.Events.Name} e on e.event_time >= s.start and e.event_time < s.stop
            group by s.start, s.stop order by s.start
            """,
            Times(now, zone),
            row => new EventsCounted(
                row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetInt64(2), row.GetInt64(3),
                row.GetInt64(4), row.GetInt64(5)),
            ct);

    /// <summary>How many there were by the end of each hour of the last 24, or of each day of the last 7.</summary>
    /// <inheritdoc cref="CountAsync(DateTimeOffset, string?, CancellationToken)"/>
    public async Task<IReadOnlyList<ThingsCounted>> CountAsync(KnownCount of, DateTimeOffset now, string? zone, CancellationToken ct) =>
        await store.ReadAsync(
            $"""
            with span as ({Spans(zone)}), thing as materialized ({KnownNames.FirstSeen(of)})
            select s.start, s.stop, (select count(*) from thing where at < s.stop) from span s order by s.start
            """,
            Times(now, zone),
            row => new ThingsCounted(row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetInt64(2)), ct);

    private static string Spans(string? zone) => zone is null
        ? $"select start, start + interval '1 hour' as stop from ({Hours}) h"
        : $"select start, ((start at time zone $2) + interval '1 day') at time zone $2 as stop from ({Days}) d";

    private static IReadOnlyList<object?> Times(DateTimeOffset now, string? zone) => zone is null ? [now] : [now, zone];

    private static ReportedEvent Read(NpgsqlDataReader row) => new(
        Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)), row.GetFieldValue<DateTimeOffset>(1), row.Text(2),
        NodeId.Parse(row.GetString(3)), NodeId.Parse(row.GetString(4)));
}
