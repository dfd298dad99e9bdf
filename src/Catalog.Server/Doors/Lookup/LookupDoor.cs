using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Catalog.Server.Doors.Lookup;

/// <summary>Our own lookup of features over gRPC; where Arrow Flight is served, so is this.</summary>
internal static class LookupDoor
{
    public static void AddLookup(this IServiceCollection services)
    {
        services.AddSingleton<LookupPlans>();
        services.AddScoped<FeatureLookup>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<FeatureLookup>, FeatureLookup.Methods>());
    }

    public static bool IsCalledAt(PathString path) =>
        path.StartsWithSegments("/" + FeatureLookup.Service, StringComparison.OrdinalIgnoreCase);

    public static void MapLookup(this IEndpointRouteBuilder routes) => routes.MapGrpcService<FeatureLookup>();
}
