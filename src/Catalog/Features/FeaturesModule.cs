using Catalog.FeatureGenerations;
using Catalog.FeatureServices;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Features;

/// <summary>Feature views, services of them and generations of their values: what there is to call.</summary>
internal static class FeaturesModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddScoped<FeatureViews>();
        services.AddScoped<FeatureSources>();
        services.AddScoped<ServiceGrounds>();
        services.AddScoped<FeatureServiceLookup>();
        services.AddScoped<GenerationLookup>();
        services.AddScoped<RollbackTargets>();
        services.AddScoped<EntityUses>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        ListFeatureViews.Map(routes);
        PlanFeatures.Map(routes);
        ApplyFeatures.Map(routes);
        ShowFeatureView.Map(routes);
        ShowFeatureViewVersion.Map(routes);
        TagFeatureView.Map(routes);
        RetireFeatureView.Map(routes);
        MapServices(routes);
        MapGenerations(routes);
    }

    private static void MapServices(IEndpointRouteBuilder routes)
    {
        ListFeatureServices.Map(routes);
        ShowFeatureService.Map(routes);
        ShowFeatureServiceVersion.Map(routes);
        TagFeatureService.Map(routes);
        RetireFeatureService.Map(routes);
    }

    private static void MapGenerations(IEndpointRouteBuilder routes)
    {
        ListGenerations.Map(routes);
        ShowGeneration.Map(routes);
        ExportGeneration.Map(routes);
        ActivateGenerations.Map(routes);
        RollBackGenerations.Map(routes);
        DropGeneration.Map(routes);
    }
}
