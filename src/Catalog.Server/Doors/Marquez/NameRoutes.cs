using System.Globalization;
using Catalog.Lineage.Known;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Namespaces, sources, tags, and searching for names.</summary>
internal static class NameRoutes
{
    private const string Nobody = "anonymous";
    private const int SearchLimit = 10;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/namespaces", async (MarquezPage page, KnownNames names, CancellationToken ct) => MarquezAnswers.Json(
            new { Namespaces = (await names.NamespacesAsync(kind: null, name: null, page.Limit, page.Offset, ct)).Select(Namespace) }));
        api.MapGet("/namespaces/{ns}", async (Segment ns, KnownNames names, CancellationToken ct) =>
            await names.NamespacesAsync(kind: null, ns, 1, 0, ct) is [var found, ..]
                ? MarquezAnswers.Json(Namespace(found))
                : MarquezAnswers.NotFound("Namespace", ns));
        api.MapGet("/sources", async (MarquezPage page, KnownNames names, CancellationToken ct) => MarquezAnswers.Json(
            new { Sources = (await names.NamespacesAsync(NodeKind.Dataset, name: null, page.Limit, page.Offset, ct)).Select(Source) }));
        api.MapGet("/sources/{source}", async (Segment source, KnownNames names, CancellationToken ct) =>
            await names.NamespacesAsync(NodeKind.Dataset, source, 1, 0, ct) is [var found, ..]
                ? MarquezAnswers.Json(Source(found))
                : MarquezAnswers.NotFound("Source", source));
        api.MapGet("/tags", async (MarquezPage page, KnownNames names, CancellationToken ct) => MarquezAnswers.Json(
            new { Tags = (await names.TagsAsync(page.Limit, page.Offset, ct)).Select(t => new TagShape(t, Description: null)) }));
        api.MapGet("/search", SearchAsync);
    }

    /// <summary>The search that Marquez leaves to OpenSearch: names here, with what is needed to link to them.</summary>
    public static void MapBeta(IEndpointRouteBuilder api)
    {
        api.MapGet("/search/jobs", (HttpContext http, KnownNames names) => SearchBetaAsync(NodeKind.Job, http, names));
        api.MapGet("/search/datasets", (HttpContext http, KnownNames names) => SearchBetaAsync(NodeKind.Dataset, http, names));
    }

    private static async Task<IResult> SearchAsync(HttpContext http, KnownNames names)
    {
        var query = http.Request.Query;
        if (QueryWords.Text(query, "q") is not { } text)
            return MarquezAnswers.Wrong("query param q must not be blank.");
        var filter = QueryWords.Text(query, "filter")?.ToUpperInvariant();
        var sort = QueryWords.Text(query, "sort")?.ToUpperInvariant();
        if (filter is not (null or "JOB" or "DATASET"))
            return MarquezAnswers.Wrong("query param filter must be JOB or DATASET.");
        if (sort is not (null or "NAME" or "UPDATE_AT"))
            return MarquezAnswers.Wrong("query param sort must be NAME or UPDATE_AT.");
        var search = new NameSearch(
            text,
            filter is null ? null : filter == "JOB" ? NodeKind.Job : NodeKind.Dataset,
            QueryWords.Text(query, "namespace"), Day(query, "before"), Day(query, "after"), sort == "UPDATE_AT",
            PageRequest.Number(query, "limit", SearchLimit, 0, MarquezPage.MaxLimit));
        var results = (await names.SearchAsync(search, http.RequestAborted)).Select(Result).ToList();
        return MarquezAnswers.Json(new { TotalCount = results.Count, Results = results });
    }

    private static async Task<IResult> SearchBetaAsync(NodeKind kind, HttpContext http, KnownNames names)
    {
        if (QueryWords.Text(http.Request.Query, "q") is not { } text)
            return MarquezAnswers.Wrong("query param q must not be blank.");
        var search = new NameSearch(text, kind, Namespace: null, Before: null, After: null, ByTime: true, SearchLimit);
        var found = await names.SearchAsync(search, http.RequestAborted);
        return MarquezAnswers.Json(new
        {
            Hits = found.Select(f => new { f.Node.Namespace, f.Node.Name, Facets = new { }, RunFacets = new { } }),
            Highlights = found.Select(f => new Dictionary<string, string[]>(StringComparer.Ordinal) { ["name"] = [f.Node.Name] }),
        });
    }

    private static DateTimeOffset? Day(IQueryCollection query, string field) => QueryWords.Text(query, field) switch
    {
        null => null,
        var text when DateTimeOffset.TryParseExact(
            text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) => day,
        _ => throw new ProblemException(Platform.Problem.Field(
            "request.invalid", field, $"query param {field} must match yyyy-MM-dd, such as 2026-11-24.")),
    };

    private static NamespaceShape Namespace(KnownNamespace found) =>
        new(found.Name, found.FirstSeen, found.LastSeen, Nobody, Description: null, IsHidden: false);

    /// <summary>The namespace of a dataset is where it is: <c>postgres://db:5432</c>.</summary>
    private static SourceShape Source(KnownNamespace found) => new(
        found.Name.Split(':')[0].ToUpperInvariant(), found.Name, found.FirstSeen, found.LastSeen, found.Name, Description: null);

    private static SearchShape Result(KnownName found) => new(
        found.Node.Kind == NodeKind.Job ? "JOB" : "DATASET", found.Node.Name, found.LastSeen, found.Node.Namespace,
        MarquezIds.Write(found.Node));
}
