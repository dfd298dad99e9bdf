using System.Reflection;
using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Catalog.Lineage;

/// <summary>What all questions about lineage have in common: when, along what, how far, and what of it to show.</summary>
/// <param name="Granularity">Versions and runs, datasets and jobs, or columns.</param>
/// <param name="Depth">Steps at most.</param>
/// <param name="Limit">Nodes at most; of an explanation, facts.</param>
/// <param name="AsOf">What was known then: a log position, or a time; null for all that is known.</param>
/// <param name="At">What held then; null for what holds without an end in sight.</param>
/// <param name="AtLeast">A log position that the answer must include; the request waits for it, up to five seconds.</param>
/// <param name="Show">Which nodes are shown.</param>
public sealed record LineageQuestion(
    LineageGranularity Granularity, int Depth, int Limit, LogMoment? AsOf, DateTimeOffset? At, long? AtLeast, LineageFilter Show)
    : IEndpointParameterMetadataProvider
{
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        foreach (var one in (RequestParameter[])
        [
            new("granularity", ParameterPlace.Query, "Along what.") { Words = QueryWords.Of<LineageGranularity>(), Default = "version" },
            new("depth", ParameterPlace.Query, "Steps at most.")
            {
                Range = (0, LineageBounds.MaxDepth),
                Default = $"{LineageBounds.DefaultDepth}",
            },
            new("limit", ParameterPlace.Query, "Nodes at most; of an explanation, facts.")
            {
                Range = (1, LineageBounds.MaxLimit),
                Default = $"{LineageBounds.DefaultLimit}",
            },
            new("asOf", ParameterPlace.Query, "What was known then: a log position, or a time."),
            new("at", ParameterPlace.Query, "What held at that time; what holds without an end in sight when it is left out."),
            new("kind", ParameterPlace.Query, "Show nodes of this kind only; may be given again."),
            new("namespace", ParameterPlace.Query, "Show nodes in this namespace only; may be given again."),
            new("tag", ParameterPlace.Query, "Show datasets and runs with this tag only; may be given again."),
            RequestParameter.AtLeast,
        ])
            builder.Metadata.Add(one);
    }

    public static ValueTask<LineageQuestion> BindAsync(HttpContext http)
    {
        var query = http.Request.Query;
        return ValueTask.FromResult(new LineageQuestion(
            QueryWords.One<LineageGranularity>(query, "granularity") ?? LineageGranularity.Version,
            PageRequest.Number(query, "depth", LineageBounds.DefaultDepth, 0, LineageBounds.MaxDepth),
            PageRequest.Number(query, "limit", LineageBounds.DefaultLimit, 1, LineageBounds.MaxLimit),
            LogMoment.Read(query, "asOf"),
            QueryWords.Time(query, "at"),
            query.ContainsKey("atLeast") ? PageRequest.Number(query, "atLeast", 0L, 0L, long.MaxValue) : null,
            new LineageFilter(
                [.. query["kind"].Select(k => QueryWords.Kind(k, "kind"))],
                [.. query["namespace"].OfType<string>()],
                [.. query["tag"].OfType<string>()])));
    }
}

/// <summary>Which nodes of an answer are shown; the root always is. Lists that are empty ask for nothing.</summary>
/// <param name="Kinds">Of one of these kinds.</param>
/// <param name="Namespaces">In one of these namespaces.</param>
/// <param name="Tags">With one of these tags, on the dataset, model or run itself.</param>
public sealed record LineageFilter(IReadOnlyList<NodeKind> Kinds, IReadOnlyList<string> Namespaces, IReadOnlyList<string> Tags)
{
    public bool ShowsAll => this is { Kinds: [], Namespaces: [], Tags: [] };
}

/// <summary>A past state of the log: up to a position, or to what had been recorded by a time. One of the two is given.</summary>
public sealed record LogMoment(long? Position, DateTimeOffset? Time)
{
    internal static LogMoment? Read(IQueryCollection query, string field) => query[field] switch
    {
        [] => null,
        [{ } text] when long.TryParse(text, System.Globalization.NumberStyles.None, provider: null, out var position) =>
            new(position, Time: null),
        [{ } text] when QueryWords.ReadTime(text) is { } time => new(Position: null, time),
        _ => throw new ProblemException(Problem.Field(
            "request.invalid", field, $"'{field}' must be a log position, or a time such as 2026-03-01T12:00:00Z.")),
    };
}
