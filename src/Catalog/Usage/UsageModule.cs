using Catalog.Platform;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Usage;

/// <summary>What is read, by whom, and for what: counted, and to be asked for.</summary>
internal static class UsageModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddHostedSingleton<UsageMeter>();
        services.AddSingleton<UsageSums>();
        services.AddSingleton<StoredBytes>();
        services.AddScoped<Readings>();
    }

    public static void Map(IEndpointRouteBuilder routes) => ReadUsage.Map(routes);
}
