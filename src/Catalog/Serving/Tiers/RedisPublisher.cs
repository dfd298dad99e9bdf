using Catalog.FeatureGenerations;
using Catalog.Hot;
using Catalog.Serving.Materialization;
using Catalog.Storage.Hot.Redis;
using Catalog.Storage.Objects;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Serving.Tiers;

/// <summary>
/// Brings generations to Redis: when they are made, and whenever one that serves is not there, or not there any more. Whatever goes wrong
/// is tried again; no materialisation fails for it, because other tiers have the generation.
/// </summary>
internal sealed partial class RedisPublisher(
    RedisGenerations redis, ServedViews served, HotFiles files, TimeProvider clock, ILogger<RedisPublisher> log)
    : BackgroundService, IGenerationPublisher
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What was wanted by no catalog for so long is removed: until then servers that are behind may read it.</summary>
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    public async Task PublishAsync(NodeId view, FeatureGenerationBuilt built, CancellationToken ct)
    {
        if (served.Current.FindView(view) is not { Succeeded: true, Value: var known } || !known.Tiers.Contains(ServingTier.Redis))
            return;
        await TryAsync(view, ActiveGeneration.Of(built, known.Definition), local: null, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var views = served.Current.Views.Where(v => v.Active is not null && v.Tiers.Contains(ServingTier.Redis)).ToList();
        foreach (var view in views)
        {
            if (view.Active is { } active)
                await TryAsync(view.Node, active, view.Local, ct);
        }

        try
        {
            if (views.Count > 0)
                await redis.WantAsync([.. views.Select(v => v.Active?.Id).OfType<Guid>()], clock.GetUtcNow(), ct);
            await redis.RemoveUnwantedAsync(clock.GetUtcNow() - Keep, ct);
        }
        catch (Exception e) when (e is RedisStoreException or OperationCanceledException)
        {
            LogCannotTidy(e.Message);
        }
    }

    private async Task TryAsync(NodeId view, ActiveGeneration generation, Generation? local, CancellationToken ct)
    {
        try
        {
            if (await redis.PartsOfAsync(generation.Id, ct) is not null)
                return;
            var rows = local ?? await files.OpenAsync(generation, ct);
            if (await redis.PublishAsync(generation.Id, rows, clock.GetUtcNow(), ct))
                LogPublished(generation.Id, view.ToString(), rows.Rows);
        }
        catch (Exception e) when (e is RedisStoreException or GenerationException or ObjectStoreException or IOException
            or UnauthorizedAccessException || (e is OperationCanceledException && ct.IsCancellationRequested))
        {
            LogCannotPublish(generation.Id, view.ToString(), e.Message);
        }
    }

    [LoggerMessage(6010, LogLevel.Information, "Generation {Generation} of {View} is in Redis: {Rows} rows.")]
    private partial void LogPublished(Guid generation, string view, long rows);

    [LoggerMessage(6011, LogLevel.Warning, "Generation {Generation} of {View} cannot be brought to Redis now, and will be later: {Why}")]
    private partial void LogCannotPublish(Guid generation, string view, string why);

    [LoggerMessage(6012, LogLevel.Debug, "Redis cannot be tidied now: {Why}")]
    private partial void LogCannotTidy(string why);
}
