using Catalog.Platform;
using Catalog.Serving;
using Catalog.Storage.Objects;
using Catalog.Storage.Tiering;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Erasure;

/// <summary>Drops this server's copies of what was erased, by whichever server: blocks in its cache, and files of generations.</summary>
internal sealed partial class ErasedCopies(
    IDocumentStore store, StorageTiers places, HotFiles files, TimeProvider clock, ILogger<ErasedCopies> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>What was written by a transaction that took so long to become visible is not missed.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private DateTimeOffset _since = DateTimeOffset.UnixEpoch;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        HostedServices.UntilStoppedAsync(DropAsync, Pause, clock, e => LogPaused(e.Message), stoppingToken);

    private async Task DropAsync(CancellationToken ct)
    {
        var (freed, now) = (await ErasureTable.FreedSinceAsync(store, _since, ct), await ErasureTable.NowAsync(store, ct));
        foreach (var sha256 in freed)
        {
            places.Hot?.Forget(ContentStore.KeyOf(sha256));
            files.Forget(sha256);
        }

        _since = now - Overlap;
    }

    [LoggerMessage(1711, LogLevel.Warning, "Dropping copies of what was erased pauses: {Why}")]
    private partial void LogPaused(string why);
}
