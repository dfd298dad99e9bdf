using System.Threading.Channels;
using Catalog.Platform;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Predictions;

/// <summary>
/// Predictions on their way to the table. Those that come while others are being stored share the next statement. There is room for so
/// many: what finds none is lost at once, and so is what has waited too long for a database that does not answer. Both are counted, and
/// whoever handed them back is told.
/// </summary>
internal sealed partial class PredictionQueue(
    IPredictionShelf shelf, PredictionOptions options, PredictionLosses losses, TimeProvider clock, ILogger<PredictionQueue> log)
    : BackgroundService
{
    private const int StoredTogether = 5_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly Lock _room = new();
    private long _rows;
    private long _bytes;

    /// <summary>How many predictions wait here.</summary>
    public long Count
    {
        get
        {
            lock (_room)
                return _rows;
        }
    }

    /// <summary>Stores predictions, all or none.</summary>
    /// <returns>Whether they are durable; if not, they are lost, and were counted.</returns>
    public async Task<bool> KeepAsync(IReadOnlyList<LoggedPrediction> predictions)
    {
        var waiting = new Waiting(predictions, clock.GetTimestamp());
        if (TryTakeRoom(waiting))
        {
            if (_waiting.Writer.TryWrite(waiting))
                return await waiting.Stored.Task;
            GiveRoom(waiting);
        }

        Lose(waiting);
        return false;
    }

    /// <summary>What waits when the server ends is stored first, even where it ends before this began.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _waiting.Writer.TryComplete();
        if (ExecuteTask is { IsCompleted: true })
            await StoreAllAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var ending = stoppingToken.Register(() => _waiting.Writer.TryComplete());
        await StoreAllAsync();
    }

    /// <summary>Until nothing more can come.</summary>
    private async Task StoreAllAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
            await StoreAsync(Take());
    }

    private bool TryTakeRoom(Waiting waiting)
    {
        lock (_room)
        {
            if (_rows + waiting.Predictions.Count > options.QueuedPredictions || _bytes + waiting.Bytes > options.QueuedBytes)
                return false;
            _rows += waiting.Predictions.Count;
            _bytes += waiting.Bytes;
            return true;
        }
    }

    private void GiveRoom(Waiting waiting)
    {
        lock (_room)
        {
            _rows -= waiting.Predictions.Count;
            _bytes -= waiting.Bytes;
        }
    }

    private List<Waiting> Take()
    {
        var taken = new List<Waiting>();
        for (var rows = 0; rows < StoredTogether && _waiting.Reader.TryRead(out var next); rows += next.Predictions.Count)
            taken.Add(next);
        return taken;
    }

    private async Task StoreAsync(List<Waiting> some)
    {
        while (some.Count > 0 && await TryStoreAsync(some) is { } failure)
        {
            LogLater(failure.Message);
            if (failure is PostgresException { IsTransient: false } && some.Count > 1)
            {
                // It is the fault of one: the others are not to suffer for it.
                foreach (var one in some)
                    await StoreAsync([one]);
                return;
            }

            GiveUpOn(some, failure is PostgresException { IsTransient: false } ? TimeSpan.Zero : options.Patience);
            if (some.Count > 0)
                await Task.Delay(Pause, clock, CancellationToken.None);
        }
    }

    private async Task<Exception?> TryStoreAsync(List<Waiting> some)
    {
        try
        {
            using var limit = new CancellationTokenSource(options.Patience, clock);
            await shelf.AppendAsync([.. some.SelectMany(w => w.Predictions)], limit.Token);
        }
        catch (Exception e)
        {
            return e;
        }

        foreach (var waiting in some)
        {
            GiveRoom(waiting);
            PredictionLosses.CountKept(waiting.Predictions.Count);
            waiting.Stored.SetResult(true);
        }

        return null;
    }

    private void GiveUpOn(List<Waiting> some, TimeSpan patience)
    {
        foreach (var waiting in some.Where(w => clock.GetElapsedTime(w.Since) >= patience).ToList())
        {
            some.Remove(waiting);
            GiveRoom(waiting);
            Lose(waiting);
            waiting.Stored.SetResult(false);
        }
    }

    private void Lose(Waiting waiting)
    {
        foreach (var model in waiting.Predictions.GroupBy(p => p.Model.WithoutVersion()))
            losses.Add(model.Key, model.Count());
    }

    [LoggerMessage(6101, LogLevel.Warning, "Predictions could not be stored now, and are tried again: {Why}")]
    private partial void LogLater(string why);

    private sealed class Waiting(IReadOnlyList<LoggedPrediction> predictions, long since)
    {
        public IReadOnlyList<LoggedPrediction> Predictions => predictions;

        public long Bytes { get; } = predictions.Sum(p => p.Bytes);

        /// <summary>As the clock's timestamp.</summary>
        public long Since => since;

        public TaskCompletionSource<bool> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
