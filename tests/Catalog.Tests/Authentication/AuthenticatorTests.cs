using System.Net;
using Catalog.Access;
using Catalog.Access.Principals;
using Catalog.Server.Authentication;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Authentication;

public sealed class AuthenticatorTests
{
    private static readonly IPAddress s_from = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _clock = new();
    private readonly KeyText _key = KeyText.Create();
    private readonly KeyText _revoked = KeyText.Create();
    private readonly Authenticator _authenticator;
    private int _reads;

    public AuthenticatorTests()
    {
        var standings = new PrincipalStandings((_, _) => Task.FromResult<Principal?>(null), _clock);
        var keys = new KeyRing(LoadAsync, standings, _clock);
        var tokens = new BearerTokens(verifier: null, (_, _) => { }, _clock);
        _authenticator = new Authenticator(keys, tokens, standings, new FailedAttempts(_clock));
    }

    [Fact]
    public async Task Guesses_are_answered_less_and_less_and_then_cost_no_read()
    {
        Assert.Null(await TryAsync(_key.ToString()));
        for (var i = 0; i < FailedAttempts.Most; i++)
            Assert.Equal("access.key_unknown", await TryAsync(KeyText.Create().ToString()));
        var reads = _reads;

        for (var i = 0; i < 100; i++)
            Assert.Equal("access.too_many_failures", await TryAsync(KeyText.Create().ToString()));
        Assert.Equal("access.too_many_failures", await TryAsync($"cat_{_key.KeyId}_wrong"));
        Assert.Equal(reads, _reads);
        Assert.Null(await TryAsync(_key.ToString()));
        Assert.Equal("access.key_unknown", await TryAsync(KeyText.Create().ToString(), IPAddress.Parse("192.0.2.2")));

        _clock.Advance(FailedAttempts.Window);
        Assert.Equal("access.key_unknown", await TryAsync(KeyText.Create().ToString()));
    }

    [Fact]
    public async Task Whoever_has_a_key_that_was_revoked_or_sends_none_guesses_nothing()
    {
        for (var i = 0; i < FailedAttempts.Most + 1; i++)
        {
            Assert.Equal("access.key_revoked", await TryAsync(_revoked.ToString()));
            Assert.Equal("access.unauthenticated", await TryAsync(null));
            Assert.Equal("access.unauthenticated", await TryAsync("nonsense"));
        }
    }

    private async Task<string?> TryAsync(string? credential, IPAddress? from = null) =>
        (await _authenticator.IdentifyAsync(credential, from ?? s_from, TestContext.Current.CancellationToken)).Problem?.Code;

    private Task<ApiKey?> LoadAsync(string id, CancellationToken ct)
    {
        _reads++;
        return Task.FromResult(id == _key.KeyId ? Of(_key, revoked: false) : id == _revoked.KeyId ? Of(_revoked, revoked: true) : null);
    }

    private static ApiKey Of(KeyText key, bool revoked) => new()
    {
        Id = ApiKey.StreamId(key.KeyId),
        KeyId = key.KeyId,
        Principal = "someone",
        Role = Role.Reader,
        SecretHash = key.SecretHash,
        Revoked = revoked,
    };
}
