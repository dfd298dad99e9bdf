using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Platform.Http;

/// <summary>
/// A name in the path, exactly as the client wrote it. The server's decoded path cannot tell <c>%2F</c> from <c>%252F</c>, so the raw
/// target is split first and each part decoded once.
/// </summary>
public readonly record struct Segment(string Text) : IEndpointParameterMetadataProvider
{
    public static implicit operator string(Segment segment) => segment.Text;

    public override string ToString() => Text;

    /// <summary>
    /// Called by the framework for a route parameter of this type; the parameter's name says which part of the route it is.
    /// </summary>
    public static ValueTask<Segment> BindAsync(HttpContext http, ParameterInfo parameter) =>
        ValueTask.FromResult(new Segment(
            Read(http, parameter.Name ?? throw new InvalidOperationException("A route parameter has a name."))));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        var name = parameter.Name ?? "";
        builder.Metadata.Add(new RequestParameter(name, ParameterPlace.Path, $"{Meaning(name)}; '/' in it is written %2F."));
    }

    /// <summary>Never called, since the framework prefers <see cref="BindAsync"/>; its analyzer asks for it.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out Segment segment)
    {
        segment = new Segment(text ?? "");
        return text is not null;
    }

    private static string Meaning(string name) => name switch
    {
        "ns" => "The namespace",
        "version" => "A number, or an alias such as 'latest'",
        "id" => "The id",
        "row" => "The number of the row, from 0",
        "requestId" => "The request id, as it was handed back",
        _ => $"The {name}",
    };

    private static string Read(HttpContext http, string name)
    {
        var pattern = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern ?? throw new InvalidOperationException("Not a routed request.");
        var index = pattern.PathSegments.ToList().FindIndex(
            s => s.Parts.OfType<Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart>().Any(p => p.Name == name));
        var path = RawPath.Of(http);
        if (path.Length != pattern.PathSegments.Count || index < 0)
            throw new ProblemException(Problem.Field(
                "name.invalid", name, "A name in the address is neither empty nor '.' nor '..', and '/' in it is written %2F."));

        return !Names.TryDecode(path[index], out var decoded, out var wrong) || (wrong = Names.Check(decoded)) is not null
            ? throw new ProblemException(Problem.Field("name.invalid", name, $"'{name}' {wrong}."))
            : decoded;
    }
}

/// <summary>The path as the client wrote it, in its parts, each still encoded.</summary>
public static class RawPath
{
    /// <summary>
    /// Without the empty part that a slash at the end makes. The target may be a path or a whole address (RFC 9112 section 3.2).
    /// </summary>
    public static string[] Of(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (target.IndexOf("://") is > 0 and var scheme && !target.StartsWith('/'))
            target = target[(scheme + 3)..] is var rest && rest.IndexOf('/') is >= 0 and var slash ? rest[slash..] : "/";
        if (target.IndexOf('?') is >= 0 and var end)
            target = target[..end];
        target = target.StartsWith('/') ? target[1..] : target;
        return (target.EndsWith('/') ? target[..^1] : target).ToString().Split('/');
    }

    /// <summary>
    /// Whether a part is <c>.</c> or <c>..</c>: the server removes those before routing, and the request would reach another route than
    /// it names.
    /// </summary>
    public static bool HasDotParts(HttpContext http) =>
        Of(http).Any(part => part.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..");
}

/// <summary>Ends a request with a problem from a place that has no outcome to return: parameter binding.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
