using Catalog.Platform.Log;
using Catalog.Platform.Store;
using Marten;
using Microsoft.Extensions.Logging;

namespace Catalog.Platform.Writes;

/// <summary>
/// Shared commits side by side: one lane for what is done here, and others for what is told in masses (writes with a <see cref="Claim"/>),
/// so that a service which retells its day keeps nobody waiting. A stream has one lane of those: its writes stay in order and do not race
/// each other. Between the lanes, streams' versions are asserted as between servers.
/// </summary>
internal sealed class CommitLanes(
    IDocumentStore store,
    CatalogDatabase database,
    States states,
    FactRegistry facts,
    LogSignal signal,
    TimeProvider clock,
    ILogger<CommitQueue> log) : IAsyncDisposable
{
    /// <summary>One transaction at a time leaves PostgreSQL idle while the next is made ready, and the other way round.</summary>
    private const int Told = 2;

    private readonly CommitQueue[] _lanes =
    [
        .. Enumerable.Range(0, 1 + Told)
            .Select(_ => new CommitQueue(store, database.NewCommitConnection(), states, facts, signal, clock, log)),
    ];

    /// <inheritdoc cref="CommitQueue.EnqueueAsync"/>
    public Task<Written> EnqueueAsync(PendingWrite write) => _lanes[LaneOf(write)].EnqueueAsync(write);

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.DisposeAsync();
    }

    private static int LaneOf(PendingWrite write) =>
        write.Claim is null ? 0 : 1 + (int)((uint)StringComparer.Ordinal.GetHashCode(write.Stream) % Told);
}
