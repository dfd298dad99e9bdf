using System.Security.Cryptography;
using System.Text.Json;
using Catalog.Access;
using Catalog.Columns;

namespace Catalog.PolicyProjections;

/// <summary>
/// What a projection is of, and what is shown of it, as one hash: whoever is bound to the same, however that was written, shares it. The
/// hash is keyed with the key of masked values: hashes in files depend on it, and nobody can find out what rows have to meet by hashing
/// guesses.
/// </summary>
internal static class ProjectionIdentity
{
    /// <summary>Rises with whatever makes other files of the same rows: how they are cut, written and called.</summary>
    private const string Format = "catalog-projection/1";

    /// <param name="contentHash">Of the version.</param>
    /// <param name="obligations">That are met.</param>
    /// <param name="key">Of masked values: 32 bytes.</param>
    /// <returns>HMAC-SHA256, lower-case hex.</returns>
    /// <exception cref="Platform.ProblemException">What rows have to meet cannot be read: then nothing is shown.</exception>
    public static string Of(string contentHash, AccessObligations obligations, ReadOnlySpan<byte> key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Spell(contentHash, obligations)));

    /// <summary>As JSON, so that no name of a column can pass for something else.</summary>
    private static byte[] Spell(string contentHash, AccessObligations obligations) => JsonSerializer.SerializeToUtf8Bytes(new object[]
    {
        Format,
        contentHash,
        Masks.Write(obligations.Everywhere),
        obligations.Masks.OrderBy(m => m.Column, StringComparer.Ordinal).Select(m => (string[])[m.Column, Masks.Write(m.Mask)]),
        ObligedRead.RowFilters(obligations).Select(c => FilterText.Spell([c])).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    });
}
