namespace Catalog.Storage.Columnar;

/// <summary>
/// Bounds the bytes of batches that wait for the consumer. Whoever decodes what the consumer waits for is let through when nothing of it
/// is waiting, however full it is; so the first in order always moves, and with it everything.
/// </summary>
internal sealed class DecodeBudget(long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];
    private long _bytes;
    private int _head;

    /// <summary>The most bytes that waited at one time.</summary>
    public long Peak { get; private set; }

    /// <summary>Waits until there is room for a batch of the row group with this number.</summary>
    public Task EnterAsync(int number, long bytes, Func<bool> isEmpty, CancellationToken ct)
    {
        lock (_lock)
        {
            var waiter = new Waiter(number, bytes, isEmpty);
            if (TryAdmit(waiter))
                return Task.CompletedTask;

            _waiters.Add(waiter);
            return waiter.Admitted.Task.WaitAsync(ct);
        }
    }

    /// <summary>The consumer took a batch over.</summary>
    public void Leave(long bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
            Admit();
        }
    }

    /// <summary>The consumer now waits for batches of the row group with this number.</summary>
    public void MoveTo(int number)
    {
        lock (_lock)
        {
            _head = number;
            Admit();
        }
    }

    private void Admit()
    {
        _waiters.Sort((a, b) => a.Number.CompareTo(b.Number));
        for (var i = 0; i < _waiters.Count && TryAdmit(_waiters[i]);)
        {
            _waiters[i].Admitted.TrySetResult();
            _waiters.RemoveAt(i);
        }
    }

    private bool TryAdmit(Waiter waiter)
    {
        if (_bytes + waiter.Bytes > maxBytes && !(waiter.Number == _head && waiter.IsEmpty()))
            return false;

        _bytes += waiter.Bytes;
        Peak = Math.Max(Peak, _bytes);
        return true;
    }

    private sealed record Waiter(int Number, long Bytes, Func<bool> IsEmpty)
    {
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
