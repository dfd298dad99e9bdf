using Catalog.Platform.Writes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Access.Principals;

/// <summary>Principals: what there is to call, and who is shut out.</summary>
internal static class PrincipalsModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<PrincipalProfiles>();
        services.AddSingleton(provider =>
        {
            var states = provider.GetRequiredService<States>();
            return new PrincipalStandings(
                (id, ct) => states.LoadAsync<Principal>(Principal.StreamId(id), ct), provider.GetRequiredService<TimeProvider>(),
                provider.GetService<KeyOptions>()?.Outlive);
        });
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        RegisterPrincipal.Map(routes);
        SetPrincipalAttributes.Map(routes);
        DisablePrincipal.Map(routes);
        SetProfile.Map(routes);
        ShowPrincipal.Map(routes);
        ListPrincipals.Map(routes);
    }
}
