namespace Catalog.Sdk;

/// <summary>
/// Lookups of one row each, together: the first goes out at once, and those that come while it is on its way share the next call. So one
/// alone waits for nobody, and many cost as few calls as the server can answer. Safe to share between threads.
/// </summary>
public sealed class FeatureBatch
{
    private const int MostRows = 10_000;

    private readonly Func<FeatureKeys, CancellationToken, Task<FeatureRows>> _read;
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private bool _isReading;

    internal FeatureBatch(Func<FeatureKeys, CancellationToken, Task<FeatureRows>> read) => _read = read;

    /// <summary>Looks one row up.</summary>
    /// <param name="key">Each part of the key: <c>("airport", "ATL")</c>. All lookups of a batch name the same parts.</param>
    /// <param name="ct">Stops waiting; others who share the call go on.</param>
    /// <exception cref="CatalogException">The call that this lookup was a part of failed.</exception>
    public async Task<FeatureRow> GetAsync(IReadOnlyList<(string Name, object? Value)> key, CancellationToken ct = default)
    {
        var waiting = new Waiting(key);
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (!_isReading)
            {
                _isReading = true;
                _ = Task.Run(ReadAllAsync, CancellationToken.None);
            }
        }

        return await waiting.Row.Task.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Looks one row up whose key has one part.</summary>
    /// <exception cref="CatalogException">The call that this lookup was a part of failed.</exception>
    public Task<FeatureRow> GetAsync(string key, object? value, CancellationToken ct = default) => GetAsync([(key, value)], ct);

    /// <summary>Reads until nobody waits.</summary>
    private async Task ReadAllAsync()
    {
        while (Take() is { Count: > 0 } taken)
            await ReadAsync(taken).ConfigureAwait(false);
    }

    /// <summary>Where a call is refused, one of its keys may be wrong: each is asked for alone, so that others get their rows.</summary>
    private async Task ReadAsync(List<Waiting> taken)
    {
        try
        {
            var rows = await _read(KeysOf(taken), CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < taken.Count; i++)
                taken[i].Row.TrySetResult(rows[i]);
        }
        catch (CatalogException e) when (e.Status is >= 400 and < 500 && taken.Count > 1)
        {
            foreach (var waiting in taken)
                await ReadAsync([waiting]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            foreach (var waiting in taken)
                waiting.Row.TrySetException(e);
        }
    }

    /// <summary>Those who wait and name the same parts as the first; nobody ends the reading.</summary>
    private List<Waiting> Take()
    {
        lock (_lock)
        {
            var taken = new List<Waiting>();
            while (taken.Count < MostRows && _waiting.TryPeek(out var next) && (taken.Count == 0 || next.IsLike(taken[0])))
                taken.Add(_waiting.Dequeue());
            _isReading = taken.Count > 0;
            return taken;
        }
    }

    private static FeatureKeys KeysOf(List<Waiting> waiting)
    {
        var keys = new FeatureKeys();
        for (var part = 0; part < waiting[0].Key.Count; part++)
        {
            var at = part;
            keys.Add(waiting[0].Key[at].Name, waiting.Select(w => w.Key[at].Value));
        }

        return keys;
    }

    private sealed class Waiting(IReadOnlyList<(string Name, object? Value)> key)
    {
        public IReadOnlyList<(string Name, object? Value)> Key => key;

        public TaskCompletionSource<FeatureRow> Row { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsLike(Waiting other) => key.Select(k => k.Name).SequenceEqual(other.Key.Select(k => k.Name), StringComparer.Ordinal);
    }
}
