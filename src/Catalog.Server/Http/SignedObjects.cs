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
        routes.MapGet(Pattern, ReadAsync).ExcludeFromDescription();
        routes.MapPut(Pattern, WriteAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadAsync(HttpContext http, LocalUrlSigner signer, IObjectStore objects, CancellationToken ct)
    {
        var key = KeyOf(http);
        if (Refusal(http, key, signer) is { } no)
            return new ProblemAnswer(no);
        return await objects.HeadAsync(key, ct) is { } head
            ? new ByteAnswer(
                head.Bytes, ContentStore.DigestOf(key), (offset, length, token) => objects.OpenReadAsync(key, offset, length, token))
            : new ProblemAnswer(Problem.Of("request.not_found", $"No object has the key '{key}'."));
    }

    private static async Task<IResult> WriteAsync(HttpContext http, LocalUrlSigner signer, IObjectStore objects, CancellationToken ct)
    {
        var key = KeyOf(http);
        if (Refusal(http, key, signer) is { } no)
            return new ProblemAnswer(no);
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

    private static Problem? Refusal(HttpContext http, string key, LocalUrlSigner signer)
    {
        var query = http.Request.Query;
        return signer.Check(http.Request.Method, key, query["expires"], query["signature"]) switch
        {
            null => null,
            UrlFault.Expired => Problem.Of("url.expired", "The time of this address is over: have another signed."),
            _ => Problem.Of(
                "url.altered", "This address was not signed here for this: use it as it was given, with the method that it is for."),
        };
    }

    private static Problem Taken(string key) => Problem.Of("request.precondition_failed", $"The key '{key}' holds an object already.");

    // The server's decoded path cannot tell %2F from %252F.
    private static string KeyOf(HttpContext http) => string.Join('/', RawPath.Of(http).Skip(1).Select(Uri.UnescapeDataString));
}
