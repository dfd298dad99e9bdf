using Catalog.Garbage;
using Catalog.Platform;
using Catalog.Platform.Store;
using Catalog.Storage.Objects;
using Catalog.Storage.Tiering;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Tiering;

/// <summary>
/// Moves what the applied plan says between the object store and the archive. Of all servers that have an archive one does, the holder of a
/// lock: when it ends, however it ends, another goes on, or itself after its start. A move that was cut off is done again.
/// </summary>
internal sealed partial class TierMover(
    CatalogDatabase database,
    IDocumentStore store,
    StorageTiers places,
    StoreMarks marks,
    TierSignal signal,
    TimeProvider clock,
    ILogger<TierMover> log) : BackgroundService
{
    private const int AtOnce = 4;
    private const int Batch = 64;
    private const string LockKey = $"hashtextextended('{CatalogStore.Schema} tiers', 0)";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => places.Cold is null
        ? Task.CompletedTask
        : HostedServices.UntilStoppedAsync(StandAsync, Pause, clock, e => LogPaused(e.Message), stoppingToken);

    private async Task StandAsync(CancellationToken ct)
    {
        await using var held = await database.OpenForLockAsync(ct);
        while (true)
        {
            // Asking again also tells whether the connection that holds the lock lives.
            await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({LockKey})", held);
            if (await command.ExecuteScalarAsync(ct) is true && await signal.PlanAsync(ct) is { } plan && await MoveSomeAsync(plan, ct))
                continue;
            await signal.WaitAsync(ct);
        }
    }

    /// <summary>False when nothing is due.</summary>
    private async Task<bool> MoveSomeAsync(Guid plan, CancellationToken ct)
    {
        var due = await MoveTable.DueAsync(store, plan, Batch, ct);
        if (due.Count == 0)
        {
            await MoveTable.ForgetOthersAsync(store, plan, ct);
            return false;
        }

        if (await marks.FindOthersAsync(ct) is { } shared)
        {
            LogPaused(shared.Detail);
            return false;
        }

        await Parallel.ForEachAsync(
            due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (move, token) =>
            {
                try
                {
                    await places.MoveAsync(move.Sha256, move.To, token);
                    await MoveTable.DoneAsync(store, plan, move.Sha256, token);
                }
                catch (ObjectStoreException e)
                {
                    LogNotMoved(move.Sha256, e.Message);
                    await MoveTable.FailedAsync(store, plan, move, e.Message, token);
                }
            });
        return true;
    }

    [LoggerMessage(1601, LogLevel.Warning, "Moving between tiers pauses: {Why}")]
    private partial void LogPaused(string why);

    [LoggerMessage(1602, LogLevel.Warning, "The object {Sha256} could not be moved to its tier, and is tried again: {Why}")]
    private partial void LogNotMoved(string sha256, string why);
}
