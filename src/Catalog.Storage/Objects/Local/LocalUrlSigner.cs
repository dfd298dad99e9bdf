using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Storage.Objects.Local;

/// <summary>Why a signed address is not good.</summary>
public enum UrlFault
{
    /// <summary>It was signed, and its time is over.</summary>
    Expired,

    /// <summary>It was not signed here, or was changed.</summary>
    Altered,
}

/// <summary>
/// Signs addresses that the catalog's own server answers: <c>/objects/&lt;key&gt;?expires=…&amp;signature=…</c>. The signature is the
/// HMAC-SHA256 of the method, the key and the second (Unix time) from which on it is refused.
/// </summary>
/// <param name="secret">Kept by the server; at least 32 bytes.</param>
/// <param name="clock">Decides what is over.</param>
public sealed class LocalUrlSigner(byte[] secret, TimeProvider clock) : IUrlSigner
{
    public const string Path = "/objects/";
    private static readonly Dictionary<string, string> NoHeaders = new(StringComparer.Ordinal);

    public Task<SignedUrl> SignReadAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        Task.FromResult(Sign("GET", key, lifetime));

    public Task<SignedUrl> SignWriteAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        Task.FromResult(Sign("PUT", key, lifetime));

    /// <summary>What is wrong with an address that came back; null when it is good.</summary>
    /// <param name="method">Of the request.</param>
    /// <param name="key">In the address, decoded.</param>
    /// <param name="expires">As in the address; null when it is missing.</param>
    /// <param name="signature">As in the address; null when it is missing.</param>
    public UrlFault? Check(string method, string key, string? expires, string? signature)
    {
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || signature is null
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(SignatureOf(method, key, seconds))))
            return UrlFault.Altered;
        return clock.GetUtcNow().ToUnixTimeSeconds() < seconds ? null : UrlFault.Expired;
    }

    private SignedUrl Sign(string method, string key, TimeSpan? lifetime)
    {
        ObjectKey.Require(key);
        var seconds = (clock.GetUtcNow() + SignedUrl.Lifetime(lifetime)).ToUnixTimeSeconds();
        var address = string.Create(
            CultureInfo.InvariantCulture,
            $"{Path}{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}?expires={seconds}"
            + $"&signature={SignatureOf(method, key, seconds)}");
        return new SignedUrl(
            method, new Uri(address, UriKind.Relative), NoHeaders, DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    // No key holds a line break, so that no two requests have one text.
    private string SignatureOf(string method, string key, long seconds) => Base64Url.EncodeToString(HMACSHA256.HashData(
        secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{method}\n{key}\n{seconds}"))));
}
