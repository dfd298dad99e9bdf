using Catalog.Platform;
using Catalog.Serving.Materialization;
using Catalog.Serving.Metrics;
using Catalog.Serving.Pushing;
using Catalog.Serving.Tiers;
using Catalog.Storage.Hot.Redis;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Catalog.Serving;

/// <summary>Online serving of features.</summary>
internal static class ServingModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<ServingDeclarations>();
        services.AddSingleton<HotFiles>();
        services.AddSingleton<PushTail>();
        services.AddSingleton<PushLog>();
        services.AddSingleton<StateBuilder>();
        services.AddHostedSingleton<ServedViews>();
        services.TryAddSingleton(new TierOptions());
        services.TryAddSingleton(new AdmissionOptions(null));
        services.AddSingleton<Admission>();
        services.AddSingleton<IRemoteTier, OfflineTier>();
        services.AddSingleton<RemoteTiers>();
        services.AddMetrics();
        services.AddSingleton<ServingMeter>();
        services.AddSingleton<ServiceLevels>();
        services.AddSingleton<LookupMeter>();
        services.AddSingleton<MaterializationMeter>();
        services.AddSingleton<ServingLoad>();
        services.AddSingleton<ServingReadings>();
        services.AddSingleton<ServiceLevelReadings>();
        services.AddHostedService<ServingSampler>();
        services.AddSingleton<LookupHashes>();
        services.AddScoped<OnlineFeatures>();
        services.AddSingleton<MaterializationTurns>();
        services.AddScoped<GenerationSources>();
        services.AddScoped<GenerationMaker>();
        services.AddScoped<MaterializationRun>();
        services.AddScoped<SealPushes>();
        services.AddScoped<OrderGenerations>();
        services.AddScoped<MakeGenerations>();
        services.AddScoped<ExpectedValues>();
    }

    /// <summary>Serves views from a Redis, too, that declare it.</summary>
    public static void AddRedisTier(this IServiceCollection services, RedisGenerations redis)
    {
        services.AddSingleton(redis);
        services.AddSingleton<IRemoteTier, RedisTier>();
        services.AddHostedSingleton<RedisPublisher>();
        services.AddSingleton<IGenerationPublisher>(provider => provider.GetRequiredService<RedisPublisher>());
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        MaterializeFeatures.Map(routes);
        VerifyGeneration.Map(routes);
        PushRows.Map(routes);
        ExplainValue.Map(routes);
        ShowServiceLevels.Map(routes);
    }
}
