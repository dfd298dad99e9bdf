using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Features;

/// <summary>Feature views and their versions: what there is to call.</summary>
internal static class FeaturesModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddScoped<FeatureViews>();
        services.AddScoped<FeatureSources>();
        services.AddScoped<EntityUses>();
        services.AddSingleton<FeatureTurns>();
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
    }
}
