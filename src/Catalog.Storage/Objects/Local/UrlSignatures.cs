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
/// Signs addresses that the catalog's own server answers: <c>/path?expires=…&amp;signature=…</c>. The signature is the HMAC-SHA256 of the
/// method, the whole path and the second (Unix time) from which on it is refused.
/// </summary>
/// <param name="secret">Kept by the server; at least 32 bytes.</param>
/// <param name="clock">Decides what is over.</param>
public sealed class UrlSignatures(byte[] secret, TimeProvider clock)
{
    private static readonly Dictionary<string, string> NoHeaders = new(StringComparer.Ordinal);

    /// <summary>An address with its signature.</summary>
    /// <param name="method">That it is for.</param>
    /// <param name="path">Decoded, beginning with <c>/</c>; without line breaks.</param>
    /// <param name="lifetime">One second to seven days; null for <see cref="SignedUrl.DefaultLifetime"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public SignedUrl Sign(string method, string path, TimeSpan? lifetime)
    {
        var seconds = (clock.GetUtcNow() + SignedUrl.Lifetime(lifetime)).ToUnixTimeSeconds();
        var address = string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}?expires={seconds}"
            + $"&signature={SignatureOf(method, path, seconds)}");
        return new SignedUrl(method, new Uri(address, UriKind.Relative), NoHeaders, DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    /// <summary>What is wrong with an address that came back; null when it is good.</summary>
    /// <param name="method">Of the request.</param>
    /// <param name="path">In the address, decoded.</param>
    /// <param name="expires">As in the address; null when it is missing.</param>
    /// <param name="signature">As in the address; null when it is missing.</param>
    public UrlFault? Check(string method, string path, string? expires, string? signature)
    {
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || signature is null
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(SignatureOf(method, path, seconds))))
            return UrlFault.Altered;
        return clock.GetUtcNow().ToUnixTimeSeconds() < seconds ? null : UrlFault.Expired;
    }

    // No path holds a line break, so that no two requests have one text.
    private string SignatureOf(string method, string path, long seconds) => Base64Url.EncodeToString(HMACSHA256.HashData(
        secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{method}\n{path}\n{seconds}"))));
}
