using Catalog.Platform;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Tiering;

/// <summary>Tiers: what there is to call, and what follows the plans.</summary>
internal static class TieringModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<TierPlanner>();
        services.AddSingleton<TierSignal>();
        services.AddHostedSingleton<TierMover>();
        services.AddHostedSingleton<HotKeeper>();
    }

    public static void AddTo(StoreOptions options) => MoveTable.AddTo(options);

    public static void Map(IEndpointRouteBuilder routes)
    {
        DeclareTiers.Map(routes);
        DeclareNamespaceTiers.Map(routes);
        DeclarePrices.Map(routes);
        ShowTiers.Map(routes);
        PlanTiers.Map(routes);
        ApplyTiers.Map(routes);
        ShowProgress.Map(routes);
    }
}
