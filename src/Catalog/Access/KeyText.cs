using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Access;

/// <summary>How a key is written: <c>cat_&lt;id&gt;_&lt;secret&gt;</c>, 48 random bits of id and 256 of secret.</summary>
internal readonly record struct KeyText(string KeyId, string Secret)
{
    private const string Prefix = "cat_";

    public static KeyText Create() =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    public string SecretHash => Hash(Secret);

    public static bool TryParse([NotNullWhen(true)] string? text, out KeyText key)
    {
        key = default;
        if (text is null || text.Length > 128 || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var split = text.IndexOf('_', Prefix.Length);
        if (split <= Prefix.Length || split == text.Length - 1)
            return false;
        key = new KeyText(text[Prefix.Length..split], text[(split + 1)..]);
        return true;
    }

    /// <summary>Whether a text is to be a key, right or wrong, and nothing else.</summary>
    public static bool IsMeant(string text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Compares in constant time.</summary>
    public bool Matches(string secretHash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(SecretHash), Encoding.ASCII.GetBytes(secretHash));

    public override string ToString() => $"{Prefix}{KeyId}_{Secret}";

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
