using Catalog.Access;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Authentication;
using Catalog.Tests.Authentication;
using Grpc.Core;

namespace Catalog.IntegrationTests.Access;

/// <summary>Keys and tokens at all doors: what opens one opens all, and what is secret stays so.</summary>
public sealed class EveryDoorTests(TokenFixture tokens) : IClassFixture<TokenFixture>
{
    private static readonly IReadOnlyDictionary<string, object?> s_ada = new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["groups"] = "catalog-admins",
        ["name"] = "Ada Very Secret",
        ["email"] = "ada@secret.example.org",
    };

    [Fact]
    public async Task Tokens_open_every_door_and_nothing_secret_is_in_logs_answers_or_facts()
    {
        var fresh = tokens.Fresh;
        var (good, bad) = (tokens.Issuer.Token(s_ada), tokens.Issuer.With("aud", "another"));
        var key = fresh.Api.Key ?? "";
        var (wrong, unknown) = (key[..^6] + "WRONG1", KeyText.Create().ToString());
        var said = new List<string>();

        foreach (var credential in (string[])[good, key])
        {
            foreach (var (path, answer) in await EveryDoor.HttpAsync(fresh, credential))
            {
                Assert.True(answer.Code is 200 or 400 or 404 or 422, $"{path} answered {answer.Code}: {answer.Text}");
                said.Add($"{path} {answer.Text} {answer.Headers} {answer.ContentHeaders}");
            }

            var flight = await EveryDoor.FlightAsync(fresh, credential);
            Assert.Equal(StatusCode.OK, flight.Status);
            Assert.Equal("+OK", await EveryDoor.RedisAsync(fresh, credential));
            said.Add(flight.Said);
        }

        // Fewer than are told what was wrong.
        foreach (var credential in (string[])[bad, wrong, unknown])
        {
            using var api = tokens.With(credential);
            var refused = await api.GetAsync("/v1/whoami");
            Assert.Equal(401, refused.Code);
            var flight = await EveryDoor.FlightAsync(fresh, credential);
            Assert.Equal(StatusCode.Unauthenticated, flight.Status);
            var redis = await EveryDoor.RedisAsync(fresh, credential);
            Assert.StartsWith("-WRONGPASS", redis, StringComparison.Ordinal);
            var sharing = await api.GetAsync("/delta-sharing/shares");
            said.AddRange([$"{refused.Text} {refused.Headers}", flight.Said, redis, $"{sharing.Text} {sharing.Headers}"]);
        }

        (await fresh.Api.PutAsync("/v1/principals/p1/profile", new { displayName = "Bob Very Secret" })).Expect(200);
        await Eventually.True(async () => (await ProfilesAsync()) >= 2, "profiles are kept");
        string[] secrets =
        [
            .. new[] { good, bad }.SelectMany(t => t.Split('.')[1..]),
            .. new[] { key, wrong, unknown }.Select(k => k.Split('_', 3)[2]),
            "Very Secret", "secret.example.org",
        ];
        Hidden(secrets, said, "answers");
        Hidden(secrets, tokens.Log.Lines, "the log");
        Hidden(secrets, [await FactsAsync()], "facts");
        Assert.Contains(tokens.Log.Lines, line => line.Contains("/delta-sharing/shares", StringComparison.Ordinal));
        Assert.True(tokens.Log.Lines.Count > 100, $"Only {tokens.Log.Lines.Count} lines were logged, so that this shows nothing.");
    }

    private static void Hidden(string[] secrets, IEnumerable<string> texts, string where)
    {
        foreach (var text in texts)
        {
            var found = Array.Find(secrets, s => text.Contains(s, StringComparison.Ordinal));
            Assert.True(found is null, $"'{found}' is in {where}: {text[..Math.Min(text.Length, 1_000)]}");
        }
    }

    private Task<long> ProfilesAsync() =>
        Hosting.Sql.ReadAsync<long>(tokens.Fresh.Database, "SELECT count(*) FROM catalog.principal_profile");

    private Task<string> FactsAsync() => Hosting.Sql.ReadAsync<string>(
        tokens.Fresh.Database, "SELECT string_agg(row_to_json(e)::text, ' ') FROM catalog.mt_events e");
}

/// <summary>Whoever guesses is slowed down at all doors, and nobody else is.</summary>
public sealed class GuessTests
{
    [Fact]
    public async Task After_twenty_guesses_every_door_says_to_wait_and_opens_to_what_opens()
    {
        await using var authority = await SigningAuthority.StartAsync();
        authority.IsDown = true;
        await using var fresh = await FreshServer.StartAsync(o => o with
        {
            FlightUrl = "http://127.0.0.1:0",
            RespUrl = "redis://127.0.0.1:0",
            Oidc = new OidcOptions { Issuer = authority.Issuer.Address, Audience = TestIssuer.Audience },
        });
        using var token = new Api(fresh.Server.Address, authority.Issuer.Token());
        Assert.Equal("1", (await token.GetAsync("/v1/whoami")).ExpectProblem(503, "access.unverifiable").Headers.RetryAfter?.ToString());

        for (var i = 0; i < FailedAttempts.Most; i++)
        {
            using var guess = new Api(fresh.Server.Address, KeyText.Create().ToString());
            (await guess.GetAsync("/v1/whoami")).ExpectProblem(401, "access.key_unknown");
        }

        var another = KeyText.Create().ToString();
        var answers = await EveryDoor.HttpAsync(fresh, another);
        Assert.All(answers, a => Assert.Equal(429, a.Value.Code));
        Assert.All(answers, a => Assert.InRange(a.Value.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, 1, 60));
        Assert.Equal("access.too_many_failures", answers["/v1/whoami"].Problem);
        Assert.Equal("RESOURCE_EXHAUSTED", answers["/delta-sharing/shares"]["errorCode"].GetString());
        Assert.Contains("feast.errors", answers["/get-online-features"].Text, StringComparison.Ordinal);
        Assert.NotEqual(StatusCode.OK, (await EveryDoor.FlightAsync(fresh, another)).Status);
        Assert.StartsWith("-TRYAGAIN access.too_many_failures", await EveryDoor.RedisAsync(fresh, another), StringComparison.Ordinal);

        (await fresh.Api.GetAsync("/v1/whoami")).Expect(200);
        Assert.Equal("+OK", await EveryDoor.RedisAsync(fresh, fresh.Api.Key ?? ""));
        using var stranger = new Api(fresh.Server.Address, key: null);
        (await stranger.GetAsync("/v1/whoami")).ExpectProblem(401, "access.unauthenticated");
    }
}
