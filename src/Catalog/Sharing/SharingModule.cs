using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Sharing;

/// <summary>Datasets as tables for other programs; doors bring the protocol.</summary>
internal static class SharingModule
{
    public static void AddSharing(this IServiceCollection services)
    {
        services.AddSingleton<FileStatistics>();
        services.AddScoped<ShownTables>();
    }
}
