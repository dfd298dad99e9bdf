using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>
/// A file of a version and an address to GET it from, whole or in ranges, without a key. Whoever holds the address may read the file until
/// it runs out; it may lead to the catalog or straight to its bucket.
/// </summary>
/// <param name="Path">Its logical path, with forward slashes.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Lower-case hexadecimal, of the whole file: what was read is to be compared with it.</param>
/// <param name="Url">To be used as it is, to the letter.</param>
/// <param name="Headers">To be sent along; null or empty for none.</param>
/// <param name="ExpiresAt">From then on the address is refused; <see cref="VersionReader.SignAsync"/> gives another.</param>
public sealed record SignedFile(
    [property: JsonRequired] string Path,
    long Bytes,
    [property: JsonRequired] string Sha256,
    [property: JsonRequired] Uri Url,
    Dictionary<string, string>? Headers,
    DateTimeOffset ExpiresAt)
{
    /// <summary>What it shows of the version, where policies show the caller less; null where it is a file of the version itself.</summary>
    public FilesProjection? Projection { get; init; }
}

/// <summary>
/// What the files that the caller gets show of a version whose columns are masked for it, or of which rows are left out. They are made
/// once for all who are shown the same, and their names, sizes and hashes are their own.
/// </summary>
/// <param name="Hash">The same for all who are shown the same of the same content.</param>
/// <param name="Masked">Columns whose values are not shown as they are.</param>
/// <param name="Filtered">Whether rows have to meet something to be shown.</param>
public sealed record FilesProjection(
    [property: JsonRequired] string Hash, [property: JsonRequired] IReadOnlyList<ProjectedMask> Masked, bool Filtered);

/// <param name="Column">Its path.</param>
/// <param name="Mask">What is shown instead: <c>hash</c>, <c>redact</c>, …</param>
public sealed record ProjectedMask([property: JsonRequired] string Column, [property: JsonRequired] string Mask);
