using System.Collections.Concurrent;
using Catalog.Access.Policies;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>
/// Keeps decisions. A refusal is durable before it is answered: those that come at the same time share a statement. What is allowed on data
/// that bears a tag is counted, and stored every few seconds and at the end.
/// </summary>
internal sealed partial class DecisionLog(IDocumentStore store, TimeProvider clock, ILogger<DecisionLog> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private const int MostKinds = 100_000;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<AllowedKey, Allowed> _allowed = new();
    private List<AccessRecord> _waiting = [];
    private TaskCompletionSource _stored = New();
    private List<AccessRecord> _late = [];
    private readonly SemaphoreSlim _flushing = new(1);
    private bool _isStoring;

    /// <summary>Counts what was allowed.</summary>
    public void Count(in AllowedKey key, AccessDecision decision, long position)
    {
        while (true)
        {
            if (_allowed.TryGetValue(key, out var known))
            {
                // One that was taken meanwhile is taken out already: the next is new.
                if (known.TryAdd(decision, position))
                    return;
            }
            else if (_allowed.Count >= MostKinds || _allowed.TryAdd(key, new Allowed(decision, position, clock.GetUtcNow())))
            {
                return;
            }
        }
    }

    /// <summary>Returns when refusals are durable.</summary>
    /// <exception cref="ProblemException"><c>access.unrecorded</c>: the database does not take them.</exception>
    public async Task KeepAsync(IReadOnlyList<AccessRecord> denied, CancellationToken ct)
    {
        Task stored;
        lock (_lock)
        {
            _waiting.AddRange(denied);
            stored = _stored.Task;
            if (!_isStoring)
            {
                _isStoring = true;
                _ = Task.Run(StoreAllAsync, CancellationToken.None);
            }
        }

        try
        {
            await stored.WaitAsync(Patience, clock, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            LogUnrecorded(e.Message);
            throw new ProblemException(Problem.Of(
                "access.unrecorded", "This was refused, and the refusal could not be recorded; try again when the database answers."));
        }
    }

    /// <summary>Stores what was counted.</summary>
    public async Task FlushAsync(CancellationToken ct)
    {
        await _flushing.WaitAsync(ct);
        try
        {
            await FlushAloneAsync(ct);
        }
        finally
        {
            _flushing.Release();
        }
    }

    private async Task FlushAloneAsync(CancellationToken ct)
    {
        var taken = Interlocked.Exchange(ref _late, []);
        foreach (var (key, _) in _allowed)
        {
            if (_allowed.TryRemove(key, out var allowed))
                taken.Add(allowed.Close(key));
        }

        try
        {
            foreach (var some in taken.Where(t => t.Count > 0).Chunk(5_000))
                await DecisionTable.AddAsync(store, some, ct);
        }
        catch (Exception e)
        {
            // Some of them may be stored: better twice than not at all. They are tried again, as long as there is room.
            Volatile.Write(ref _late, taken.Count <= MostKinds ? taken : []);
            LogLater(taken.Sum(t => t.Count), taken.Count <= MostKinds, e.Message);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _flushing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await FlushAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is counted until the end is stored by StopAsync.
        }
    }

    private async Task StoreAllAsync()
    {
        while (true)
        {
            List<AccessRecord> taken;
            TaskCompletionSource done;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _isStoring = false;
                    return;
                }

                (taken, _waiting) = (_waiting, []);
                (done, _stored) = (_stored, New());
            }

            try
            {
                await DecisionTable.AddAsync(store, Alike(taken), CancellationToken.None);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }

    /// <summary>Who is refused the same a hundred times at once is one row that says so.</summary>
    private static List<AccessRecord> Alike(List<AccessRecord> records) =>
        [.. records.GroupBy(r => r.Kind).Select(g => g.First() with { Count = g.Sum(r => r.Count) })];

    private static TaskCompletionSource New()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Whoever waited may have gone: the failure was told to the others.
        _ = source.Task.ContinueWith(
            t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return source;
    }

    [LoggerMessage(2011, LogLevel.Error, "Refusals cannot be recorded now, and are answered with 503: {Why}")]
    private partial void LogUnrecorded(string why);

    [LoggerMessage(2012, LogLevel.Error, "{Count} decisions that allowed something are not recorded; later, they will be: {Later}. {Why}")]
    private partial void LogLater(long count, bool later, string why);

    /// <summary>A count since it was last taken. One that was taken takes no more.</summary>
    private sealed class Allowed(AccessDecision first, long position, DateTimeOffset since)
    {
        private readonly Lock _lock = new();
        private AccessDecision _newest = first;
        private long _position = position;
        private long _count = 1;
        private bool _closed;

        public bool TryAdd(AccessDecision other, long at)
        {
            lock (_lock)
            {
                if (_closed)
                    return false;
                (_newest, _position) = (other, at);
                _count++;
                return true;
            }
        }

        public AccessRecord Close(AllowedKey key)
        {
            lock (_lock)
            {
                _closed = true;
                return new AccessRecord(
                    since, key.Principal, key.Act, key.Node.ToString(), key.Purpose, _newest.Ground, _newest.Statements, _position, _count,
                    key.Role, key.Groups);
            }
        }
    }
}
