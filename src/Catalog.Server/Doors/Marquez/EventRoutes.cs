using System.Globalization;
using System.Text;
using System.Text.Json;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Events as they were sent, and how many there were.</summary>
internal static class EventRoutes
{
    private static readonly DateTimeOffset s_last = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/events/lineage", ListAsync);
        api.MapGet("/stats/lineage-events", (HttpContext http, ReportedEvents events, TimeProvider clock) => CountAsync(
            http, zoneNeeded: true,
            async (zone, ct) => (await events.CountAsync(clock.GetUtcNow(), zone, ct)).Select(c => new
            {
                StartInterval = c.Start,
                EndInterval = c.End,
                Fail = c.Fails,
                Start = c.Starts,
                Complete = c.Completes,
                Abort = c.Aborts,
            })));
        foreach (var of in Enum.GetValues<KnownCount>())
        {
            var path = $"/stats/{of.ToString().ToLowerInvariant()}";
            api.MapGet(path, (HttpContext http, ReportedEvents events, TimeProvider clock) => CountAsync(
                http, zoneNeeded: false,
                async (zone, ct) => (await events.CountAsync(of, clock.GetUtcNow(), zone, ct))
                    .Select(c => new { StartInterval = c.Start, EndInterval = c.End, c.Count })));
        }
    }

    private static async Task<IResult> ListAsync(MarquezPage page, HttpContext http, ReportedEvents events, OpenLineageBodies bodies)
    {
        var query = http.Request.Query;
        var (after, before) = (Time(query, "after", DateTimeOffset.UnixEpoch), Time(query, "before", s_last));
        var direction = query["sortDirection"].ToString().ToLowerInvariant();
        if (direction is not ("" or "asc" or "desc"))
            return MarquezAnswers.Wrong("query param sortDirection must be asc or desc.");
        var (found, total) = await events.ListAsync(after, before, direction == "asc", page.Limit, page.Offset, http.RequestAborted);
        return new EventsAnswer(found, total, bodies);
    }

    /// <param name="http">The request, with <c>period</c> and <c>timezone</c>.</param>
    /// <param name="zoneNeeded">Whether a week cannot be counted without a zone.</param>
    /// <param name="count">By hours where the zone is null, else by days of it.</param>
    private static async Task<IResult> CountAsync<T>(HttpContext http, bool zoneNeeded, Func<string?, CancellationToken, Task<T>> count)
    {
        var (period, zone) = (http.Request.Query["period"].ToString().ToUpperInvariant(), http.Request.Query["timezone"].ToString());
        if (period is not ("DAY" or "WEEK"))
            return MarquezAnswers.Wrong("Invalid period: query param period must be DAY or WEEK.");
        if (period == "WEEK" && zone.Length == 0 && zoneNeeded)
            return MarquezAnswers.Wrong("Timezone must be specified for period 'WEEK'");
        try
        {
            return MarquezAnswers.Json(await count(period == "DAY" ? null : zone.Length == 0 ? "UTC" : zone, http.RequestAborted));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            return MarquezAnswers.Wrong($"query param timezone must be a time zone such as Europe/Berlin, not '{zone}'.");
        }
    }

    /// <summary>The web UI leaves them empty until somebody chooses a day.</summary>
    private static DateTimeOffset Time(IQueryCollection query, string field, DateTimeOffset missing) => query[field].ToString() switch
    {
        "" => missing,
        // A plus sign that was not encoded reads as a space.
        var text when DateTimeOffset.TryParse(
            text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time) => time,
        _ => throw new ProblemException(Platform.Problem.Field(
            "request.invalid", field, $"query param {field} must be a time such as 2026-11-24T10:00:00Z.")),
    };

    /// <summary>Bodies go out one after the other, byte for byte: together they can be larger than memory.</summary>
    private sealed class EventsAnswer(IReadOnlyList<ReportedEvent> events, long total, OpenLineageBodies bodies) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = "application/json";
            await WriteAsync("{\"events\":["u8.ToArray());
            foreach (var (said, place) in events.Select((e, i) => (e, i)))
            {
                if (place > 0)
                    await WriteAsync(","u8.ToArray());
                await WriteAsync(await bodies.ReadAsync(said.Hash, http.RequestAborted) is { } body ? Plain(body) : Erased(said));
            }

            await WriteAsync(Encoding.UTF8.GetBytes($"],\"totalCount\":{total}}}"));

            async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        }

        private static ReadOnlyMemory<byte> Plain(ReadOnlyMemory<byte> body) => body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;

        /// <summary>What the log still says of an event whose body is gone.</summary>
        private static byte[] Erased(ReportedEvent said) => JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                EventType = said.State?.ToUpperInvariant(),
                EventTime = said.Time,
                Run = new { RunId = said.Run.Name, Facets = new { } },
                Job = new { said.Job.Namespace, said.Job.Name, Facets = new { } },
                Inputs = Array.Empty<object>(),
                Outputs = Array.Empty<object>(),
            },
            MarquezJson.Options);
    }
}
