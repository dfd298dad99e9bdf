using Catalog.Auditing;
using Catalog.Features;
using Catalog.IntegrationTests.Access;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Npgsql;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>What policies hide from a principal is in no view for the SQL role of its name, whatever it tries.</summary>
public sealed class SqlSightTests(AuditedCatalog catalog) : IClassFixture<AuditedCatalog>
{
    [Fact]
    public async Task A_denied_dataset_is_in_no_view_until_the_denial_is_withdrawn()
    {
        var ns = await TellAsync();
        var (role, alice) = await SomebodyAsync();
        await DenyAsync(role, ns, new { principals = new[] { role }, resources = new[] { $"dataset:{ns}/secret" } });
        await RefuseAsync(role, $"/v1/datasets/{ns}/secret");

        Assert.Empty(await ViewsThatNameAsync(alice, $"{ns}/secret"));
        Assert.Superset(
            new HashSet<string>(
            [
                "lineage.nodes", "lineage.edges", "catalog.datasets", "catalog.versions", "catalog.feature_views",
                "catalog.feature_generations", "catalog.openlineage_events", "catalog.openlineage_facets",
                "catalog.events", "catalog.access_decisions",
            ]),
            (await ViewsThatNameAsync(catalog.Auditor, $"{ns}/secret")).ToHashSet());

        Assert.Equal(
            [[$"dataset:{ns}/open", "catalog"], [$"dataset:{ns}/told", "openlineage"]],
            await RowsAsync(alice, $"select dataset, origin from catalog.datasets where namespace = '{ns}' order by 1"));
        Assert.Equal(
            [[DBNull.Value, DBNull.Value]],
            await RowsAsync(alice, $"select dataset, definition from catalog.feature_views where namespace = '{ns}'"));
        Assert.Equal(
            [["job_registered"], ["run_completed"], ["run_output_recorded"], ["run_started"]],
            await RowsAsync(
                alice,
                $"""
                select distinct event.type from catalog.events event left join catalog.runs run on run.run = event.stream
                where event.stream = 'job:{ns}/clean' or run.job = 'job:{ns}/clean' order by 1
                """));
        Assert.Equal(0, await CountAsync(alice, "catalog.events where type in ('policy_statement_set', 'key_issued')"));
        Assert.Equal(0, await CountAsync(alice, "catalog.access_decisions where node is null"));

        await WithdrawAsync(ns);

        Assert.Equal(
            (await ViewsThatNameAsync(catalog.Auditor, $"{ns}/secret")).ToHashSet(),
            (await ViewsThatNameAsync(alice, $"{ns}/secret")).ToHashSet());
        Assert.NotEqual(0, await CountAsync(alice, "catalog.events where type = 'policy_statement_set'"));
    }

    [Fact]
    public async Task What_bears_a_tag_is_hidden_from_members_of_a_group_with_what_was_made_of_it()
    {
        var ns = await TellAsync();
        var (role, alice) = await SomebodyAsync();
        var group = New.Name("group");
        (await catalog.Api.PostAsync("/v1/groups", new { name = group, description = "Outside." })).Expect(201);
        var versions = $"catalog.versions where origin = 'catalog' and dataset like 'dataset:{ns}/%'";
        var tag = ns.Replace("-", "", StringComparison.Ordinal);
        await DenyAsync(role, ns, new { principals = new[] { $"group:{group}" }, tags = tag });
        await catalog.InStepAsync();
        Assert.Equal(2, await CountAsync(alice, versions));

        (await catalog.Api.PutAsync($"/v1/datasets/{ns}/secret/tags/{tag}")).Expect(200);
        (await catalog.Api.PutAsync($"/v1/groups/{group}/members/{role}")).Expect(200);
        await catalog.InStepAsync();

        Assert.Equal(0, await CountAsync(alice, versions));
        Assert.Equal(2, await CountAsync(catalog.Auditor, versions));

        (await catalog.Api.DeleteAsync($"/v1/groups/{group}/members/{role}")).Expect(200);
        await catalog.InStepAsync();

        Assert.Equal(2, await CountAsync(alice, versions));
    }

    [Fact]
    public async Task What_is_new_is_hidden_until_it_is_listed_from_whom_anything_is()
    {
        var ns = await TellAsync();
        var (role, alice) = await SomebodyAsync();
        await DenyAsync(role, ns, new { principals = new[] { role }, resources = new[] { $"dataset:{ns}/secret" } });
        await catalog.InStepAsync();
        var fresh = $"catalog.datasets where dataset = 'dataset:{ns}/fresh'";
        await using (var connection = new NpgsqlConnection(catalog.Owner))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var holding = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("select from catalog.sql_sight_progress for update", connection);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await New.DatasetAsync(catalog.Api, ns, "fresh");
            await Eventually.True(async () => await CountAsync(catalog.Auditor, fresh) == 1, "who sees everything sees it");

            Assert.Equal(0, await CountAsync(alice, fresh));
        }

        await Eventually.True(async () => await CountAsync(alice, fresh) == 1, "it is listed");
    }

    [Fact]
    public async Task Who_is_shut_out_as_a_principal_sees_nothing()
    {
        var (role, alice) = await SomebodyAsync();
        await Eventually.True(async () => await CountAsync(alice, "catalog.datasets") > 0, "nothing is hidden");
        (await catalog.Api.PostAsync("/v1/principals", new { id = role, kind = "user", attributes = new { } })).Expect(201);

        (await catalog.Api.PostAsync($"/v1/principals/{role}/disable")).Expect(200);
        await catalog.InStepAsync();

        foreach (var view in AuditorViews.All.Where(v => v.Name != "catalog.positions"))
            Assert.Equal(0, await CountAsync(alice, view.Name));
    }

    [Theory]
    [InlineData("select * from catalog.sql_sight")]
    [InlineData("insert into catalog.sql_sight values (session_user, '*')")]
    [InlineData("select * from catalog.sql_sight_progress")]
    [InlineData("select * from catalog.access_decision")]
    [InlineData("select * from catalog.mt_events")]
    [InlineData("select * from lineage.node")]
    [InlineData("set session authorization auditor")]
    [InlineData("select set_config('session_authorization', 'auditor', false)")]
    [InlineData("set role auditor")]
    public async Task What_would_widen_sight_is_refused(string sql)
    {
        var (_, alice) = await SomebodyAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RowsAsync(alice, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Neither_another_role_nor_a_function_that_tells_what_it_is_given_shows_what_is_hidden()
    {
        var ns = await TellAsync();
        var (role, alice) = await SomebodyAsync();
        await DenyAsync(role, ns, new { principals = new[] { role }, resources = new[] { $"dataset:{ns}/secret" } });
        await catalog.InStepAsync();
        var hidden = $"catalog.datasets where dataset = 'dataset:{ns}/secret'";
        Assert.Equal(0, await Sql.ReadAsync<long>(alice, $"set role catalog_auditor; select count(*) from {hidden}"));
        await Sql.RunAsync(catalog.Owner, $"create schema \"{role}\" authorization \"{role}\"");
        await Sql.RunAsync(
            alice,
            $"""
            create function "{role}".tell(told text) returns boolean language plpgsql cost 0.0000001
            as $$ begin raise notice '%', told; return true; end $$;
            create function "{role}".count() returns bigint language sql security definer as $$ select count(*) from {hidden} $$;
            """);
        Assert.Equal(0, await Sql.ReadAsync<long>(alice, $"select \"{role}\".count()"));

        var notices = new List<string>();
        await using var connection = new NpgsqlConnection(alice + ";Pooling=false");
        connection.Notice += (_, told) => notices.Add(told.Notice.MessageText);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var view in AuditorViews.All)
        {
            await using var trick = new NpgsqlCommand(
                $"select from {view.Name} shown where \"{role}\".tell(shown::text)", connection);
            await trick.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains(notices, n => n.Contains($"dataset:{ns}/open", StringComparison.Ordinal));
        Assert.DoesNotContain(notices, n => n.Contains($"{ns}/secret", StringComparison.Ordinal));
    }

    /// <summary>
    /// A run reads <c>secret</c> and writes <c>open</c>; a feature view rests on the first, a service and a generation on that; and another
    /// tool told that <c>told</c> was made of it.
    /// </summary>
    private async Task<string> TellAsync()
    {
        var ns = New.Name("sight");
        using var client = new CatalogClient(catalog.Server.Address, catalog.Api.Key ?? "");
        await client.Datasets.RegisterAsync($"{ns}/secret", new Registration("team", "Nobody's business"));
        await client.Datasets.CommitAsync($"{ns}/secret", NewVersion.Of(catalog.Written($"{ns}-1.csv")));
        await using (var run = await client.StartRunAsync($"{ns}/clean", new RunOptions { Owner = "team" }))
        {
            await run.ReadAsync($"{ns}/secret", 1);
            await run.WriteAsync($"{ns}/open", NewVersion.Of(catalog.Written($"{ns}-2.csv")));
            await run.CompleteAsync();
        }

        var view = new FeatureViewSpec(
            $"{ns}/delays", "team",
            new FeatureDefinition(
                [], new FeatureSource(NodeId.Dataset(ns, "secret"), "landed"), [new Feature("delay", "float64", "delay")]));
        var service = new FeatureServiceSpec(
            $"{ns}/live", "team",
            new FeatureServiceDefinition([new ServedView(NodeId.FeatureView(ns, "delays"))], TimeSpan.FromMilliseconds(5), 0.999));
        await client.Features.ApplyAsync([view], [service]);
        await Features.Generations.RecordAsync(
            catalog.Server.Services, NodeId.FeatureView(ns, "delays").WithVersion(1), view.Definition.Hash(),
            NodeId.Dataset(ns, "secret", 1));
        (await catalog.Api.SendAsync(
            Sent.Single,
            $$$"""
            {"eventType":"COMPLETE","eventTime":"2026-11-24T10:00:00Z","run":{"runId":"{{{Guid.CreateVersion7()}}}"},
             "job":{"namespace":"{{{ns}}}","name":"report"},"producer":"https://example.org/reports",
             "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
             "inputs":[{"namespace":"{{{ns}}}","name":"secret"}],"outputs":[{"namespace":"{{{ns}}}","name":"told"}]}
            """)).Expect(201);
        (await catalog.Api.SendAsync(
            Sent.Single,
            $$$"""
            {"eventTime":"2026-11-24T11:00:00Z","producer":"https://example.org/reports",
             "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
             "dataset":{"namespace":"{{{ns}}}","name":"secret","facets":{
               "datasetType":{"_producer":"https://example.org","_schemaURL":"https://example.org/f","datasetType":"VIEW"} } } }
            """)).Expect(201);
        return ns;
    }

    /// <summary>A login role that is an auditor by way of another role, over the socket.</summary>
    private async Task<(string Role, string Connection)> SomebodyAsync()
    {
        var role = New.Name("alice");
        await Sql.RunAsync(
            catalog.Owner,
            $"""
            create role "{role}" login; create role "team-{role}" nologin;
            grant catalog_auditor to "team-{role}"; grant "team-{role}" to "{role}"
            """);
        var alice = new NpgsqlConnectionStringBuilder(catalog.Owner) { Username = role }.ConnectionString;
        await LetInAsync(alice);
        return (role, alice);
    }

    /// <summary>The embedded PostgreSQL lets nobody else in, so that here it is told to.</summary>
    private async Task LetInAsync(string connection)
    {
        var file = await Sql.ReadAsync<string>(catalog.Owner, "select current_setting('hba_file')");
        await File.AppendAllTextAsync(file, "local all all trust\n", TestContext.Current.CancellationToken);
        await Sql.RunAsync(catalog.Owner, "select pg_reload_conf()");
        await Eventually.True(() => Sql.AnswersAsync(connection), "the role is let in");
    }

    /// <summary>Forbids reading; and waits until what can be seen includes that.</summary>
    private async Task DenyAsync(string role, string id, object what)
    {
        var statement = GovernedServer.Whole(what);
        (statement["id"], statement["effect"], statement["reason"]) = (id, "deny", $"Not for {role}.");
        statement["actions"] = new System.Text.Json.Nodes.JsonArray("read");
        (await catalog.Api.PostAsync("/v1/policies/apply", new { statements = new[] { statement } })).Expect(200);
        await catalog.InStepAsync();
    }

    private async Task WithdrawAsync(string id)
    {
        var rest = (await catalog.Api.GetAsync("/v1/policies")).Expect(200)["statements"].EnumerateArray()
            .Select(s => s.GetProperty("statement")).Where(s => s.GetProperty("id").GetString() != id);
        (await catalog.Api.PostAsync("/v1/policies/apply", new { statements = rest, prune = true })).Expect(200);
        await catalog.InStepAsync();
    }

    /// <summary>The principal is refused over HTTP: that is recorded.</summary>
    private async Task RefuseAsync(string principal, string path)
    {
        var key = (await catalog.Api.PostAsync("/v1/keys", new { name = principal, role = "reader", principal })).Expect(201);
        using var api = new Api(catalog.Server.Address, key["key"].GetString());
        (await api.GetAsync(path)).ExpectProblem(403, "access.denied");
        await catalog.InStepAsync();
    }

    private static async Task<IReadOnlyList<string>> ViewsThatNameAsync(string connection, string name)
    {
        var found = new List<string>();
        foreach (var view in AuditorViews.All)
        {
            if (await CountAsync(connection, $"{view.Name} shown where shown::text like '%{name}%'") > 0)
                found.Add(view.Name);
        }

        return found;
    }

    private static Task<long> CountAsync(string connection, string from) =>
        Sql.ReadAsync<long>(connection, $"select count(*) from {from}");

    private static Task<IReadOnlyList<object[]>> RowsAsync(string connection, string sql) => AuditorTests.RowsAsync(connection, sql);
}
