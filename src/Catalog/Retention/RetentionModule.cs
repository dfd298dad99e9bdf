using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Retention;

/// <summary>How long data is kept: what there is to call.</summary>
internal static class RetentionModule
{
    public static void AddTo(IServiceCollection services) => services.AddSingleton<Tombstones>();

    public static void AddTo(StoreOptions options) => Tombstones.AddTo(options);

    public static void Map(IEndpointRouteBuilder routes)
    {
        DeclareRetention.Map(routes);
        PlaceHold.Map(routes);
        ReleaseHold.Map(routes);
        ListRetention.Map(routes);
        ExpireVersions.Map(routes);
    }
}
