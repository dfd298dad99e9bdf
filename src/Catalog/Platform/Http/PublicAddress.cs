using Microsoft.AspNetCore.Http;

namespace Catalog.Platform.Http;

/// <summary>Where this server is for those who ask it: what it was told, else where the request went.</summary>
/// <param name="told">Scheme, host, and a path where a proxy puts one in front; null for nothing.</param>
public sealed class PublicAddress(Uri? told)
{
    private readonly string? _told = told?.AbsoluteUri.TrimEnd('/');

    /// <summary>The address of a path of this server; an absolute address stays as it is.</summary>
    /// <exception cref="ProblemException">The request does not say where it went (HTTP/1.0), and nobody else did.</exception>
    public Uri Of(HttpRequest request, Uri url) =>
        url.IsAbsoluteUri ? url : new Uri((_told ?? Asked(request)) + url.OriginalString);

    private static string Asked(HttpRequest request) => request.Host.HasValue
        ? $"{request.Scheme}://{request.Host.ToUriComponent()}"
        : throw new ProblemException(Problem.Field("request.invalid", "Host", "The header Host must say where the catalog was asked."));
}
