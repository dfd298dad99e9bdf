using System.Collections.Concurrent;
using Catalog.Platform;
using Catalog.Platform.Http;

namespace Catalog.Access;

/// <summary>
/// What requests ask of the database again and again, remembered for <see cref="Remembered"/>: a change made on another server counts here
/// within that time, and at once on the server that made it. While the database does not answer, what is known goes on being good for a
/// while: what is served from memory needs no database.
/// </summary>
/// <param name="load">Reads the thing of an id from the database; null when there is none, which is not remembered.</param>
/// <param name="clock">Tells how old a memory is.</param>
/// <param name="outlive">For how long things are good without the database.</param>
internal sealed class Remembrance<T>(Func<string, CancellationToken, Task<T?>> load, TimeProvider clock, TimeSpan outlive)
    where T : class
{
    public const int MaxRemembered = 10_000;
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    /// <summary>How long a database that failed is not asked about what is known, and how long it is waited for then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _forgotten;
    private long _failedAt;
    private long _confirmedAt;

    /// <summary>Whether all goes by memory now, because the database does not answer.</summary>
    public bool IsOnItsOwn => Volatile.Read(ref _failedAt) > 0;

    /// <summary>Grows whenever a thing changes: what was read before is not to be noted after.</summary>
    public long Changes => Interlocked.Read(ref _forgotten);

    /// <summary>Whether there is a memory of a thing, however old.</summary>
    public bool Knows(string id) => _entries.ContainsKey(id);

    /// <summary>The thing; null when there is none. Or that nobody knows: then the memory of it is too old.</summary>
    public ValueTask<(T? Value, Problem? Problem)> FindAsync(string id, CancellationToken ct)
    {
        var now = clock.GetTimestamp();
        var isKnown = _entries.TryGetValue(id, out var entry);
        if (isKnown && !entry.IsToBeRead && clock.GetElapsedTime(entry.At, now) < Remembered)
            return new((entry.Value, null));
        if (isKnown && Volatile.Read(ref _failedAt) is > 0 and var failed && clock.GetElapsedTime(failed, now) < Patience)
            return new(Outliving(entry, now));
        return new(LoadAsync(id, isKnown, entry, now, ct));
    }

    /// <summary>Forgets a thing, after it changed.</summary>
    public void Forget(string id)
    {
        Interlocked.Increment(ref _forgotten);
        _entries.TryRemove(id, out _);
    }

    /// <summary>
    /// Takes note of things, whether anybody asked for them or not. They are read again before they are gone by, if they can be.
    /// </summary>
    /// <param name="things">By id, as the database has them.</param>
    /// <param name="read">What <see cref="Changes"/> was before they were read.</param>
    /// <returns>False where a thing changed meanwhile: nothing was noted.</returns>
    public bool Note(IReadOnlyCollection<KeyValuePair<string, T>> things, long read)
    {
        if (Interlocked.CompareExchange(ref _forgotten, read + 1, read) != read)
            return false;
        foreach (var (id, thing) in things.Where(t => _entries.ContainsKey(t.Key) || _entries.Count < MaxRemembered))
            _entries[id] = new(thing, clock.GetTimestamp(), IsToBeRead: true);
        if (Changes == read + 1)
            return true;
        foreach (var (id, _) in things)
            _entries.TryRemove(id, out _);
        return false;
    }

    /// <summary>Says that all things are, at this moment, as they were noted.</summary>
    public void Confirm()
    {
        Volatile.Write(ref _confirmedAt, clock.GetTimestamp());
        Volatile.Write(ref _failedAt, 0);
    }

    private async Task<(T? Value, Problem? Problem)> LoadAsync(string id, bool isKnown, Entry entry, long now, CancellationToken ct)
    {
        var forgotten = Interlocked.Read(ref _forgotten);
        try
        {
            var thing = await ReadAsync(id, isKnown, ct);
            Volatile.Write(ref _failedAt, 0);
            if (thing is not null)
                Remember(id, new Entry(thing, now, IsToBeRead: false), forgotten);
            return (thing, null);
        }
        catch (Exception e) when (isKnown && !ct.IsCancellationRequested && IsSilence(e))
        {
            Volatile.Write(ref _failedAt, clock.GetTimestamp());
            return Outliving(entry, now);
        }
    }

    /// <summary>A database that hangs is not waited for where there is a memory to go by.</summary>
    private async Task<T?> ReadAsync(string id, bool isKnown, CancellationToken ct)
    {
        if (!isKnown)
            return await load(id, ct);
        using var limit = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        return await load(id, both.Token).WaitAsync(both.Token);
    }

    private (T?, Problem?) Outliving(Entry entry, long now)
    {
        var age = clock.GetElapsedTime(Math.Max(entry.At, Volatile.Read(ref _confirmedAt)), now);
        return age < outlive
            ? (entry.Value, null)
            : (null, Problem.Of(
                "access.unverifiable",
                $"The catalog's database has not answered for {age.TotalMinutes:0} minutes, so that it cannot be told whether this "
                + "caller is still to be let in; try again when it answers."));
    }

    /// <summary>Whether the database said nothing, rather than something wrong.</summary>
    private static bool IsSilence(Exception e) =>
        e is OperationCanceledException or TimeoutException || Faults.ToProblem(e)?.Code == "catalog.database_unavailable";

    private void Remember(string id, Entry entry, long forgotten)
    {
        if (_entries.Count >= MaxRemembered)
            _entries.Clear();
        _entries[id] = entry;

        // What was read before a thing changed must not outlive the change. Looked at last, so that a change meanwhile is seen here or
        // removes the entry itself.
        if (Interlocked.Read(ref _forgotten) != forgotten)
            _entries.TryRemove(id, out _);
    }

    private readonly record struct Entry(T Value, long At, bool IsToBeRead);
}
