using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Platform.Http;

/// <summary>
/// A name in the path, exactly as the client wrote it. The server's decoded path cannot tell <c>%2F</c> from <c>%252F</c>, so the raw target is
/// split first and each part decoded once.
/// </summary>
public readonly record struct Segment(string Text)
{
    public static implicit operator string(Segment segment) => segment.Text;

    public override string ToString() => Text;

    /// <summary>Called by the framework for a route parameter of this type; the parameter's name says which part of the route it is.</summary>
    public static ValueTask<Segment> BindAsync(HttpContext http, ParameterInfo parameter) =>
        ValueTask.FromResult(new Segment(Read(http, parameter.Name ?? throw new InvalidOperationException("A route parameter has a name."))));

    /// <summary>Describes the parameter to OpenAPI as a text in the path; the framework prefers <see cref="BindAsync"/>.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out Segment segment)
    {
        segment = new Segment(text ?? "");
        return text is not null;
    }

    private static string Read(HttpContext http, string name)
    {
        var pattern = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern ?? throw new InvalidOperationException("Not a routed request.");
        var index = pattern.PathSegments.ToList().FindIndex(s => s.Parts.OfType<Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart>().Any(p => p.Name == name));
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.AsSpan(0, target.IndexOf('?') is >= 0 and var end ? end : target.Length).TrimStart('/').ToString().Split('/');

        // Kestrel removes dot segments before routing; then the raw path no longer lines up with the route.
        if (path.Length != pattern.PathSegments.Count || index < 0)
            throw new ProblemException(Problem.Field("name.invalid", name, "'.' and '..' are not names, and '/' in a name is written %2F."));

        var decoded = Uri.UnescapeDataString(path[index]);
        return Names.Check(decoded) is { } wrong ? throw new ProblemException(Problem.Field("name.invalid", name, $"'{name}' {wrong}.")) : decoded;
    }
}

/// <summary>Ends a request with a problem from a place that has no outcome to return: parameter binding.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
