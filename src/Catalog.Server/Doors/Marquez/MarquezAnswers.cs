using Catalog.Access;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Marks routes whose refusals are in Marquez's shape.</summary>
internal sealed class MarquezRoute;

/// <summary>Answers of the door.</summary>
internal static class MarquezAnswers
{
    public static IResult Json<T>(T value) => TypedResults.Json(value, MarquezJson.Options);

    /// <summary>A graph, with a header that says whether nodes were left out because there were too many.</summary>
    public static IResult Graph<T>(HttpContext http, bool cut, T value)
    {
        http.Response.Headers[ExportLineage.TruncatedHeader] = cut ? "true" : "false";
        return Json(value);
    }

    /// <summary>The id of a node can be read as none.</summary>
    /// <param name="such">Ids that would be right.</param>
    public static IResult WrongNode(string such) => Wrong(
        $"query param nodeId must be such as {such}, with at most {MarquezIds.MaxLength} characters and {MarquezIds.MaxColons} colons.");

    /// <summary>The thing, named as Marquez names it in such sentences, is not there.</summary>
    public static IResult NotFound(string what, string name) => new Refused(StatusCodes.Status404NotFound, $"{what} '{name}' not found.");

    /// <summary>What the catalog would refuse with, in Marquez's shape.</summary>
    public static IResult Of(Problem problem) => Refused.Of(problem);

    public static IResult Wrong(string message) => new Refused(StatusCodes.Status400BadRequest, message);

    /// <summary>Asks the gate about a node; null when it may be shown.</summary>
    public static IResult? Refuses(this Gate gate, NodeId node, params IReadOnlyCollection<string> tags) =>
        gate.Ask(Act.Read, node, tags).Refusal is { } no ? Refused.Of(no) : null;

    /// <summary>
    /// Every answer begins by asking the gate, and waits until there is a lineage graph, and where <c>atLeast</c> says so, for graph and
    /// pages to include a position.
    /// </summary>
    public static async ValueTask<object?> AdmitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (http, services) = (context.HttpContext, context.HttpContext.RequestServices);
        if (services.GetRequiredService<Gate>().Ask(Act.Read, resource: null).Refusal is { } no)
            return Refused.Of(no);
        long? atLeast = http.Request.Query.ContainsKey("atLeast")
            ? PageRequest.Number(http.Request.Query, "atLeast", 0L, 0L, long.MaxValue)
            : null;
        if (await services.GetRequiredService<ProjectionProgress>().WaitForAllAsync(atLeast, http.RequestAborted) is { } late)
            return Refused.Of(late);
        var graph = await services.GetRequiredService<GraphFollower>().ReachAsync(atLeast, http.RequestAborted);
        return graph.Succeeded ? await next(context) : Refused.Of(graph.Problem);
    }

    /// <summary>Puts what goes wrong on a route of the door into Marquez's shape.</summary>
    public static async Task ShapeErrorsAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<MarquezRoute>() is null)
        {
            await next(http);
            return;
        }

        try
        {
            await next(http);
        }
        catch (Exception e) when (!http.Response.HasStarted && Faults.ToProblem(e) is { } problem)
        {
            http.Response.Clear();
            await Refused.Of(problem).ExecuteAsync(http);
        }
    }

    /// <summary>As Dropwizard has it: <c>{"code":404,"message":"…"}</c>.</summary>
    private sealed class Refused(int code, string message) : IResult
    {
        public static Refused Of(Problem problem) => new((int)problem.Kind, problem.Detail);

        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = code;
            return http.Response.WriteAsJsonAsync(new { code, message }, MarquezJson.Options, http.RequestAborted);
        }
    }
}

/// <summary>Which page of a list: <c>limit</c> (100 unless told) and <c>offset</c>.</summary>
internal sealed record MarquezPage(int Limit, int Offset)
{
    public const int MaxLimit = 1_000;
    private const int MaxOffset = 1_000_000;

    public static ValueTask<MarquezPage> BindAsync(HttpContext http) => ValueTask.FromResult(new MarquezPage(
        PageRequest.Number(http.Request.Query, "limit", 100, 0, MaxLimit),
        PageRequest.Number(http.Request.Query, "offset", 0, 0, MaxOffset)));
}
