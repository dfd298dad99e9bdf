using System.Collections.Concurrent;
using Catalog.Platform;
using Catalog.Platform.Http;

namespace Catalog.Access;

/// <param name="Outlive">For how long keys are good without the database; null for <see cref="KeyRing.Outlived"/>.</param>
public sealed record KeyOptions(TimeSpan? Outlive);

/// <summary>
/// Tells whose key a request carries. Keys are remembered for <see cref="Remembered"/>, so a revocation made on another server counts here
/// within that time, and at once on the server that made it. While the database does not answer, keys that are known go on being good for
/// a while: what is served from memory needs no database.
/// </summary>
/// <param name="load">Reads the key of an id from the database; null when there is none.</param>
/// <param name="clock">Tells how old a memory is.</param>
/// <param name="outlive">For how long keys are good without the database; null for <see cref="Outlived"/>.</param>
internal sealed class KeyRing(Func<string, CancellationToken, Task<ApiKey?>> load, TimeProvider clock, TimeSpan? outlive = null)
{
    public const int MaxRemembered = 10_000;
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan Outlived = TimeSpan.FromMinutes(15);

    /// <summary>How long a database that failed is not asked about keys that are known, and how long it is waited for then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _outlive = outlive ?? Outlived;
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _forgotten;
    private long _failedAt;
    private long _confirmedAt;

    /// <summary>The key, or why it opens nothing.</summary>
    public async Task<Outcome<ApiKey>> FindAsync(string? text, CancellationToken ct)
    {
        if (!KeyText.TryParse(text, out var presented))
            return Problem.Of("access.unauthenticated", "Send an API key as 'Authorization: Bearer cat_…'.");
        var (key, problem) = await LoadAsync(presented.KeyId, ct);

        // One answer for an unknown id and a wrong secret: neither tells a guesser anything.
        return problem is not null ? problem : key is null || !presented.Matches(key.SecretHash) ? Unknown : Standing(key);
    }

    /// <summary>A key that has opened before, or why it opens nothing any more.</summary>
    public async Task<Outcome<ApiKey>> StandsAsync(string keyId, CancellationToken ct)
    {
        var (key, problem) = await LoadAsync(keyId, ct);
        return problem is not null ? problem : key is null ? Unknown : Standing(key);
    }

    /// <summary>Forgets a key, after it changed.</summary>
    public void Forget(string keyId)
    {
        Interlocked.Increment(ref _forgotten);
        _entries.TryRemove(keyId, out _);
    }

    /// <summary>Grows whenever a key changes: what was read before is not to be noted after.</summary>
    public long Changes => Interlocked.Read(ref _forgotten);

    /// <summary>
    /// Takes note of keys, whether anybody showed them or not. They are read again before they open anything, if they can be.
    /// </summary>
    /// <param name="keys">As the database has them.</param>
    /// <param name="read">What <see cref="Changes"/> was before they were read.</param>
    /// <returns>False where a key changed meanwhile: nothing was noted.</returns>
    public bool Note(IReadOnlyCollection<ApiKey> keys, long read)
    {
        if (Interlocked.CompareExchange(ref _forgotten, read + 1, read) != read)
            return false;
        foreach (var key in keys.Where(k => _entries.ContainsKey(k.KeyId) || _entries.Count < MaxRemembered))
            _entries[key.KeyId] = new(key, clock.GetTimestamp(), IsToBeRead: true);
        if (Changes == read + 1)
            return true;
        foreach (var key in keys)
            _entries.TryRemove(key.KeyId, out _);
        return false;
    }

    /// <summary>Says that all keys are, at this moment, as they were noted.</summary>
    public void Confirm()
    {
        Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
        Volatile.Write(ref _failedAt, 0);
    }

    private static Problem Unknown => Problem.Of("access.key_unknown", "The API key is not known here.");

    private Outcome<ApiKey> Standing(ApiKey key) =>
        key.Revoked ? Problem.Of("access.key_revoked", "The API key was revoked.")
        : key.ExpiresAt <= clock.GetUtcNow() ? Problem.Of("access.key_expired", $"The API key expired at {key.ExpiresAt:O}.")
        : key;

    private async Task<(ApiKey? Key, Problem? Problem)> LoadAsync(string keyId, CancellationToken ct)
    {
        var now = clock.GetTimestamp();
        var isKnown = _entries.TryGetValue(keyId, out var entry);
        if (isKnown && !entry.IsToBeRead && clock.GetElapsedTime(entry.At, now) < Remembered)
            return (entry.Key, null);
        if (isKnown && Volatile.Read(ref _failedAt) is > 0 and var failed && clock.GetElapsedTime(failed, now) < Patience)
            return Outliving(entry, now);

        var forgotten = Interlocked.Read(ref _forgotten);
        try
        {
            var key = await ReadAsync(keyId, isKnown, ct);
            Volatile.Write(ref _failedAt, 0);
            if (key is not null)
                Remember(keyId, new Entry(key, now, IsToBeRead: false), forgotten);
            return (key, null);
        }
        catch (Exception e) when (isKnown && !ct.IsCancellationRequested && IsSilence(e))
        {
            Volatile.Write(ref _failedAt, clock.GetTimestamp());
            return Outliving(entry, now);
        }
    }

    /// <summary>A database that hangs is not waited for where there is a memory to go by.</summary>
    private async Task<ApiKey?> ReadAsync(string keyId, bool isKnown, CancellationToken ct)
    {
        if (!isKnown)
            return await load(keyId, ct);
        using var limit = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        return await load(keyId, both.Token).WaitAsync(both.Token);
    }

    private (ApiKey?, Problem?) Outliving(Entry entry, long now)
    {
        var age = clock.GetElapsedTime(Math.Max(entry.At, Volatile.Read(ref _confirmedAt)), now);
        return age < _outlive
            ? (entry.Key, null)
            : (null, Problem.Of(
                "access.unverifiable",
                $"The catalog's database has not answered for {age.TotalMinutes:0} minutes, so that it cannot be told whether the API key "
                + "still stands; try again when it answers."));
    }

    /// <summary>Whether keys go by memory now, because the database does not answer.</summary>
    public bool IsOnItsOwn => Volatile.Read(ref _failedAt) > 0;

    /// <summary>Whether the database said nothing, rather than something wrong.</summary>
    private static bool IsSilence(Exception e) =>
        e is OperationCanceledException or TimeoutException || Faults.ToProblem(e)?.Code == "catalog.database_unavailable";

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

    private readonly record struct Entry(ApiKey Key, long At, bool IsToBeRead);
}
