using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Rows of a window by columns, one batch after the other; not in their order within a batch.</summary>
/// <param name="Columns">Of the schema.</param>
/// <param name="Places">Of each row in its batch.</param>
/// <param name="Memory">Where they are; a batch that is made of them holds on to it.</param>
internal sealed record ShuffledWindow(IReadOnlyList<ArrayData> Columns, int[] Places, IReadOnlyList<BufferLease> Memory)
{
    /// <summary>That the rows and their places take.</summary>
    public long Bytes { get; } = Columns.Sum(c => ArraySize.Of(c, 0, c.Length)) + ((long)Places.Length * sizeof(int));

    public void Retain()
    {
        foreach (var lease in Memory)
            lease.Retain();
    }

    public void Release()
    {
        foreach (var lease in Memory)
            lease.Release();
    }
}

/// <summary>
/// Prepares windows ahead of the consumer, in the order in which they are needed. The bytes of those that are prepared or in use are
/// bounded; what the consumer cannot go on without is let through, however full it is.
/// </summary>
/// <param name="turns">In the order in which they are needed.</param>
/// <param name="estimate">How many bytes a window is likely to take.</param>
/// <param name="prepare">Decodes and shuffles one.</param>
/// <param name="ahead">How many are prepared at the same time.</param>
/// <param name="maxBytes">Of windows that are prepared or in use.</param>
/// <param name="ct">Stops all of it.</param>
internal sealed class WindowQueue(
    IReadOnlyList<WindowTurn> turns, Func<WindowTurn, long> estimate, Func<WindowTurn, CancellationToken, Task<ShuffledWindow>> prepare,
    int ahead, long maxBytes, CancellationToken ct) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _slots = new(ahead);
    private readonly Dictionary<int, TaskCompletionSource<ShuffledWindow>> _windows = [];
    private readonly List<Task> _preparing = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _dispatching;
    private long _bytes;
    private int _wanted = -1;

    /// <summary>The most bytes that windows took at one time.</summary>
    public long Peak { get; private set; }

    public void Start() => _dispatching ??= Task.Run(DispatchAsync, CancellationToken.None);

    /// <summary>The consumer does not go on without the turns up to this one.</summary>
    public void Want(int turn)
    {
        lock (_lock)
        {
            _wanted = Math.Max(_wanted, turn);
            Signal();
        }
    }

    /// <exception cref="Files.FileException">As it was met when the window was prepared.</exception>
    public Task<ShuffledWindow> TakeAsync(int turn)
    {
        Want(turn);
        return Of(turn).Task.WaitAsync(_stop.Token);
    }

    /// <summary>The consumer is through with a window.</summary>
    public void Release(int turn, ShuffledWindow window)
    {
        lock (_lock)
        {
            _windows.Remove(turn);
            _bytes -= window.Bytes;
            Signal();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_dispatching is not null)
            await _dispatching;
        await Task.WhenAll(_preparing);
        _slots.Dispose();
        _stop.Dispose();
    }

    private TaskCompletionSource<ShuffledWindow> Of(int turn)
    {
        lock (_lock)
        {
            if (!_windows.TryGetValue(turn, out var window))
                _windows[turn] = window = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return window;
        }
    }

    private async Task DispatchAsync()
    {
        try
        {
            for (var turn = 0; turn < turns.Count; turn++)
            {
                var expected = estimate(turns[turn]);
                await RoomAsync(turn, expected);
                await _slots.WaitAsync(_stop.Token);
                _preparing.RemoveAll(t => t.IsCompleted);
                _preparing.Add(PrepareAsync(turn, expected));
            }
        }
        catch (OperationCanceledException)
        {
            // The consumer has gone; there is nobody to prepare for.
        }
    }

    private async Task RoomAsync(int turn, long expected)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (turn <= _wanted || _bytes + expected <= maxBytes)
                {
                    Count(expected);
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(_stop.Token);
        }
    }

    /// <summary>What goes wrong is told to whoever takes the window; it never throws.</summary>
    private async Task PrepareAsync(int turn, long expected)
    {
        var window = Of(turn);
        try
        {
            var made = await Task.Run(() => prepare(turns[turn], _stop.Token), _stop.Token);
            lock (_lock)
            {
                // Mostly less than what was taken to be decoded.
                Count(made.Bytes - expected);
                Signal();
            }

            window.TrySetResult(made);
        }
        catch (OperationCanceledException)
        {
            window.TrySetCanceled(CancellationToken.None);
        }
        catch (Exception e)
        {
            window.TrySetException(e);

            // Nobody may come to take it.
            _ = window.Task.Exception;
        }
        finally
        {
            _slots.Release();
        }
    }

    private void Count(long bytes)
    {
        _bytes += bytes;
        Peak = Math.Max(Peak, _bytes);
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
