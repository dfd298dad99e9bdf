using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Http;

/// <summary>
/// Objects under addresses that this server signed, as a bucket has them: no API key is needed, since whoever had one signed asked the
/// gate then. Outside of <c>/v1</c>, and not described: an address is used as it was given.
/// </summary>
internal static class SignedObjects
{
    public static void MapSignedObjects(this IEndpointRouteBuilder routes)
    {
        const string Pattern = LocalUrlSigner.Path + "{**key}";
        routes.MapMethods(Pattern, SignedAddress.Reading, ReadAsync).ExcludeFromDescription();
        routes.MapPut(Pattern, WriteAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadAsync(HttpContext http, UrlSignatures signatures, IObjectStore objects, CancellationToken ct)
    {
        var parts = SignedAddress.PartsOf(http);
        if (SignedAddress.Refusal(http, parts, signatures) is { } no)
            return new ProblemAnswer(no);
        var key = KeyOf(parts);
        return await objects.HeadAsync(key, ct) is { } head
            ? new ByteAnswer(
                head.Bytes, ContentStore.DigestOf(key), (offset, length, token) => objects.OpenReadAsync(key, offset, length, token))
            : new ProblemAnswer(Problem.Of("request.not_found", $"No object has the key '{key}'."));
    }

    private static async Task<IResult> WriteAsync(HttpContext http, UrlSignatures signatures, IObjectStore objects, CancellationToken ct)
    {
        var parts = SignedAddress.PartsOf(http);
        if (SignedAddress.Refusal(http, parts, signatures) is { } no)
            return new ProblemAnswer(no);
        var key = KeyOf(parts);
        if (await objects.HeadAsync(key, ct) is not null)
            return new ProblemAnswer(Taken(key));

        // Objects are as large as they are; the limit on bodies is for JSON.
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        try
        {
            await objects.PutAsync(key, http.Request.Body, sha256: null, ct);
            return Results.Ok();
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.Conflict)
        {
            return new ProblemAnswer(Taken(key));
        }
    }

    private static Problem Taken(string key) => Problem.Of("request.precondition_failed", $"The key '{key}' holds an object already.");

    private static string KeyOf(IEnumerable<string> parts) => string.Join('/', parts.Skip(1));
}
