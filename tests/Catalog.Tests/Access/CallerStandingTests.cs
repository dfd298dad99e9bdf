using Catalog.Access;
using Catalog.Access.Principals;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class CallerStandingTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_caller_with_a_token_stands_until_its_time_is_over_or_it_is_shut_out()
    {
        Principal? principal = null;
        var standings = new PrincipalStandings((_, _) => Task.FromResult(principal), _clock);
        var standing = new CallerStanding(new KeyRing((_, _) => Task.FromResult<ApiKey?>(null), standings, _clock), standings, _clock);
        var who = new Identity("oidc-1", KeyId: null, Role.None, Purpose: null, Correlation: null, Causation: null)
        {
            ExpiresAt = _clock.GetUtcNow().AddMinutes(1),
        };

        Assert.Null(await CodeAsync());
        principal = new Principal { Id = Principal.StreamId("oidc-1"), Kind = PrincipalKind.User, Disabled = true };
        _clock.Advance(KeyRing.Remembered);
        Assert.Equal("access.principal_disabled", await CodeAsync());
        principal = null;
        standings.Forget("oidc-1");
        Assert.Null(await CodeAsync());
        _clock.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal("access.token_invalid", await CodeAsync());

        async Task<string?> CodeAsync() => (await standing.RefusalAsync(who, TestContext.Current.CancellationToken))?.Code;
    }
}
