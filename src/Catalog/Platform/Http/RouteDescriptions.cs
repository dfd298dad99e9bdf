using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Catalog.Platform.Http;

/// <summary>What OpenAPI says of a route: its name, one line, its answer and that it may answer with a problem.</summary>
internal static class RouteDescriptions
{
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder route, string name, string summary, bool created = false)
    {
        route.WithName(name).WithSummary(summary).Produces<T>();
        if (created)
            route.Produces<T>(StatusCodes.Status201Created);
        return route.ProducesProblem(StatusCodes.Status400BadRequest)
            .Produces<ProblemDetails>(StatusCodes.Status401Unauthorized, "application/problem+json")
            .Produces<ProblemDetails>(StatusCodes.Status403Forbidden, "application/problem+json");
    }

    /// <summary>A route that answers with bytes.</summary>
    public static RouteHandlerBuilder AnswersBytes(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithSummary(summary)
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream")
            .Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .Produces<ProblemDetails>(StatusCodes.Status401Unauthorized, "application/problem+json")
            .Produces<ProblemDetails>(StatusCodes.Status403Forbidden, "application/problem+json");
}
