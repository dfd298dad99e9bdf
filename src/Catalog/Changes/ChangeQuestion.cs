using System.Globalization;
using System.Reflection;
using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Catalog.Changes;

/// <summary>Which part of the log is asked for, and how it is to be told.</summary>
/// <param name="After">The position to begin behind; 0 for the beginning.</param>
/// <param name="Types">Stored names of the facts wanted; empty for all.</param>
/// <param name="Limit">Facts wanted at most; null for as many as there are.</param>
/// <param name="Follow">Whether to go on with what is still to come, instead of ending where the log ends now.</param>
/// <param name="AsEvents">Server-sent events instead of lines of JSON.</param>
public sealed record ChangeQuestion(long After, IReadOnlyList<string> Types, long? Limit, bool Follow, bool AsEvents)
    : IEndpointParameterMetadataProvider
{
    public const string LastEventId = "Last-Event-ID";
    private const long MaxLimit = 1_000_000_000;

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var one in (RequestParameter[])
        [
            new("after", ParameterPlace.Query, "The log position to begin behind.") { Range = (0, long.MaxValue), Default = "0" },
            new("types", ParameterPlace.Query, "Stored names of the facts wanted, separated by commas; all when it is left out."),
            new("limit", ParameterPlace.Query, "Facts wanted at most.") { Range = (1, MaxLimit) },
            new("follow", ParameterPlace.Query, "Go on with what is still to come; unless told, server-sent events do and lines do not.")
            {
                Words = ["true", "false"],
            },
            new(LastEventId, ParameterPlace.Header, "The position to begin behind, in place of 'after': what an EventSource sends."),
        ])
            builder.Metadata.Add(one);
    }

    public static ValueTask<ChangeQuestion> BindAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var events = http.Request.Headers.Accept.Any(a => a?.Contains(ChangeLines.EventType, StringComparison.OrdinalIgnoreCase) == true);
        return ValueTask.FromResult(new ChangeQuestion(
            LastId(http) ?? PageRequest.Number(query, "after", 0L, 0L, long.MaxValue),
            [.. query["types"].SelectMany(t => (t ?? "").Split(',')).Select(t => t.Trim()).Distinct(StringComparer.Ordinal)],
            query.ContainsKey("limit") ? PageRequest.Number(query, "limit", 0L, 1L, MaxLimit) : null,
            Following(query) ?? events,
            events));
    }

    private static long? LastId(HttpContext http) => http.Request.Headers[LastEventId] switch
    {
        [] or [""] => null,
        [{ } text] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) => position,
        _ => throw Wrong(LastEventId, "must be the id of an event that came from here: a log position"),
    };

    private static bool? Following(IQueryCollection query) => query["follow"] switch
    {
        [] => null,
        [{ } text] when bool.TryParse(text, out var follow) => follow,
        _ => throw Wrong("follow", "must be true or false"),
    };

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, $"'{field}' {what}."));
}
