using System.Text.Json;
using Catalog.Integrity;

namespace Catalog.Manifests;

/// <summary>What a request with an idempotency key asked for, as one hash: the same key must go with the same request.</summary>
internal static class RequestDigest
{
    /// <returns>SHA-256 in lower-case hex; null when there is no key.</returns>
    public static string? Of<TBody>(string? key, TBody body) => key is null ? null : Sha256.Hash(JsonSerializer.SerializeToUtf8Bytes(body));
}
