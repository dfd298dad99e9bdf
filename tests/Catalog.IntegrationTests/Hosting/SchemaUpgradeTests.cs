using Catalog.IntegrationTests.Access;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;

namespace Catalog.IntegrationTests.Hosting;

/// <summary>A catalog that an earlier build made is brought up to date with what is in it.</summary>
public sealed class SchemaUpgradeTests
{
    /// <summary>
    /// As tables were before what runs are ordered by had columns of its own, and events of runs an index; and before decisions said which
    /// groups a token claimed.
    /// </summary>
    private const string Before =
        """
        alter table catalog.mt_doc_page_run drop column job, drop column started_at, drop column ended_at;
        create index mt_doc_page_run_idx_job on catalog.mt_doc_page_run ((data ->> 'job'));
        drop index catalog.openlineage_event_kind_event_time_position;
        create index openlineage_event_event_time_position on catalog.openlineage_event (event_time, position);
        alter table catalog.access_decision drop column groups;
        delete from catalog.schema_stamp
        """;

    [Fact]
    public async Task Columns_and_indexes_that_were_not_there_are_made_and_filled()
    {
        await Requires.PostgresAsync();
        using var folder = new TemporaryFolder();
        await using (var earlier = await StartAsync(folder))
        {
            using var api = await ApiAsync(folder, earlier);
            var run = (await api.PostAsync("/v1/runs", new { job = new { @namespace = "demo", name = "train" } })).Expect(201);
            (await api.GetAsync($"/v1/runs?atLeast={run.Position}")).Expect(200);
            var key = (await api.PostAsync("/v1/keys", new { name = "ada", role = "none", principal = "ada" })).Expect(201);
            using var ada = new Api(earlier.Address, key["key"].GetString());
            (await ada.GetAsync("/v1/datasets/demo/flights")).ExpectProblem(403, "access.denied");
            await Sql.RunAsync(earlier.Postgres?.ConnectionString ?? "", Before);
        }

        await using var server = await StartAsync(folder);
        using var now = await ApiAsync(folder, server);

        var jobs = (await now.GetAsync("/api/v1/namespaces/demo/jobs")).Expect(200)["jobs"];
        Assert.Single(Assert.Single(jobs.EnumerateArray()).GetProperty("latestRuns").EnumerateArray());
        Assert.Single((await now.GetAsync("/v1/runs?job=job:demo/train")).Expect(200)["items"].EnumerateArray());
        var allow = GovernedServer.Whole(new { id = "a", principals = new[] { "ada" }, actions = new[] { "read" } });
        var tried = (await now.PostAsync("/v1/policies/what-if", new { statements = new[] { allow } })).Expect(200);
        Assert.Equal("ada", Assert.Single(tried["flips"].EnumerateArray()).GetProperty("principal").GetString());
        Assert.Equal(
            "openlineage_event_kind_event_time_position",
            await Sql.ReadAsync<string>(
                server.Postgres?.ConnectionString ?? "",
                "select string_agg(indexname, ',') from pg_indexes where indexname like 'openlineage_event_%event_time%'"));
    }

    private static Task<CatalogServer> StartAsync(TemporaryFolder folder) => CatalogServer.StartAsync(
        new ServerOptions { DataFolder = folder["data"], Url = "http://127.0.0.1:0" }, _ => { }, TestContext.Current.CancellationToken);

    private static async Task<Api> ApiAsync(TemporaryFolder folder, CatalogServer server) =>
        new(server.Address, await KeyFile.ReadAsync(folder["data"]));
}
