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
    DateTimeOffset ExpiresAt);
