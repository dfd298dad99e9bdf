using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Access;

/// <summary>Ways around the gate that somebody could try, and which lead nowhere.</summary>
public sealed class EscapeTests(GovernedServer server)
{
    [Fact]
    public async Task No_address_is_signed_any_more_once_a_permission_is_withdrawn()
    {
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        var id = New.Name("allow");
        (await server.ApplyAsync(Allow(id, principal, flights))).Expect(200);
        var signed = Assert.Single((await ada.GetAsync($"{flights.Versions}/1/files/signed")).Expect(200).Items);

        await server.WithdrawAsync(id);

        (await ada.GetAsync($"{flights.Versions}/1/files/signed")).ExpectProblem(403, "access.denied");
        (await ada.GetAsync($"{flights.Versions}/1/content?path=flights.parquet")).ExpectProblem(403, "access.denied");

        // What was signed is for that file alone, whoever has it, until its time is over.
        var url = PathOf(signed);
        using var stranger = new Api(server.Server.Server.Address, key: null);
        (await stranger.GetAsync(url)).Expect(200);
        var another = await server.FlightsAsync(New.Name("ns"));
        var theirs = PathOf((await (await server.AdminAsync()).GetAsync($"{another.Versions}/1/files/signed")).Expect(200).Items[0]);
        var (path, query) = (url.Split('?')[0], url.Split('?')[1]);
        Assert.NotEqual(path, theirs.Split('?')[0]);
        foreach (var altered in (string[])
            [$"{theirs.Split('?')[0]}?{query}", $"{path}?{query.Replace("expires=", "expires=9", StringComparison.Ordinal)}", path])
            (await ada.GetAsync(altered)).ExpectProblem(403, "url.altered");

        static string PathOf(System.Text.Json.JsonElement file) => new Uri(file.GetProperty("url").GetString() ?? "").PathAndQuery;
    }

    /// <summary>Hashes stand in lists of files, which more people see than may read the data.</summary>
    [Fact]
    public async Task To_know_a_hash_is_not_to_have_the_bytes()
    {
        var (admin, bytes) = (await server.AdminAsync(), System.Text.Encoding.UTF8.GetBytes(New.Name("secret")));
        var (theirs, own) = (await New.DatasetAsync(admin), await New.DatasetAsync(admin));
        var sha256 = (await admin.UploadAsync(bytes)).Expect(201)["sha256"].GetString() ?? "";
        (await admin.PostAsync(theirs.Versions, Of(sha256))).Expect(201);
        var (ada, principal) = await server.SomebodyAsync();
        (await server.ApplyAsync(
            new
            {
                id = New.Name("allow"),
                principals = new[] { principal },
                resources = new[] { $"dataset:{own.Namespace}/*" },
                actions = new[] { "read", "read-data", "commit" },
            },
            new { id = New.Name("allow"), principals = new[] { principal }, resources = new[] { "*" }, actions = new[] { "upload" } },
            new
            {
                id = New.Name("allow"),
                principals = new[] { principal },
                resources = new[] { $"dataset:{theirs.Namespace}/*" },
                actions = new[] { "read" },
            })).Expect(200);
        (await ada.GetAsync($"{theirs.Versions}/1/content?path=a")).ExpectProblem(403, "access.denied");

        // It is answered as for an object that is not there.
        (await ada.PostAsync(own.Versions, Of(sha256))).ExpectProblem(422, "object.not_found");
        var missing = New.Sha256("nothing"u8.ToArray());
        Assert.Equal(
            Without(await ada.PostAsync(own.Versions, Of(missing)), missing),
            Without(await ada.PostAsync(own.Versions, Of(sha256)), sha256));

        // Whoever has the bytes may bring them, and what was committed may be committed again.
        (await ada.UploadAsync(bytes)).Expect(201);
        (await ada.PostAsync(own.Versions, Of(sha256))).Expect(201);
        Assert.Equal(bytes, System.Text.Encoding.UTF8.GetBytes((await ada.GetAsync($"{own.Versions}/1/content?path=a")).Expect(200).Text));

        static object Of(string sha256) => new { files = new[] { new { path = "a", sha256 } } };

        static string Without(Answer answer, string sha256) =>
            answer.ExpectProblem(422, "object.not_found").Text.Replace(sha256, "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permission_counts_from_its_beginning_to_its_end_and_no_longer()
    {
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        var (id, now) = (New.Name("allow"), TimeProvider.System.GetUtcNow());
        (await server.ApplyAsync(Allow(id, principal, flights, notBefore: now.AddHours(1)))).Expect(200);
        (await ada.GetAsync(flights.Url)).ExpectProblem(403, "access.denied");
        (await server.ApplyAsync(Allow(id, principal, flights, notBefore: now.AddHours(-2), expires: now.AddHours(-1)))).Expect(200);
        (await ada.GetAsync(flights.Url)).ExpectProblem(403, "access.denied");

        var end = TimeProvider.System.GetUtcNow().AddSeconds(4);
        (await server.ApplyAsync(Allow(id, principal, flights, expires: end))).Expect(200);
        (await ada.GetAsync(flights.Url)).Expect(200);
        await Eventually.True(
            async () => (await ada.GetAsync(flights.Url)).Problem == "access.denied", "the permission ends, although nothing was told");
        Assert.True(TimeProvider.System.GetUtcNow() >= end);
        (await ada.GetAsync($"{flights.Versions}/1/columns")).ExpectProblem(403, "access.denied");
    }

    [Theory]
    [InlineData("Training ")]
    [InlineData("training,audit")]
    [InlineData("everything")]
    [InlineData("*")]
    public async Task A_purpose_that_is_none_opens_nothing(string purpose)
    {
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        (await server.ApplyAsync(Allow(New.Name("allow"), principal, flights, purposes: "audit"))).Expect(200);

        var refused = await ada.GetAsync($"{flights.Versions}/1/columns", ("Catalog-Purpose", purpose));

        Assert.True(refused.Code is 400 or 403, $"{refused.Code}: {refused.Text}");
        (await ada.GetAsync($"{flights.Versions}/1/columns")).ExpectProblem(403, "access.denied");
        (await ada.GetAsync($"{flights.Versions}/1/columns", ("Catalog-Purpose", "audit"))).Expect(200);
    }

    /// <summary>A token of a training read says where it goes on, and is no permission.</summary>
    [Fact]
    public async Task A_place_in_an_epoch_opens_nothing_to_somebody_else()
    {
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        (await server.ApplyAsync(Allow(New.Name("allow"), principal, flights))).Expect(200);
        var columns = $"{flights.Versions}/1/columns?columns=id&seed=3";
        var begun = (await ada.GetAsync(columns)).Expect(200);
        using var stream = new MemoryStream(begun.Bytes);
        using var arrow = new Apache.Arrow.Ipc.ArrowStreamReader(stream);
        var token = (await arrow.GetSchema(TestContext.Current.CancellationToken)).Metadata["catalog.token"];
        var (bob, _) = await server.SomebodyAsync();

        (await ada.GetAsync($"{columns}&token={Uri.EscapeDataString(token)}")).Expect(200);
        (await bob.GetAsync($"{columns}&token={Uri.EscapeDataString(token)}")).ExpectProblem(403, "access.denied");
    }

    [Fact]
    public async Task No_path_leads_out_of_a_version_or_of_what_is_stored()
    {
        var admin = await server.AdminAsync();
        var flights = await server.FlightsAsync(New.Name("ns"));
        var key = admin.Key ?? "";
        foreach (var path in (string[])
        [
            "../x", "..%2F..%2Fkeys%2Fadmin.key", "%2e%2e/%2e%2e/keys/admin.key", "/etc/passwd", "%2Fetc%2Fpasswd", "flights.parquet/../x",
            "..%5C..%5Ckeys%5Cadmin.key", "%252e%252e%252fkeys", "flights.parquet%00", "file:///etc/passwd",
        ])
        {
            foreach (var address in (string[])[$"{flights.Versions}/1/content?path={path}", $"/objects/{path}", $"/files/{path}"])
            {
                var answer = await admin.GetAsync(address);
                Assert.True(answer.Code is 400 or 403 or 404, $"{address} answers {answer.Code}");
                Assert.DoesNotContain(key, answer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain("root:", answer.Text, StringComparison.Ordinal);
            }
        }
    }

    private static object Allow(
        string id, string principal, DatasetName dataset, DateTimeOffset? notBefore = null, DateTimeOffset? expires = null,
        params string[] purposes) => new
        {
            id,
            principals = new[] { principal },
            actions = new[] { "read", "read-data" },
            resources = new[] { dataset.Node },
            purposes,
            notBefore,
            expires,
        };
}
