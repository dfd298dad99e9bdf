using System.Collections.Concurrent;
using Catalog.Platform;

namespace Catalog.Access;

/// <summary>
/// Tells whose key a request carries. Keys are remembered for <see cref="Remembered"/>, so a revocation made on another server counts here
/// within that time, and at once on the server that made it.
/// </summary>
/// <param name="load">Reads the key of an id from the database; null when there is none.</param>
/// <param name="clock">Tells how old a memory is.</param>
internal sealed class KeyRing(Func<string, CancellationToken, Task<ApiKey?>> load, TimeProvider clock)
{
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _forgotten;

    /// <summary>The key, or why it opens nothing.</summary>
    public async Task<Outcome<ApiKey>> FindAsync(string? text, CancellationToken ct)
    {
        if (!KeyText.TryParse(text, out var presented))
            return Problem.Of("access.unauthenticated", "Send an API key as 'Authorization: Bearer cat_…'.");
        var key = await LoadAsync(presented.KeyId, ct);

        // One answer for an unknown id and a wrong secret: neither tells a guesser anything.
        return key is null || !presented.Matches(key.SecretHash) ? Unknown : Standing(key);
    }

    /// <summary>A key that has opened before, or why it opens nothing any more.</summary>
    public async Task<Outcome<ApiKey>> StandsAsync(string keyId, CancellationToken ct) =>
        await LoadAsync(keyId, ct) is { } key ? Standing(key) : Unknown;

    /// <summary>Forgets a key, after it changed.</summary>
    public void Forget(string keyId)
    {
        Interlocked.Increment(ref _forgotten);
        _entries.TryRemove(keyId, out _);
    }

    private static Problem Unknown => Problem.Of("access.key_unknown", "The API key is not known here.");

    private Outcome<ApiKey> Standing(ApiKey key) =>
        key.Revoked ? Problem.Of("access.key_revoked", "The API key was revoked.")
        : key.ExpiresAt <= clock.GetUtcNow() ? Problem.Of("access.key_expired", $"The API key expired at {key.ExpiresAt:O}.")
        : key;

    private async Task<ApiKey?> LoadAsync(string keyId, CancellationToken ct)
    {
        var now = clock.GetTimestamp();
        if (_entries.TryGetValue(keyId, out var entry) && clock.GetElapsedTime(entry.At, now) < Remembered)
            return entry.Key;

        var forgotten = Interlocked.Read(ref _forgotten);
        var key = await load(keyId, ct);
        if (key is not null)
            Remember(keyId, new Entry(key, now), forgotten);
        return key;
    }

    private void Remember(string keyId, Entry entry, long forgotten)
    {
        if (_entries.Count >= MaxRemembered)
            _entries.Clear();
        _entries[keyId] = entry;

        // What was read before a key changed must not outlive the change. Looked at last, so that a change meanwhile is seen here or
        // removes the entry itself.
        if (Interlocked.Read(ref _forgotten) != forgotten)
            _entries.TryRemove(keyId, out _);
    }

    private readonly record struct Entry(ApiKey Key, long At);
}
