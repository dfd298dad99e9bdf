using Catalog.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Serving;

/// <summary>Online serving of features.</summary>
internal static class ServingModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<ServingDeclarations>();
        services.AddSingleton<HotFiles>();
        services.AddSingleton<PushTail>();
        services.AddSingleton<StateBuilder>();
        services.AddHostedSingleton<ServedViews>();
        services.AddSingleton<RemoteTiers>();
        services.AddScoped<OnlineFeatures>();
    }
}
