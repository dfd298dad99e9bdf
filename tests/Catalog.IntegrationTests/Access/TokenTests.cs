using Catalog.IntegrationTests.Serving;
using Catalog.Tests.Authentication;

namespace Catalog.IntegrationTests.Access;

/// <summary>Bearer tokens of an issuer, as it signs them and as others would.</summary>
public sealed class TokenTests(TokenFixture tokens) : IClassFixture<TokenFixture>
{
    private TestIssuer Issuer => tokens.Issuer;

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_token_says_who_comes_and_what_groups_it_is_in(string algorithm)
    {
        var claims = new Dictionary<string, object?>(StringComparer.Ordinal) { ["groups"] = new[] { "night", "analysts" } };
        using var api = tokens.With(Issuer.Token(claims, algorithm));

        var who = (await api.GetAsync("/v1/whoami", ("Catalog-Purpose", "training"))).Expect(200);

        Assert.Matches("^oidc-[0-9a-f]{24}$", who["principal"].GetString());
        Assert.Equal(("none", "training", null), (who["role"].GetString(), who["purpose"].GetString(), who["keyId"].GetString()));
        Assert.Equal(["analysts", "night"], who["groups"].EnumerateArray().Select(g => g.GetString()));
        (await api.GetAsync("/v1/keys")).ExpectProblem(403, "access.denied");
        (await api.PostAsync("/v1/groups", new { name = New.Name("g") })).ExpectProblem(403, "access.denied");
    }

    [Fact]
    public async Task A_policy_about_a_group_counts_for_tokens_that_claim_it()
    {
        var (dataset, group) = (await New.DatasetAsync(tokens.Fresh.Api), New.Name("group"));
        var statement = new
        {
            id = New.Name("claimed"),
            principals = new[] { $"group:{group}" },
            actions = new[] { "read" },
            resources = new[] { $"namespace:{dataset.Namespace}" },
        };
        var policies = new { statements = new[] { GovernedServer.Whole(statement) } };
        (await tokens.Fresh.Api.PostAsync("/v1/policies/apply", policies)).Expect(200);
        using var inside = tokens.With(Issuer.With("groups", new[] { group, "others" }));
        using var outside = tokens.With(Issuer.With("groups", new[] { "others" }));

        (await inside.GetAsync(dataset.Url)).Expect(200);
        (await outside.GetAsync(dataset.Url)).ExpectProblem(403, "access.denied");
    }

    [Fact]
    public async Task What_if_goes_by_the_groups_that_a_token_claimed()
    {
        var (dataset, group) = (await New.DatasetAsync(tokens.Fresh.Api), New.Name("group"));
        var principals = new List<string?>();
        foreach (var claimed in (string[])[group, "others"])
        {
            using var api = tokens.With(Issuer.Token(new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["sub"] = New.Name("sub"),
                ["groups"] = new[] { claimed, "more" },
            }));
            (await api.GetAsync(dataset.Url)).ExpectProblem(403, "access.denied");
            principals.Add((await api.GetAsync("/v1/whoami")).Expect(200)["principal"].GetString());
        }

        var draft = new
        {
            id = New.Name("draft"),
            principals = new[] { $"group:{group}" },
            actions = new[] { "read" },
            resources = new[] { dataset.Node },
        };
        var tried = (await tokens.Fresh.Api.PostAsync(
            "/v1/policies/what-if", new { statements = new[] { GovernedServer.Whole(draft) } })).Expect(200);

        var flip = Assert.Single(tried["flips"].EnumerateArray(), f => f.GetProperty("node").GetString() == dataset.Node);
        Assert.Equal(principals[0], flip.GetProperty("principal").GetString());
        Assert.Equal("allowed", flip.GetProperty("wouldBe").GetProperty("ground").GetString());
    }

    [Fact]
    public async Task Whoever_is_in_the_group_of_administrators_is_one_and_facts_name_it_by_its_opaque_id()
    {
        var claims = new Dictionary<string, object?>(StringComparer.Ordinal) { ["groups"] = "catalog-admins", ["sub"] = New.Name("ada") };
        using var api = tokens.With(Issuer.Token(claims));
        var who = (await api.GetAsync("/v1/whoami")).Expect(200);

        var made = (await api.PostAsync("/v1/groups", new { name = New.Name("g") })).Expect(201);

        Assert.Equal("admin", who["role"].GetString());
        var user = await Hosting.Sql.ReadAsync<string>(
            tokens.Fresh.Database, $"SELECT user_name FROM catalog.mt_events WHERE stream_id = '{made["id"].GetString()}'");
        Assert.Equal(who["principal"].GetString(), user);
    }

    [Theory]
    [InlineData("aud", "another", "another audience")]
    [InlineData("iss", "https://evil.example.org", "another issuer")]
    [InlineData("exp", 1_700_000_000L, "expired")]
    [InlineData("exp", null, "when its time is over")]
    public async Task A_token_that_is_not_for_us_or_is_over_opens_nothing(string claim, object? value, string why) =>
        await RefusedAsync(Issuer.With(claim, value), why);

    [Theory]
    [InlineData("none", "not accepted")]
    [InlineData("HS256", "not accepted")]
    public async Task A_token_that_anybody_could_have_signed_opens_nothing(string algorithm, string why) =>
        await RefusedAsync(Issuer.Token(algorithm: algorithm), why);

    [Fact]
    public async Task A_token_by_another_key_opens_nothing()
    {
        using var other = new TestIssuer(Issuer.Address, TimeProvider.System.GetUtcNow);

        await RefusedAsync(other.Token(), "signature");
        await RefusedAsync(other.Token(keyId: "made-up"), "does not publish");
    }

    [Fact]
    public async Task A_principal_that_is_shut_out_stays_out_whatever_token_it_brings()
    {
        var admin = tokens.Fresh.Api;
        var subject = New.Name("bob");
        using var api = tokens.With(Issuer.With("sub", subject));
        var id = (await api.GetAsync("/v1/whoami")).Expect(200)["principal"].GetString();
        (await admin.PostAsync($"/v1/principals/{id}/disable")).ExpectProblem(404, "principal.not_found");
        (await admin.PostAsync("/v1/principals", new { id, kind = "user" })).Expect(201);

        (await admin.PostAsync($"/v1/principals/{id}/disable")).Expect(200);

        (await api.GetAsync("/v1/whoami")).ExpectProblem(401, "access.principal_disabled");
        using var another = tokens.With(Issuer.Token(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["sub"] = subject,
            ["groups"] = "catalog-admins",
        }));
        (await another.GetAsync("/v1/groups")).ExpectProblem(401, "access.principal_disabled");
        (await admin.PostAsync($"/v1/principals/{id}/enable")).Expect(200);
        (await api.GetAsync("/v1/whoami")).Expect(200);
    }

    [Fact]
    public async Task What_a_token_calls_its_owner_is_kept_beside_the_log_until_it_is_erased()
    {
        var admin = tokens.Fresh.Api;
        using var api = tokens.With(Issuer.Token(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["sub"] = New.Name("eve"),
            ["name"] = "Eve Example",
            ["email"] = "eve@example.org",
        }));
        var id = (await api.GetAsync("/v1/whoami")).Expect(200)["principal"].GetString();

        await Eventually.True(async () => (await admin.GetAsync($"/v1/principals/{id}")).Code == 200, "the profile is kept");
        var shown = (await admin.GetAsync($"/v1/principals/{id}")).Expect(200);
        Assert.Equal(
            ("Eve Example", "eve@example.org"),
            (shown["profile"].GetProperty("displayName").GetString(), shown["profile"].GetProperty("email").GetString()));
        Assert.False(shown["registered"].GetBoolean());

        Assert.True((await admin.DeleteAsync($"/v1/principals/{id}/profile")).Expect(200)["changed"].GetBoolean());
        (await admin.GetAsync($"/v1/principals/{id}")).ExpectProblem(404, "principal.not_found");
    }

    private async Task RefusedAsync(string token, string why)
    {
        using var api = tokens.With(token);
        var refused = (await api.GetAsync("/v1/whoami")).ExpectProblem(401, "access.token_invalid");

        Assert.Contains(why, refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal("Bearer realm=\"catalog\"", refused.Headers.WwwAuthenticate.ToString());
    }
}

/// <summary>An issuer that changes its keys.</summary>
public sealed class RotationTests(TokenFixture tokens) : IClassFixture<TokenFixture>
{
    [Fact]
    public async Task A_new_key_of_the_issuer_is_found_and_the_old_one_is_good_no_longer()
    {
        using (var before = tokens.With(tokens.Issuer.Token()))
            (await before.GetAsync("/v1/whoami")).Expect(200);
        using var old = tokens.With(tokens.Issuer.With("jti", "never shown before the keys changed"));
        tokens.Issuer.Rotate();

        // The issuer is not asked more than once in ten seconds, and impatience counts as guessing.
        using var after = tokens.With(tokens.Issuer.Token());
        await Eventually.True(async () => (await after.GetAsync("/v1/whoami")).Code == 200, "the new key is known");

        Assert.Contains((await old.GetAsync("/v1/whoami")).Problem, (string[])["access.token_invalid", "access.too_many_failures"]);
    }
}
