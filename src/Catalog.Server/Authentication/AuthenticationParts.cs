using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Authentication;

/// <summary>Who comes, for all doors.</summary>
internal static class AuthenticationParts
{
    public static void AddAuthenticator(this IServiceCollection services, OidcOptions? oidc)
    {
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<IssuerDocuments>();
        services.AddSingleton<ProfileClaims>();
        services.AddSingleton(provider => new BearerTokens(
            oidc is null ? null : Verifier(provider, oidc), provider.GetRequiredService<ProfileClaims>().Note,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Authenticator>();
    }

    private static TokenVerifier Verifier(IServiceProvider provider, OidcOptions oidc)
    {
        var clock = provider.GetRequiredService<TimeProvider>();
        var keys = new IssuerKeys(
            oidc.Issuer, provider.GetRequiredService<IssuerDocuments>(), clock, provider.GetRequiredService<ILogger<IssuerKeys>>());
        return new TokenVerifier(oidc, keys, clock);
    }
}
