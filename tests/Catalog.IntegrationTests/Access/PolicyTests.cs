using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Access;

/// <summary>Policies decide what a running catalog answers, from the next request on, and say why.</summary>
public sealed class PolicyTests(GovernedServer server)
{
    [Fact]
    public async Task What_nothing_allows_is_not_allowed_until_a_statement_does_and_no_longer()
    {
        var admin = await server.AdminAsync();
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        var columns = $"{flights.Versions}/1/columns";

        (await ada.GetAsync(columns)).ExpectProblem(403, "access.denied");
        var id = New.Name("allow");
        var applied = (await server.ApplyAsync(new
        {
            id,
            principals = new[] { principal },
            actions = new[] { "read", "read-data" },
            resources = new[] { flights.Node },
            purposes = new[] { "analytics" },
        })).Expect(200);

        var denied = (await ada.GetAsync(columns)).ExpectProblem(403, "access.denied");
        Assert.Contains(principal, denied["detail"].GetString());
        var why = (await ada.PostAsync("/v1/access/explain", new { act = "readData", node = flights.At(1) })).Expect(200);
        Assert.False(why["allowed"].GetBoolean());
        var near = Assert.Single(why["nearMisses"].EnumerateArray());
        Assert.Equal((id, "purposes"), (near.GetProperty("statement").GetString(), near.GetProperty("clause").GetString()));

        (await ada.GetAsync(columns, ("Catalog-Purpose", "analytics"))).Expect(200);
        (await ada.GetAsync(flights.Url, ("Catalog-Purpose", "analytics"))).Expect(200);
        (await ada.PutAsync($"{flights.Url}/tags/x", null, ("Catalog-Purpose", "analytics"))).ExpectProblem(403, "access.denied");

        await server.WithdrawAsync(id);
        (await ada.GetAsync(columns, ("Catalog-Purpose", "analytics"))).ExpectProblem(403, "access.denied");

        async Task<bool> AsOfAsync(object moment) =>
            (await admin.PostAsync("/v1/access/explain", moment)).Expect(200)["allowed"].GetBoolean();
        var position = applied.Position;
        Assert.True(await AsOfAsync(
            new { act = "readData", node = flights.At(1), principal, purpose = "analytics", asOfPosition = position }));
        Assert.False(await AsOfAsync(
            new { act = "readData", node = flights.At(1), principal, purpose = "analytics", asOfPosition = position - 1 }));
        Assert.False(await AsOfAsync(new { act = "readData", node = flights.At(1), principal, purpose = "analytics" }));

        var diff = (await admin.GetAsync(
            $"/v1/policies/diff?from={position - 1}&to={position}&node={flights.Node.Escaped()}")).Expect(200);
        Assert.Equal(id, Assert.Single(diff["statements"].EnumerateArray()).GetProperty("id").GetString());
        var gained = Assert.Single(diff["flips"].EnumerateArray());
        Assert.Equal((principal, "analytics"), (gained.GetProperty("principal").GetString(), gained.GetProperty("purpose").GetString()));
    }

    [Fact]
    public async Task Groups_lend_what_they_are_allowed_also_by_way_of_others()
    {
        var admin = await server.AdminAsync();
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        var (inner, outer) = (New.Name("inner"), New.Name("outer"));
        (await server.ApplyAsync(new
        {
            id = New.Name("group"),
            principals = new[] { $"group:{outer}" },
            actions = new[] { "read" },
            resources = new[] { $"namespace:{flights.Namespace}" },
        })).Expect(200);
        foreach (var group in (string[])[inner, outer])
            (await admin.PostAsync("/v1/groups", new { name = group, description = "" })).Expect(201);

        (await ada.GetAsync(flights.Url)).ExpectProblem(403, "access.denied");
        (await admin.PutAsync($"/v1/groups/{outer}/members/{Uri.EscapeDataString($"group:{inner}")}")).Expect(200);
        (await admin.PutAsync($"/v1/groups/{inner}/members/{principal}")).Expect(200);
        (await ada.GetAsync(flights.Url)).Expect(200);
        (await admin.DeleteAsync($"/v1/groups/{inner}/members/{principal}")).Expect(200);
        (await ada.GetAsync(flights.Url)).ExpectProblem(403, "access.denied");
    }

    [Fact]
    public async Task A_tag_is_inherited_along_lineage_until_it_is_declassified()
    {
        var admin = await server.AdminAsync();
        var ns = New.Name("ns");
        var (source, made) = (await server.FlightsAsync(ns, "source"), await New.DatasetAsync(admin, ns, "made"));
        var tag = New.Name("secret");
        (await server.ApplyAsync(
            new { id = New.Name("deny"), effect = "deny", actions = new[] { "read-data" }, tags = tag },
            new { id = New.Name("deny"), effect = "deny", actions = new[] { "alias" }, tags = tag, resources = new[] { "model:*" } }))
            .Expect(200);
        var (reader, _) = await server.SomebodyAsync("reader");
        (await reader.GetAsync($"{source.Versions}/1/columns")).Expect(200);

        (await admin.PutAsync($"{source.Url}/tags/{tag}")).Expect(200);
        (await reader.GetAsync($"{source.Versions}/1/columns")).ExpectProblem(403, "access.denied");

        var run = await New.RunAsync(admin, ns);
        (await admin.PostAsync($"/v1/runs/{run}/inputs", new { dataset = source.At(1) })).ExpectProblem(403, "access.denied");
        (await admin.DeleteAsync($"{source.Url}/tags/{tag}")).Expect(200);
        (await admin.PostAsync($"/v1/runs/{run}/inputs", new { dataset = source.At(1) })).Expect(201);
        var folder = Directory.CreateDirectory(Path.Combine(server.Root, New.Name("folder"))).FullName;
        await server.CommitAsync(made, Tables.Write(folder, "made.parquet", rows: 10), run);
        (await reader.GetAsync($"{made.Versions}/1/columns")).Expect(200);
        (await admin.PutAsync($"{source.Url}/tags/{tag}")).Expect(200);
        (await reader.GetAsync($"{made.Versions}/1/columns")).ExpectProblem(403, "access.denied");

        (await admin.PostAsync(
            "/v1/access/declassifications", new { node = made.At(1), tag, reason = "Only delays are left." })).Expect(201);
        (await reader.GetAsync($"{made.Versions}/1/columns")).Expect(200);
        (await reader.GetAsync($"{source.Versions}/1/columns")).ExpectProblem(403, "access.denied");
        (await admin.PostAsync(
            "/v1/access/declassifications", new { node = made.At(1), tag, reason = "Not so.", withdraw = true })).Expect(201);
        (await reader.GetAsync($"{made.Versions}/1/columns")).ExpectProblem(403, "access.denied");
    }

    [Fact]
    public async Task What_a_statement_makes_wait_takes_two()
    {
        var admin = await server.AdminAsync();
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (writer, _) = await server.SomebodyAsync("writer");
        (await server.ApplyAsync(new
        {
            id = New.Name("require"),
            effect = "require",
            actions = new[] { "alias" },
            resources = new[] { $"{flights.Node}@champion" },
            requires = new { approvals = 1, approvedBy = (string?)null, purpose = false },
        })).Expect(200);

        (await writer.PutAsync($"{flights.Url}/aliases/other", new { version = 1 })).Expect(200);
        (await writer.PutAsync($"{flights.Url}/aliases/champion", new { version = 1 })).ExpectProblem(403, "access.waits");
        var approval = new { node = flights.At(1), act = "alias", reason = "Looked at." };
        (await writer.PostAsync("/v1/access/approvals", approval)).Expect(201);
        (await writer.PutAsync($"{flights.Url}/aliases/champion", new { version = 1 })).ExpectProblem(403, "access.waits");
        (await admin.PostAsync("/v1/access/approvals", approval)).ExpectProblem(403, "approval.own_work");
        var (steward, _) = await server.SomebodyAsync("writer");
        (await steward.PostAsync("/v1/access/approvals", approval)).Expect(201);
        (await writer.PutAsync($"{flights.Url}/aliases/champion", new { version = 1 })).Expect(200);
    }

    [Fact]
    public async Task What_may_not_be_seen_is_named_by_nothing()
    {
        var admin = await server.AdminAsync();
        var ns = New.Name("hidden");
        var (flights, open) = (await server.FlightsAsync(ns, New.Name("flights")), await New.DatasetAsync(admin, New.Name("open")));
        var run = await New.RunAsync(admin, open.Namespace);
        (await admin.PostAsync($"/v1/runs/{run}/inputs", new { dataset = flights.At(1) })).Expect(201);
        var folder = Directory.CreateDirectory(Path.Combine(server.Root, New.Name("folder"))).FullName;
        await server.CommitAsync(open, Tables.Write(folder, "made.parquet", rows: 10), run);
        var (reader, principal) = await server.SomebodyAsync("reader");
        (await server.ApplyAsync(new
        {
            id = New.Name("deny"),
            effect = "deny",
            principals = new[] { principal },
            actions = new[] { "*" },
            resources = new[] { $"namespace:{ns}" },
        })).Expect(200);
        var position = (await admin.GetAsync("/v1/policies")).Expect(200).Position;

        foreach (var path in (string[])
        [
            $"/v1/datasets?limit=1000&atLeast={position}", $"/v1/search?q={flights.Name}&atLeast={position}",
            $"/v1/lineage?node={open.At(1).Escaped()}&direction=up", $"/v1/lineage?node={open.At(1).Escaped()}&direction=up&format=tree",
            $"/v1/lineage?node={open.At(1).Escaped()}&direction=up&format=openLineage", "/v1/changes?limit=10000",
            "/api/v1/namespaces/" + ns + "/datasets", "/api/v1/search?q=" + flights.Name, "/delta-sharing/shares",
        ])
        {
            var answer = await reader.GetAsync(path);
            Assert.DoesNotContain(flights.Name, answer.Text);
            Assert.Contains(flights.Name, path.Contains("delta", StringComparison.Ordinal) ? flights.Name : await AdminSeesAsync(path));
        }

        async Task<string> AdminSeesAsync(string path) => (await admin.GetAsync(path)).Text;

        var lineage = (await reader.GetAsync($"/v1/lineage?node={open.At(1).Escaped()}&direction=up")).Expect(200);
        Assert.Equal(1, lineage["redacted"].GetInt32());
        Assert.Contains("dataset:redacted/1", lineage.Text);

        Assert.DoesNotContain(flights.Name, (await reader.GetAsync($"/v1/runs/{run}")).Expect(200).Text);
        Assert.DoesNotContain(flights.Name, (await reader.GetAsync("/v1/runs?limit=1000")).Expect(200).Text);
        Assert.Contains(flights.Name, (await admin.GetAsync($"/v1/runs/{run}")).Text);

        // What there is and what there is not is refused alike.
        var (there, nowhere) = (await reader.GetAsync(flights.Url), await reader.GetAsync(Api.Path($"/v1/datasets/{ns}/nothing")));
        Assert.Equal(there.ExpectProblem(403, "access.denied").Text, nowhere.ExpectProblem(403, "access.denied").Text);
    }

    [Fact]
    public async Task A_refusal_is_kept_before_it_is_answered_and_reported()
    {
        var admin = await server.AdminAsync();
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();

        (await ada.GetAsync($"{flights.Versions}/1/columns", ("Catalog-Purpose", "training"))).ExpectProblem(403, "access.denied");

        Assert.Equal(1, await Sql.ReadAsync<long>(
            server.Server.Database,
            $"select sum(count)::bigint from catalog.access_decision where principal = '{principal}' and purpose = 'training'"));
        (await admin.GetAsync($"{flights.Versions}/1/columns", ("Catalog-Purpose", "audit"))).Expect(200);
        var report = (await admin.GetAsync($"/v1/access/report?node={flights.Node.Escaped()}")).Expect(200);
        var refused = Assert.Single(report["refused"].EnumerateArray());
        Assert.Equal((principal, "read-data", "training"), (
            refused.GetProperty("principal").GetString(), refused.GetProperty("act").GetString(),
            refused.GetProperty("purpose").GetString()));
        Assert.Contains(report["did"].EnumerateArray(), d => d.GetProperty("purpose").GetString() == "audit");
        Assert.Contains(report["can"].EnumerateArray(), c => c.GetProperty("principal").GetString() == "admin");
        Assert.DoesNotContain(report["can"].EnumerateArray(), c => c.GetProperty("principal").GetString() == principal);
        (await ada.GetAsync($"/v1/access/report?node={flights.Node.Escaped()}")).ExpectProblem(403, "access.denied");

        var draft = new
        {
            id = "draft",
            principals = new[] { principal },
            actions = new[] { "read-data" },
            resources = new[] { flights.Node },
        };
        var tried = (await admin.PostAsync(
            "/v1/policies/what-if", new { statements = new[] { GovernedServer.Whole(draft) } })).Expect(200);
        var flip = Assert.Single(tried["flips"].EnumerateArray(), f => f.GetProperty("principal").GetString() == principal);
        Assert.Equal("allowed", flip.GetProperty("wouldBe").GetProperty("ground").GetString());
    }

    [Fact]
    public async Task The_role_by_which_somebody_was_let_in_is_kept()
    {
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (reader, principal) = await server.SomebodyAsync("reader");
        (await server.ApplyAsync(new
        {
            id = New.Name("filter"),
            effect = "filter",
            principals = new[] { principal },
            resources = new[] { flights.Node },
            rows = "id >= 50",
        })).Expect(200);

        (await reader.GetAsync($"{flights.Versions}/1/columns")).Expect(200);

        await Eventually.True(
            async () => await Sql.ReadAsync<long>(
                server.Server.Database,
                $"select count(*) from catalog.access_decision where principal = '{principal}' and role = 'reader'") == 1,
            "what was let out in part is recorded");
    }

    [Fact]
    public async Task No_answer_is_older_than_a_change_that_was_acknowledged()
    {
        var flights = await server.FlightsAsync(New.Name("ns"));
        var (ada, principal) = await server.SomebodyAsync();
        var id = New.Name("flip");
        var (allowed, wrong, stop) = (0, 0, false);
        var columns = $"{flights.Versions}/1/columns";
        var crowd = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
                await ada.GetAsync(columns);
        })).ToList();

        for (var i = 0; i < 25; i++)
        {
            (await server.ApplyAsync(new
            {
                id,
                effect = i % 2 == 0 ? "allow" : "deny",
                principals = new[] { principal },
                actions = new[] { "read-data" },
                resources = new[] { flights.Node },
            })).Expect(200);
            var answer = await ada.GetAsync(columns);
            allowed += answer.Code == 200 ? 1 : 0;
            wrong += answer.Code == (i % 2 == 0 ? 200 : 403) ? 0 : 1;
        }

        Volatile.Write(ref stop, true);
        await Task.WhenAll(crowd);
        Assert.Equal((13, 0), (allowed, wrong));
    }

    [Theory]
    [InlineData("""{"effect":"deny","actions":["govern"]}""", "statements[0].actions")]
    [InlineData("""{"actions":["fly"]}""", "statements[0].actions")]
    [InlineData("""{"actions":["read"],"resources":["dataset:a"]}""", "statements[0].resources")]
    [InlineData("""{"actions":["read"],"tags":"pii and"}""", "statements[0].tags")]
    [InlineData("""{"actions":["read"],"when":"principal.x = 1"}""", "statements[0].when")]
    [InlineData("""{"effect":"mask"}""", "statements[0].mask")]
    [InlineData("""{"effect":"filter"}""", "statements[0].rows")]
    [InlineData("""{"effect":"require","actions":["read"]}""", "statements[0].require")]
    [InlineData("""{"actions":["read"],"purposes":["fun"]}""", "statements[0].purposes")]
    [InlineData("""{"actions":["read"],"reason":" "}""", "statements[0].reason")]
    public async Task A_statement_that_cannot_be_is_refused_with_its_field(string statement, string field)
    {
        var given = System.Text.Json.Nodes.JsonNode.Parse(statement)?.AsObject() ?? [];
        given["id"] = "x";
        var refused = (await server.ApplyAsync(given)).ExpectProblem(400, "request.invalid");
        Assert.Contains(refused["errors"].EnumerateObject(), e => e.Name == field);
    }
}
