using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Catalog.Platform.Http;

/// <summary>Conditions on what a client has already (RFC 9110 section 13).</summary>
internal static class EntityTags
{
    /// <summary>Whether <c>If-None-Match</c> names this tag: a list of tags, weak ones included, or <c>*</c> (section 13.1.2).</summary>
    public static bool Names(StringValues ifNoneMatch, string tag) =>
        EntityTagHeaderValue.TryParseList(ifNoneMatch, out var tags) && tags.Any(t => t.Tag == "*" || t.Tag == tag);

    /// <summary>
    /// Whether a range may be given: without <c>If-Range</c>, or when that is this very tag. A weak tag, another one or a date says that
    /// the client's part may be of something else, and then it needs the whole (section 13.1.5).
    /// </summary>
    public static bool AllowRange(HttpRequest request, string tag)
    {
        var condition = request.Headers.IfRange;
        return condition.Count == 0
            || (RangeConditionHeaderValue.TryParse(condition.ToString(), out var value) && value.EntityTag is { IsWeak: false } seen && seen.Tag == tag);
    }
}
