using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Catalog.Integrity;

/// <summary>SHA-256 (FIPS 180-4) as the catalog writes it: 64 lower-case hexadecimal digits.</summary>
public static class Sha256
{
    public static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Hashes from the stream's position to its end, without holding it in memory.</summary>
    public static async Task<string> HashAsync(Stream stream, CancellationToken ct)
    {
        var hash = await SHA256.HashDataAsync(stream, ct);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>True for exactly 64 lower-case hexadecimal digits.</summary>
    public static bool IsHash([NotNullWhen(true)] string? text) =>
        text is { Length: 64 } && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
