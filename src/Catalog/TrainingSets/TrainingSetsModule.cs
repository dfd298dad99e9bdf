using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.TrainingSets;

/// <summary>Training sets: what there is to call.</summary>
internal static class TrainingSetsModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TrainingTurns>();
        services.AddScoped<Recipes>();
        services.AddScoped<TrainingJoin>();
        services.AddScoped<TrainingUploads>();
        services.AddScoped<TrainingRun>();
        services.AddScoped<TrainingSets>();
        services.AddScoped<TrainingChecks>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        CreateTrainingSet.Map(routes);
        ShowTrainingSet.Map(routes);
        VerifyTrainingSet.Map(routes);
        ExplainTrainingRow.Map(routes);
        WriteTrainingSql.Map(routes);
    }
}
