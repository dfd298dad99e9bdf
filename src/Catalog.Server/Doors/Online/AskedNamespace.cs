using Catalog.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>The namespace that a request is about: in Feast's words, a project.</summary>
internal static class AskedNamespace
{
    public const string Header = "Catalog-Namespace";
    public const string Parameter = "project";

    /// <summary>As routes of our own describe it.</summary>
    public static RequestParameter[] Described { get; } =
    [
        new(Header, ParameterPlace.Header, "Where names that have no namespace are looked for; else in all."),
        new(Parameter, ParameterPlace.Query, "The same, as Feast calls it."),
    ];

    /// <summary>What the request says; null where it does not.</summary>
    public static string? Of(HttpRequest request)
    {
        if (request.Headers.TryGetValue(Header, out var header) && header.ToString() is { Length: > 0 } named)
            return named;
        return request.QueryString.HasValue && request.Query[Parameter].ToString() is { Length: > 0 } project ? project : null;
    }
}
