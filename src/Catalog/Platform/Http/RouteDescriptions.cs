using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Catalog.Platform.Http;

/// <summary>What OpenAPI says of a route: its name, one line, its answers and the problems that it may answer with.</summary>
internal static class RouteDescriptions
{
    /// <param name="route">The route.</param>
    /// <param name="name">The operation's id.</param>
    /// <param name="summary">One line.</param>
    /// <param name="created">Whether it also answers 201.</param>
    /// <param name="also">Problems beyond those that the shape of the route tells.</param>
    public static RouteHandlerBuilder Answers<T>(
        this RouteHandlerBuilder route, string name, string summary, bool created = false, params IReadOnlyList<ProblemKind> also)
    {
        route.WithName(name).WithSummary(summary).Produces<T>();
        if (created)
            route.Produces<T>(StatusCodes.Status201Created);
        return route.Refuses(also);
    }

    /// <summary>A route that takes something in, and answers 202 with what was taken.</summary>
    public static RouteHandlerBuilder AnswersAccepted<T>(
        this RouteHandlerBuilder route, string name, string summary, params IReadOnlyList<ProblemKind> also) =>
        route.WithName(name).WithSummary(summary).Produces<T>(StatusCodes.Status202Accepted).Refuses(also);

    /// <summary>A route that answers with the bytes of a file, or a range of them.</summary>
    public static RouteHandlerBuilder AnswersBytes(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithSummary(summary)
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream")
            .Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream")
            .Produces(StatusCodes.Status416RangeNotSatisfiable)
            .Reads(new RequestParameter("Range", ParameterPlace.Header, "One range of bytes, such as 'bytes=100-'."))
            .Refuses([ProblemKind.Unprocessable]);

    /// <summary>A route that answers with an Arrow stream.</summary>
    public static RouteHandlerBuilder AnswersArrow(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithSummary(summary)
            .Produces<Stream>(StatusCodes.Status200OK, "application/vnd.apache.arrow.stream").Reads(RequestParameter.Run)
            .Refuses([ProblemKind.Unprocessable]);

    /// <summary>A route that answers with a ZIP archive.</summary>
    public static RouteHandlerBuilder AnswersArchive(this RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithSummary(summary).Produces<Stream>(StatusCodes.Status200OK, "application/zip").Refuses([]);

    /// <summary>A route that answers with one thing after the other, each on a line or in an event of its own.</summary>
    public static RouteHandlerBuilder AnswersLines<T>(
        this RouteHandlerBuilder route, string name, string summary, string contentType, params string[] orTypes) =>
        route.WithName(name).WithSummary(summary).Produces<T>(StatusCodes.Status200OK, contentType, orTypes).Refuses([]);

    /// <summary>A route that also answers with text of another type, where it is asked for.</summary>
    public static RouteHandlerBuilder AlsoWrites(this RouteHandlerBuilder route, string mediaType) =>
        route.WithMetadata(new OtherForm(mediaType));

    /// <summary>Names parameters that the route reads from the request by itself.</summary>
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder route, params object[] parameters) => route.WithMetadata(parameters);

    private static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, IReadOnlyList<ProblemKind> also)
    {
        route.Finally(endpoint =>
        {
            foreach (var kind in Problems((RouteEndpointBuilder)endpoint).Concat(also).Distinct().Order())
                endpoint.Metadata.Add(new ProducesResponseTypeMetadata((int)kind, typeof(ProblemDetails), ["application/problem+json"]));
        });
        return route;
    }

    /// <summary>
    /// What a route of this shape can answer: a name may not be there, a write may not fit what is, a body may not be read.
    /// </summary>
    private static IEnumerable<ProblemKind> Problems(RouteEndpointBuilder endpoint)
    {
        var writes = endpoint.Metadata.OfType<IHttpMethodMetadata>().SelectMany(m => m.HttpMethods).Any(m => !HttpMethods.IsGet(m));
        var parameters = endpoint.RoutePattern.Parameters;
        IEnumerable<ProblemKind> always =
            [ProblemKind.Invalid, ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Internal, ProblemKind.Unavailable];
        return always
            .Concat(parameters.Count > 0 ? [ProblemKind.NotFound] : [])
            .Concat(writes || parameters.Any(IsVersion) ? [ProblemKind.Conflict] : [])
            .Concat(endpoint.Metadata.OfType<RequestParameter>().Any(p => p.Name == IfMatch.Header) ? [ProblemKind.PreconditionFailed] : [])
            .Concat(endpoint.Metadata.OfType<IAcceptsMetadata>().Any() ? [ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType] : []);
    }

    /// <summary>A version may be there without its files being known.</summary>
    private static bool IsVersion(RoutePatternParameterPart parameter) => parameter.Name == "version";
}

/// <summary>Metadata of a route: the framework describes one type of answer for each status.</summary>
/// <param name="MediaType">That the answer is also written in, as text.</param>
public sealed record OtherForm(string MediaType);
