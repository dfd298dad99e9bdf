using System.Collections.Concurrent;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Access;

/// <summary>
/// Tells whose key a request carries. Keys are remembered for <see cref="Remembered"/>, so a revocation made on another server counts here
/// within that time, and at once on the server that made it.
/// </summary>
internal sealed class KeyRing(States states, TimeProvider clock)
{
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The key, or why it opens nothing.</summary>
    public async Task<Outcome<ApiKey>> FindAsync(string? text, CancellationToken ct)
    {
        if (!KeyText.TryParse(text, out var presented))
            return Problem.Of("access.unauthenticated", "Send an API key as 'Authorization: Bearer cat_…'.");
        var key = await LoadAsync(presented.KeyId, ct);

        // One answer for an unknown id and a wrong secret: neither tells a guesser anything.
        return key is null || !presented.Matches(key.SecretHash) ? Problem.Of("access.key_unknown", "The API key is not known here.")
            : key.Revoked ? Problem.Of("access.key_revoked", "The API key was revoked.")
            : key.ExpiresAt <= clock.GetUtcNow() ? Problem.Of("access.key_expired", $"The API key expired at {key.ExpiresAt:O}.")
            : key;
    }

    /// <summary>Forgets a key, after it changed.</summary>
    public void Forget(string keyId) => _entries.TryRemove(keyId, out _);

    private async Task<ApiKey?> LoadAsync(string keyId, CancellationToken ct)
    {
        var now = clock.GetTimestamp();
        if (_entries.TryGetValue(keyId, out var entry) && clock.GetElapsedTime(entry.At, now) < Remembered)
            return entry.Key;

        var key = await states.LoadAsync<ApiKey>(ApiKey.StreamId(keyId), ct);
        if (_entries.Count >= MaxRemembered)
            _entries.Clear();
        if (key is not null)
            _entries[keyId] = new Entry(key, now);
        return key;
    }

    private readonly record struct Entry(ApiKey Key, long At);
}
