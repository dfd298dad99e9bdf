using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Tests.Authentication;

namespace Catalog.IntegrationTests.Access;

/// <summary>A catalog that takes tokens of an issuer on this machine, at all its doors; and all that it logs.</summary>
public sealed class TokenFixture : IAsyncLifetime
{
    private SigningAuthority? _authority;
    private FreshServer? _fresh;

    internal SigningAuthority Authority => _authority ?? throw new InvalidOperationException("Not started.");

    internal TestIssuer Issuer => Authority.Issuer;

    internal FreshServer Fresh => _fresh ?? throw new InvalidOperationException("Not started.");

    internal LogLines Log { get; } = new(isWhole: true);

    /// <summary>Of the server, with a token or key; null for none.</summary>
    internal Api With(string? credential) => new(Fresh.Server.Address, credential);

    public async ValueTask InitializeAsync()
    {
        _authority = await SigningAuthority.StartAsync();
        _fresh = await FreshServer.StartAsync(
            o => o with
            {
                FlightUrl = "http://127.0.0.1:0",
                RespUrl = "redis://127.0.0.1:0",
                Oidc = new OidcOptions { Issuer = Issuer.Address, Audience = TestIssuer.Audience, AdminGroup = "catalog-admins" },
            },
            Log);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fresh is not null)
            await _fresh.DisposeAsync();
        if (_authority is not null)
            await _authority.DisposeAsync();
    }
}
