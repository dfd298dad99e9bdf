using System.Threading.Channels;
using Catalog.Platform.Log;
using Catalog.Platform.Store;
using JasperFx.Events;
using Marten;
using Marten.Services;
using Microsoft.Extensions.Logging;

namespace Catalog.Platform.Writes;

/// <summary>
/// Group commit: writes that wait while a commit is under way share the next one, so that many small writers pay for one round trip and one
/// flush together. A batch that loses a race is tried once more as a whole, on states read anew. One that fails even so is taken apart, and
/// each write is tried alone; but where the database failed, nothing is tried again, because nobody knows what was stored.
/// </summary>
/// <remarks>Measured in docs/benchmarks.md beside one transaction per write.</remarks>
internal sealed partial class CommitQueue(
    IDocumentStore store,
    CommitConnection commits,
    States states,
    FactRegistry facts,
    LogSignal signal,
    TimeProvider clock,
    ILogger<CommitQueue> log) : IAsyncDisposable
{
    internal const int MaxBatch = 256;
    private const int MaxWaiting = 4096;
    private const int MaxRaces = 12;

    private readonly Channel<PendingWrite> _waiting = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(MaxWaiting));
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>
    /// Decides and stores one write. Returns once it is durable. Whoever comes while nobody commits starts the commit on the spot, so that
    /// a lone writer does not wait for another thread to wake.
    /// </summary>
    /// <exception cref="CatalogBusyException">Too many writes are waiting.</exception>
    public Task<Written> EnqueueAsync(PendingWrite write)
    {
        if (!TryEnqueue(write))
            throw CatalogBusyException.Full();
        return write.Completion;
    }

    /// <summary>Lets the commit under way end.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _turn.WaitAsync();
        _turn.Dispose();
        await commits.DisposeAsync();
    }

    private bool TryEnqueue(PendingWrite write)
    {
        if (!_waiting.Writer.TryWrite(write))
            return false;
        if (_turn.Wait(0))
            _ = CommitWaitingAsync();
        return true;
    }

    private async Task CommitWaitingAsync()
    {
        do
        {
            try
            {
                var batch = new List<PendingWrite>();
                while (TakeBatch(batch))
                    await CommitAsync(batch);
            }
            finally
            {
                _turn.Release();
            }
        }
        while (_waiting.Reader.TryPeek(out _) && _turn.Wait(0)); // one may have come between the last look and the release
    }

    private bool TakeBatch(List<PendingWrite> batch)
    {
        batch.Clear();
        while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var write))
            TakeIn(write, batch);
        return batch.Count > 0;
    }

    private static void TakeIn(PendingWrite write, List<PendingWrite> batch)
    {
        if (write.Abandoned)
            write.Cancel();
        else
            batch.Add(write);
    }

    private async Task CommitAsync(List<PendingWrite> batch)
    {
        var failure = await TryCommitAsync(batch);
        if (CommitFaults.IsRace(failure))
            failure = await TryCommitAsync(batch);

        if (failure is null)
            return;
        if (batch.Count > 1 && !CommitFaults.IsOfDatabase(failure))
            await CommitOneByOneAsync(batch, failure);
        else
            batch.ForEach(write => PutOffOrFail(write, failure));
    }

    private async Task CommitOneByOneAsync(List<PendingWrite> batch, Exception cause)
    {
        LogTakenApart(cause, batch.Count, cause.GetType().Name);
        Exception? failure = null;
        foreach (var write in batch)
        {
            // Once the database has failed, the rest is not sent to it.
            if (!CommitFaults.IsOfDatabase(failure))
                failure = await TryCommitAsync([write]);
            if (failure is not null)
                PutOffOrFail(write, failure);
        }
    }

    private void PutOffOrFail(PendingWrite write, Exception failure)
    {
        if (!CommitFaults.IsRace(failure))
            write.Fail(failure);
        else if (write.LoseRace() < MaxRaces)
            _ = ComeAgainAsync(write);
        else
            write.Fail(CatalogBusyException.Outrun(failure));
    }

    /// <summary>Sends a write to the back of the queue after a pause, in which others have the turn.</summary>
    private async Task ComeAgainAsync(PendingWrite write)
    {
        // Jitter, so that servers racing for one stream do not meet again in step.
        var pause = Random.Shared.Next(1, 4 << Math.Min(write.RacesLost, 6));
        await Task.Delay(TimeSpan.FromMilliseconds(pause), clock, CancellationToken.None);
        if (!TryEnqueue(write))
            write.Fail(CatalogBusyException.Full());
    }

    /// <summary>
    /// Decides on remembered states first, which saves the read: if all is accepted, the append proves that they were current. A refusal or
    /// "unchanged" must not rest on a memory, nor must a write that looked at a stream and appends nothing to it: then everything is
    /// decided again on what the database says.
    /// </summary>
    /// <returns>Null once all is stored and everybody told; else why nothing was, or why that is not known.</returns>
    private async Task<Exception?> TryCommitAsync(List<PendingWrite> batch)
    {
        var streams = new StreamsInPlay(states);
        try
        {
            if (await TryCommitAsync(batch, streams))
                return null;
            streams.Forget();
            streams = new StreamsInPlay(states);
            await TryCommitAsync(batch, streams);
            return null;
        }
        catch (Exception e)
        {
            streams.Forget();
            commits.Drop();
            return e;
        }
    }

    /// <returns>False when a decision rests on a remembered state that no append asserts; nothing was written then.</returns>
    private async Task<bool> TryCommitAsync(List<PendingWrite> batch, StreamsInPlay streams)
    {
        foreach (var write in batch)
            write.Load(streams);
        await streams.LoadAsync(CancellationToken.None);

        await using var connection = await commits.OpenAsync(CancellationToken.None);
        await using var claims = await Claims.BringAsync(connection, batch, CancellationToken.None);
        await using var session = store.LightweightSession(
            claims.Transaction is { } transaction ? SessionOptions.ForTransaction(transaction) : SessionOptions.ForConnection(connection));
        var beside = new SideRows();
        var decided = new List<Decided>(batch.Count);
        foreach (var write in batch)
        {
            var isRepeated = claims.IsRepeated(write);
            var one = isRepeated ? Outcome(write, Decision.Unchanged, streams, []) : DecideOne(write, session, streams, beside);
            if (one.Facts.Count == 0 && !isRepeated && write.Of(streams).Any(s => s.IsRemembered))
                return false;
            decided.Add(one);
        }

        var first = batch.Where(write => !claims.IsRepeated(write));
        if (first.SelectMany(write => write.Of(streams)).Any(s => s.IsRemembered && s.Appended.Count == 0))
            return false;

        if (decided.Exists(d => d.Facts.Count > 0))
        {
            streams.AppendTo(session);
            beside.AppendTo(session);
            await session.SaveChangesAsync(CancellationToken.None);
        }

        var told = await claims.FindEndAsync(CancellationToken.None);
        await claims.CommitAsync(CancellationToken.None);
        if (decided.Exists(d => d.Facts.Count > 0))
            signal.Raise();
        streams.Remember();
        foreach (var one in decided)
            one.Write.Complete(one.Written with { Position = claims.IsRepeated(one.Write) ? told : PositionOf(one, streams) });
        return true;
    }

    private static long PositionOf(Decided one, StreamsInPlay streams) =>
        one.Facts.Count > 0 ? one.Facts.Max(f => f.Sequence) : one.Write.Of(streams).Max(s => s.Position);

    private Decided DecideOne(PendingWrite write, IDocumentSession session, StreamsInPlay streams, SideRows beside)
    {
        var decision = write.DecideOn(streams);
        var appended = new List<IEvent>();
        if (decision is Decision.Accepted accepted)
        {
            write.Beside?.Invoke(beside, accepted.Facts);
            foreach (var payload in accepted.Facts)
            {
                var fact = session.Events.BuildEvent(payload);
                write.Origin.Stamp(fact);
                write.StreamOf(payload, streams, facts).Append(fact);
                appended.Add(fact);
            }
        }

        return write.Claim is null || appended.Count > 0
            ? Outcome(write, decision, streams, appended)
            : throw new InvalidOperationException($"A write with a claim was not accepted: {decision}.");
    }

    private static Decided Outcome(PendingWrite write, Decision decision, StreamsInPlay streams, IReadOnlyList<IEvent> appended)
    {
        var first = write.Of(streams)[0];
        return new Decided(write, new Written(decision, Position: 0, first.Version, first.Current), appended);
    }

    private sealed record Decided(PendingWrite Write, Written Written, IReadOnlyList<IEvent> Facts);

    [LoggerMessage(1001, LogLevel.Debug, "A shared commit of {Writes} writes failed ({Cause}); each is tried alone.")]
    private partial void LogTakenApart(Exception e, int writes, string cause);
}

/// <summary>The catalog cannot take the write now; nothing of it is stored, and it may be sent again.</summary>
public sealed class CatalogBusyException : Exception
{
    private CatalogBusyException(string message, Exception? cause)
        : base(message, cause)
    {
    }

    internal static CatalogBusyException Full() => new("Too many writes are waiting; try again shortly.", cause: null);

    internal static CatalogBusyException Outrun(Exception cause) =>
        new("Other servers kept writing to the same thing first; try again shortly.", cause);
}
