using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class KeyRouteTests(ServerFixture server)
{
    [Fact]
    public async Task A_key_is_issued_listed_without_its_secret_used_and_revoked()
    {
        var api = await server.ApiAsync();
        var name = New.Name("ci");
        var issued = (await api.PostAsync("/v1/keys", new { name, role = "writer", principal = "robot" })).Expect(201);
        var (id, key) = (issued["id"].GetString() ?? "", issued["key"].GetString() ?? "");
        using var robot = new Api(server.Server.Address, key);

        var who = (await robot.GetAsync("/v1/whoami", ("Catalog-Purpose", "training"))).Expect(200);
        Assert.Equal(("robot", id, "writer", "training"),
            (who["principal"].GetString(), who["keyId"].GetString(), who["role"].GetString(), who["purpose"].GetString()));
        (await robot.GetAsync("/v1/whoami", ("Catalog-Purpose", "curiosity"))).ExpectProblem(400, "access.purpose_unknown");
        (await robot.GetAsync("/v1/keys")).ExpectProblem(403, "access.denied");

        await api.GetAsync($"/v1/keys?atLeast={issued.Position}");
        var listed = (await api.AllAsync("/v1/keys", limit: 7)).Single(k => k.GetProperty("id").GetString() == id);
        Assert.Equal((name, false), (listed.GetProperty("name").GetString(), listed.GetProperty("revoked").GetBoolean()));
        Assert.DoesNotContain(key[^20..], listed.GetRawText());

        Assert.True((await api.DeleteAsync($"/v1/keys/{id}")).Expect(200)["changed"].GetBoolean());
        Assert.False((await api.DeleteAsync($"/v1/keys/{id}")).Expect(200)["changed"].GetBoolean());
        (await robot.GetAsync("/v1/whoami")).ExpectProblem(401, "access.key_revoked");
        (await api.DeleteAsync("/v1/keys/nothing")).ExpectProblem(404, "key.not_found");
    }

    [Fact]
    public async Task A_key_ends_when_its_time_is_over()
    {
        var api = await server.ApiAsync();
        var expiresAt = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);
        var issued = (await api.PostAsync("/v1/keys", new { name = New.Name("brief"), role = "reader", expiresAt })).Expect(201);
        using var brief = new Api(server.Server.Address, issued["key"].GetString());

        await Eventually.True(async () => (await brief.GetAsync("/v1/whoami")).Code == 401, "the key has ended");
        (await brief.GetAsync("/v1/whoami")).ExpectProblem(401, "access.key_expired");
        Assert.True(TimeProvider.System.GetUtcNow() >= expiresAt);
    }

    [Theory]
    [InlineData("""{"name":"a","role":"owner"}""", "request.malformed")]
    [InlineData("""{"name":"a","role":2}""", "request.malformed")]
    [InlineData("""{"name":"a"}""", "request.malformed")]
    [InlineData("""{"name":"","role":"reader"}""", "request.invalid")]
    [InlineData("""{"name":"a","role":"reader","principal":" "}""", "request.invalid")]
    [InlineData("""{"name":"a","role":"reader","expiresAt":"2001-01-01T00:00:00Z"}""", "request.invalid")]
    [InlineData("""{"name":"a","role":"reader","expiresAt":"soon"}""", "request.malformed")]
    public async Task A_key_that_makes_no_sense_is_not_issued(string body, string code) =>
        (await (await server.ApiAsync()).PostAsync("/v1/keys", body)).ExpectProblem(400, code);

    [Theory]
    [InlineData(null, "access.unauthenticated")]
    [InlineData("Basic YTpi", "access.unauthenticated")]
    [InlineData("Bearer", "access.unauthenticated")]
    [InlineData("Bearer nonsense", "access.unauthenticated")]
    [InlineData("Bearer cat_", "access.unauthenticated")]
    [InlineData("Bearer cat_0123456789ab_secret", "access.key_unknown")]
    [InlineData("Bearer cat_%00_secret", "access.key_unknown")]
    [InlineData("Bearer cat_'or''='_secret", "access.key_unknown")]
    public async Task A_wrong_key_opens_nothing(string? header, string code)
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        var refused = header is null
            ? await stranger.GetAsync("/v1/whoami")
            : await stranger.GetAsync("/v1/whoami", ("Authorization", header));
        refused.ExpectProblem(401, code);
        Assert.Equal("Bearer realm=\"catalog\"", refused.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task The_id_of_a_key_with_another_secret_opens_nothing()
    {
        var api = await server.ApiAsync();
        var right = api.Key ?? "";
        var wrong = right[..^1] + (right[^1] == 'A' ? 'B' : 'A');
        using var thief = new Api(server.Server.Address, right[..^2] + (right.EndsWith("xx", StringComparison.Ordinal) ? "yy" : "xx"));
        (await thief.GetAsync("/v1/whoami")).ExpectProblem(401, "access.key_unknown");
        using var near = new Api(server.Server.Address, wrong);
        (await near.GetAsync("/v1/whoami")).ExpectProblem(401, "access.key_unknown");
    }
}
