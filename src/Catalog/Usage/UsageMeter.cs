using System.Collections.Concurrent;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Usage;

/// <summary>
/// Counts what is read, in memory, and adds it to the table every few seconds and at the end: counting must not slow reading down. A server
/// that dies takes the last seconds' counts with it; they are statistics, and no evidence.
/// </summary>
internal sealed partial class UsageMeter(IDocumentStore store, TimeProvider clock, ILogger<UsageMeter> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<UsageKey, Tally> _tallies = new();
    private readonly SemaphoreSlim _flushing = new(1);

    /// <summary>Adds to a count.</summary>
    public void Add(UsageKey key, long requests, long bytes)
    {
        var now = clock.GetUtcNow();
        while (!_tallies.GetOrAdd(key, _ => new Tally()).TryAdd(requests, bytes, now))
        {
            // It was emptied and taken out between the two: the next one is new.
        }
    }

    /// <summary>Adds to a count of today.</summary>
    public void AddToday(UsageKey key, long requests, long bytes) =>
        Add(key with { Day = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime) }, requests, bytes);

    /// <summary>Brings the table up to what this server has counted.</summary>
    public async Task FlushAsync(CancellationToken ct)
    {
        await _flushing.WaitAsync(ct);
        try
        {
            var counts = Take();
            try
            {
                if (counts.Count > 0)
                    await UsageTable.AddAsync(store, counts, ct);
            }
            catch
            {
                foreach (var count in counts)
                    Add(count.Key, count.Requests, count.Bytes);
                throw;
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
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
                await TryFlushAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is counted until the end is added by StopAsync.
        }
    }

    private async Task TryFlushAsync(CancellationToken ct)
    {
        try
        {
            await FlushAsync(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogLater(e.Message);
        }
    }

    private List<UsageCount> Take()
    {
        var counts = new List<UsageCount>();
        foreach (var (key, tally) in _tallies)
        {
            if (tally.Take(key) is { } count)
                counts.Add(count);
            else
                _tallies.TryRemove(KeyValuePair.Create(key, tally));
        }

        return counts;
    }

    [LoggerMessage(1501, LogLevel.Warning, "What was read could not be added to the usage table, and will be later: {Why}")]
    private partial void LogLater(string why);

    /// <summary>A count since it was last taken. One that was found empty takes no more.</summary>
    private sealed class Tally
    {
        private readonly Lock _lock = new();
        private long _requests;
        private long _bytes;
        private DateTimeOffset _lastAt;
        private bool _closed;

        public bool TryAdd(long requests, long bytes, DateTimeOffset now)
        {
            lock (_lock)
            {
                if (_closed)
                    return false;
                _requests += requests;
                _bytes += bytes;
                _lastAt = now;
                return true;
            }
        }

        public UsageCount? Take(UsageKey key)
        {
            lock (_lock)
            {
                if (_requests == 0 && _bytes == 0)
                {
                    _closed = true;
                    return null;
                }

                var count = new UsageCount(key, _requests, _bytes, _lastAt);
                (_requests, _bytes) = (0, 0);
                return count;
            }
        }
    }
}
