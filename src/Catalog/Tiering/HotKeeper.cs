using Catalog.Storage.Objects;
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (places.Hot is null)
            return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogPaused(e.Message);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        for (Guid? held = null; ;)
        {
            var plan = await signal.PlanAsync(ct);
            if (plan is { } id && plan != held)
                await HoldAsync(id, ct);
            held = plan;
            await signal.WaitAsync(ct);
        }
    }

    private async Task HoldAsync(Guid plan, CancellationToken ct)
    {
        if (places.Hot is not { } cache)
            return;
        var hot = await MoveTable.HeldAsync(store, plan, ct);
        cache.Hold(hot.Select(h => h.Key).ToHashSet(StringComparer.Ordinal));
        foreach (var (key, bytes) in hot)
        {
            if (cache.BytesOf(key) < bytes && await signal.PlanAsync(ct) == plan)
                await FillAsync(key, ct);
        }
    }

    private async Task FillAsync(string key, CancellationToken ct)
    {
        try
        {
            await (places.Hot?.FillAsync(key, ct) ?? Task.CompletedTask);
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
