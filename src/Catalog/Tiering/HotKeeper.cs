using Catalog.Platform;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Tiering;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Tiering;

/// <summary>
/// Holds in this server's cache what the applied plan says is hot, and brings in what is not there yet. Each server with a cache does.
/// </summary>
internal sealed partial class HotKeeper(
    IDocumentStore store, StorageTiers places, TierSignal signal, TimeProvider clock, ILogger<HotKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => places.Hot is { } cache
        ? HostedServices.UntilStoppedAsync(ct => FollowAsync(cache, ct), Pause, clock, e => LogPaused(e.Message), stoppingToken)
        : Task.CompletedTask;

    private async Task FollowAsync(CachedObjectStore cache, CancellationToken ct)
    {
        for (Guid? held = null; ;)
        {
            var plan = await signal.PlanAsync(ct);
            if (plan is { } id && plan != held)
                await HoldAsync(cache, id, ct);
            held = plan;
            await signal.WaitAsync(ct);
        }
    }

    private async Task HoldAsync(CachedObjectStore cache, Guid plan, CancellationToken ct)
    {
        var hot = await MoveTable.HeldAsync(store, plan, ct);
        cache.Hold(hot.Select(h => h.Key).ToHashSet(StringComparer.Ordinal));
        foreach (var (key, bytes) in hot)
        {
            if (cache.BytesOf(key) < bytes && await signal.PlanAsync(ct) == plan)
                await FillAsync(cache, key, ct);
        }
    }

    private async Task FillAsync(CachedObjectStore cache, string key, CancellationToken ct)
    {
        try
        {
            await cache.FillAsync(key, ct);
        }
        catch (ObjectStoreException e)
        {
            LogNotFilled(key, e.Message);
        }
    }

    [LoggerMessage(1603, LogLevel.Warning, "Keeping hot objects in the cache pauses: {Why}")]
    private partial void LogPaused(string why);

    [LoggerMessage(1604, LogLevel.Warning, "The hot object {Key} could not be brought into the cache; its readers will bring it: {Why}")]
    private partial void LogNotFilled(string key, string why);
}
