using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Catalog.Platform.Http;

/// <summary>
/// The stream version a client saw, from <c>If-Match</c>; null when it did not say. Several tags or weak ones are refused.
/// </summary>
public readonly record struct IfMatch(long? Version) : IEndpointParameterMetadataProvider
{
    public const string Header = "If-Match";

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestParameter(
            Header, ParameterPlace.Header, "The ETag of an earlier answer: the request is refused when the thing has changed since."));

    public static ValueTask<IfMatch> BindAsync(HttpContext http)
    {
        var header = http.Request.Headers.IfMatch;
        if (header.Count == 0 || header == "*")
            return ValueTask.FromResult(new IfMatch(Version: null));
        return header is [{ Length: > 2 } tag] && tag[0] == '"' && tag[^1] == '"'
               && long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? ValueTask.FromResult(new IfMatch(version))
            : throw new ProblemException(Problem.Field("request.invalid", "If-Match", "If-Match must be the ETag of an earlier answer, such as \"7\"."));
    }
}
