using Catalog.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.PolicyProjections;

/// <summary>Files of versions as policies show them.</summary>
internal static class PolicyProjectionsModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddHostedSingleton<ProjectionBuilds>();
        services.AddScoped<ProjectionFiles>();
        services.AddScoped<ShownVersions>();
    }
}
