using Catalog.Platform;
using Catalog.Serving.Materialization;
using Catalog.Serving.Pushing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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
        services.AddSingleton<RemoteTiers>();
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

    public static void Map(IEndpointRouteBuilder routes)
    {
        MaterializeFeatures.Map(routes);
        VerifyGeneration.Map(routes);
        PushRows.Map(routes);
        ExplainValue.Map(routes);
    }
}
