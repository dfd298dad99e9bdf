using Catalog.Platform;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Catalog.Predictions;

/// <summary>What was decided with models.</summary>
internal static class PredictionsModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.TryAddSingleton(new PredictionOptions());
        services.AddSingleton<DeclaredLogs>();
        services.AddSingleton<PredictionLosses>();
        services.AddSingleton<IPredictionShelf, PredictionShelf>();

        // The sealer first: it ends last, and notes what the queue had to lose at the end.
        services.AddHostedService<PredictionSealer>();
        services.AddHostedSingleton<PredictionQueue>();
        services.AddScoped<PredictionIntake>();
        services.AddScoped<SealPredictions>();
        services.AddScoped<PredictionFiles>();
        services.AddScoped<PredictionChain>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        DeclarePredictionLog.Map(routes);
        ShowPredictionLog.Map(routes);
        SealPredictionLog.Map(routes);
        LogPredictions.Map(routes);
        TracePrediction.Map(routes);
    }
}
