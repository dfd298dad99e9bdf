using Catalog.Access;
using Catalog.Platform;
using Catalog.Server;
using Catalog.Server.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Protocols;
using Xunit;

namespace Catalog.Tests.Authentication;

public sealed class TokenVerifierTests : IDocumentRetriever, IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));
    private readonly TestIssuer _issuer;
    private readonly TokenVerifier _verifier;
    private int _asked;
    private bool _isDown;
    private string? _callsItself;

    public TokenVerifierTests()
    {
        _issuer = new TestIssuer("https://login.example.org/realms/data", _clock.GetUtcNow);
        var options = new OidcOptions { Issuer = _issuer.Address, Audience = TestIssuer.Audience, AdminGroup = "catalog-admins" };
        _verifier = new TokenVerifier(
            options, new IssuerKeys(_issuer.Address, this, _clock, NullLogger<IssuerKeys>.Instance), _clock);
    }

    public void Dispose() => _issuer.Dispose();

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_token_says_whom_it_is_for_and_no_name_of_the_person(string algorithm)
    {
        var claims = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["groups"] = new[] { "analysts", "night" }, ["name"] = "Ada Lovelace", ["email"] = "ada@example.org",
        };

        var token = (await VerifyAsync(_issuer.Token(claims, algorithm))).Value;

        Assert.NotNull(token);
        Assert.Matches("^oidc-[0-9a-f]{24}$", token.Principal);
        Assert.Equal(TokenVerifier.PrincipalOf(_issuer.Address, "ada"), token.Principal);
        Assert.Equal(["analysts", "night"], token.Groups.Order(StringComparer.Ordinal));
        Assert.Equal(("Ada Lovelace", "ada@example.org"), (token.Profile.DisplayName, token.Profile.Email));
        Assert.Equal((Role.None, _clock.GetUtcNow().AddMinutes(6)), (token.Role, token.Until));
    }

    [Fact]
    public async Task One_claimed_group_makes_administrators()
    {
        Assert.Equal(Role.Admin, (await VerifyAsync(_issuer.With("groups", new[] { "x", "catalog-admins" }))).Value?.Role);
        Assert.Equal(Role.Admin, (await VerifyAsync(_issuer.With("groups", "catalog-admins"))).Value?.Role);
        Assert.Equal(Role.None, (await VerifyAsync(_issuer.With("groups", new[] { "Catalog-Admins" }))).Value?.Role);
        Assert.Equal(Role.None, (await VerifyAsync(_issuer.With("roles", new[] { "catalog-admins" }))).Value?.Role);
    }

    [Fact]
    public async Task The_same_subject_of_another_issuer_is_another_principal()
    {
        Assert.NotEqual(TokenVerifier.PrincipalOf("https://a", "ada"), TokenVerifier.PrincipalOf("https://b", "ada"));
        Assert.NotEqual(
            (await VerifyAsync(_issuer.Token())).Value?.Principal, (await VerifyAsync(_issuer.With("sub", "bob"))).Value?.Principal);
    }

    [Theory]
    [InlineData("aud", "another", "another audience")]
    [InlineData("aud", "catalog/", "another audience")]
    [InlineData("aud", null, "another audience")]
    [InlineData("iss", "https://login.example.org/realms/data/", "another issuer")]
    [InlineData("iss", "https://evil.example.org", "another issuer")]
    [InlineData("exp", null, "does not say when")]
    [InlineData("sub", null, "claim 'sub'")]
    [InlineData("sub", "", "claim 'sub'")]
    public async Task A_token_that_says_something_else_does_not_hold(string claim, object? value, string why) =>
        await RefusesAsync(_issuer.With(claim, value), why);

    [Fact]
    public async Task A_token_holds_for_its_time_and_a_minute_for_clocks_that_differ()
    {
        var token = _issuer.Token();
        await RefusesAsync(_issuer.With("nbf", _clock.GetUtcNow().AddMinutes(2).ToUnixTimeSeconds()), "not good yet");

        _clock.Advance(TimeSpan.FromSeconds(5 * 60 + 59));
        Assert.True((await VerifyAsync(token)).Succeeded);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await RefusesAsync(token, "expired");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("HS512")]
    public async Task What_anybody_could_sign_does_not_hold(string algorithm)
    {
        await RefusesAsync(_issuer.Token(algorithm: algorithm), "not accepted");
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task A_token_that_was_changed_does_not_hold()
    {
        var (token, other) = (_issuer.Token().Split('.'), _issuer.With("sub", "bob").Split('.'));

        await RefusesAsync($"{token[0]}.{other[1]}.{token[2]}", "signature");
        await RefusesAsync($"{token[0]}.{token[1]}.", "signature");
        await RefusesAsync(_issuer.Token(algorithm: "RS256", keyId: "curve"), "");
        await RefusesAsync(_issuer.Token(keyId: ""), "does not publish");
    }

    [Fact]
    public async Task A_token_that_demands_what_nobody_here_knows_does_not_hold() =>
        await RefusesAsync(_issuer.Token(demands: "b64"), "extension");

    [Fact]
    public async Task Claims_of_any_shape_do_no_harm()
    {
        foreach (var odd in (object[])[5, true, new[] { "a" }, new { a = 1 }, new object[] { 1, new { b = 2 }, "x\u0000y" }])
        {
            var claims = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["name"] = odd, ["email"] = odd, ["groups"] = odd, ["nbf"] = null,
            };

            Assert.Equal(Role.None, (await VerifyAsync(_issuer.Token(claims))).Value?.Role);
            var problem = (await VerifyAsync(_issuer.With("exp", odd))).Problem;
            Assert.True(problem is { Code: "access.token_invalid" } || odd is 5, $"{odd}: {problem}");
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30")]
    public async Task What_is_no_token_is_called_so(string text) => await RefusesAsync(text, "JSON Web Token");

    [Fact]
    public async Task A_token_is_bounded() => await RefusesAsync(_issuer.With("x", new string('x', 17_000)), "JSON Web Token");

    [Fact]
    public async Task Keys_that_are_new_are_found_and_made_up_ones_are_not_asked_for_again_and_again()
    {
        Assert.True((await VerifyAsync(_issuer.Token())).Succeeded);
        var old = _issuer.Token();
        Assert.Equal(1, _asked);

        _issuer.Rotate();
        await RefusesAsync(_issuer.Token(), "does not publish");
        _clock.Advance(IssuerKeys.BetweenQuestions);
        Assert.True((await VerifyAsync(_issuer.Token())).Succeeded);
        await RefusesAsync(old, "does not publish");
        Assert.Equal(2, _asked);

        for (var i = 0; i < 100; i++)
            await RefusesAsync(_issuer.Token(keyId: $"made-up-{i}"), "does not publish");
        _clock.Advance(IssuerKeys.BetweenQuestions);
        await RefusesAsync(_issuer.Token(keyId: "made-up"), "does not publish");
        Assert.Equal(3, _asked);
    }

    [Fact]
    public async Task While_the_issuer_is_away_known_keys_go_on_and_without_any_nothing_can_be_told()
    {
        _isDown = true;
        Assert.Equal("access.unverifiable", (await VerifyAsync(_issuer.Token())).Problem?.Code);
        _isDown = false;
        Assert.Equal("access.unverifiable", (await VerifyAsync(_issuer.Token())).Problem?.Code);
        _clock.Advance(IssuerKeys.BetweenQuestions);
        Assert.True((await VerifyAsync(_issuer.Token())).Succeeded);

        _isDown = true;
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.True((await VerifyAsync(_issuer.Token())).Succeeded);
    }

    [Fact]
    public async Task A_key_that_is_taken_back_is_good_for_a_quarter_of_an_hour_at_most()
    {
        Assert.True((await VerifyAsync(_issuer.Token())).Succeeded);
        _clock.Advance(IssuerKeys.Fresh);
        var early = _issuer.Token();
        _issuer.Rotate();

        await VerifyAsync(early); // has the keys asked for
        await RefusesAsync(early, "does not publish");
    }

    [Fact]
    public async Task An_issuer_that_calls_itself_something_else_vouches_for_nothing()
    {
        _callsItself = "https://evil.example.org";

        Assert.Equal("access.unverifiable", (await VerifyAsync(_issuer.Token())).Problem?.Code);
    }

    public Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (_isDown)
            throw new HttpRequestException("down");
        if (address == $"{_issuer.Address}/keys")
            return Task.FromResult(_issuer.Keys);
        _asked++;
        Assert.Equal($"{_issuer.Address}/.well-known/openid-configuration", address);
        return Task.FromResult(_callsItself is null
            ? _issuer.Discovery
            : _issuer.Discovery.Replace("login.example.org/realms/data\",", "evil.example.org\",", StringComparison.Ordinal));
    }

    private ValueTask<Outcome<VerifiedToken>> VerifyAsync(string token) =>
        _verifier.VerifyAsync(token, TestContext.Current.CancellationToken);

    /// <summary>With its reason, and nothing of the token in it.</summary>
    private async Task RefusesAsync(string token, string why)
    {
        var problem = (await VerifyAsync(token)).Problem;

        Assert.Equal("access.token_invalid", problem?.Code);
        Assert.Contains(why, problem?.Detail, StringComparison.Ordinal);
        Assert.All(token.Split('.').Where(part => part.Length > 8), part =>
            Assert.DoesNotContain(part, problem?.Detail, StringComparison.Ordinal));
    }
}
