using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Objects.Local;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Http;

/// <summary>An address that this server signed, as it came back.</summary>
internal static class SignedAddress
{
    /// <summary>Reading may be asked about first: who may GET may also HEAD.</summary>
    public static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>What to answer with instead; null when the address is good for this request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="parts">Of its path, decoded.</param>
    /// <param name="signatures">Of this server.</param>
    public static Problem? Refusal(HttpContext http, IEnumerable<string> parts, UrlSignatures signatures)
    {
        var (method, query) = (http.Request.Method, http.Request.Query);
        var signedFor = HttpMethods.IsHead(method) ? HttpMethods.Get : method;
        return signatures.Check(signedFor, '/' + string.Join('/', parts), query["expires"], query["signature"]) switch
        {
            null => null,
            UrlFault.Expired => Problem.Of("url.expired", "The time of this address is over: have another signed."),
            _ => Problem.Of(
                "url.altered", "This address was not signed here for this: use it as it was given, with the method that it is for."),
        };
    }

    /// <summary>The parts of the path. The server's decoded path cannot tell %2F from %252F.</summary>
    public static IReadOnlyList<string> PartsOf(HttpContext http) => [.. RawPath.Of(http).Select(Uri.UnescapeDataString)];
}
