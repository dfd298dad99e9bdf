using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Catalog.IntegrationTests.Marquez;

/// <summary>Jobs and runs, in the shapes of Marquez's <c>spec/openapi.yml</c>.</summary>
public sealed class JobTests(ServerFixture server)
{
    [Fact]
    public async Task Jobs_are_listed_with_their_latest_runs()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var list = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/jobs?limit=2&offset=0");

        Assert.Equal(4, list.GetProperty("totalCount").GetInt32());
        Assert.Equal(["etl", "etl.copy"], Names(list.GetProperty("jobs")));
        var rest = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/jobs?limit=2&offset=2");
        Assert.Equal(["etl.sum", "etl.load"], Names(rest.GetProperty("jobs")));
        var job = (await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/jobs?offset=3")).GetProperty("jobs")[0];
        Assert.Equal("BATCH", job.GetProperty("type").GetString());
        Assert.Equal(told.Namespace, job.GetProperty("id").GetProperty("namespace").GetString());
        Assert.Equal("load", job.GetProperty("simpleName").GetString());
        Assert.Equal("etl", job.GetProperty("parentJobName").GetString());
        Assert.True(job.GetProperty("parentJobUuid").TryGetGuid(out _));
        Assert.Equal("2026-11-24T10:00:00Z", job.GetProperty("createdAt").GetString());
        Assert.Equal("2026-11-24T12:00:30Z", job.GetProperty("updatedAt").GetString());
        Assert.Equal(["raw"], Names(job.GetProperty("inputs")));
        Assert.Equal(["orders"], Names(job.GetProperty("outputs")));
        Assert.Equal("https://example.org/etl.git", job.GetProperty("location").GetString());
        Assert.Equal("What etl.load does", job.GetProperty("description").GetString());
        Assert.Equal(told.Run(2), job.GetProperty("latestRun").GetProperty("id").GetString());
        Assert.Equal(
            ["FAILED", "COMPLETED", "COMPLETED"],
            job.GetProperty("latestRuns").EnumerateArray().Select(r => r.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Jobs_are_narrowed_by_the_state_of_their_last_run()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var failed = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/jobs?lastRunStates=FAILED");
        var others = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/jobs?lastRunStates=COMPLETED&lastRunStates=ABORTED");

        Assert.Equal(["etl.load"], Names(failed.GetProperty("jobs")));
        Assert.Equal(1, failed.GetProperty("totalCount").GetInt32());
        Assert.Equal(["etl.copy", "etl.sum"], Names(others.GetProperty("jobs")));
        Refused(await told.GetAsync("/api/v1/jobs?lastRunStates=LOST"), 400, "lastRunStates");
    }

    [Fact]
    public async Task A_run_has_its_times_versions_and_facets()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var runs = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/jobs/etl.load/runs?limit=1&offset=1");
        var run = runs.GetProperty("runs")[0];

        Assert.Equal(3, runs.GetProperty("totalCount").GetInt32());
        Assert.Equal(told.Run(1), run.GetProperty("id").GetString());
        Assert.Equal("COMPLETED", run.GetProperty("state").GetString());
        Assert.Equal("2026-11-24T11:00:00Z", run.GetProperty("startedAt").GetString());
        Assert.Equal("2026-11-24T11:00:30Z", run.GetProperty("endedAt").GetString());
        Assert.Equal(30_000, run.GetProperty("durationMs").GetInt64());
        Assert.Equal("2026-11-24T00:00:00Z", run.GetProperty("nominalStartTime").GetString());
        Assert.Equal("etl.load", run.GetProperty("jobVersion").GetProperty("name").GetString());
        Assert.True(run.GetProperty("facets").TryGetProperty("nominalTime", out _));
        var made = Assert.Single(run.GetProperty("outputDatasetVersions").EnumerateArray());
        Assert.Equal("orders", made.GetProperty("datasetVersionId").GetProperty("name").GetString());
        Assert.True(made.GetProperty("facets").TryGetProperty("schema", out _));
        Assert.Equal(JsonSerializer.Serialize(run), JsonSerializer.Serialize(await told.ReadAsync($"/api/v1/jobs/runs/{told.Run(1)}")));
    }

    [Fact]
    public async Task Facets_of_a_run_and_of_its_job_are_told_apart()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var run = await told.ReadAsync($"/api/v1/jobs/runs/{told.Run(0)}/facets?type=run");
        var job = await told.ReadAsync($"/api/v1/jobs/runs/{told.Run(0).ToUpperInvariant()}/facets?type=job");

        Assert.Equal(told.Run(0), run.GetProperty("runId").GetString());
        Assert.Equal(["nominalTime", "parent"], run.GetProperty("facets").EnumerateObject().Select(f => f.Name));
        Assert.Equal("insert into orders select * from raw", job.GetProperty("facets").GetProperty("sql").GetProperty("query").GetString());
        Refused(await told.GetAsync($"/api/v1/jobs/runs/{told.Run(0)}/facets"), 400, "type");
    }

    [Fact]
    public async Task Runs_upstream_of_a_run_come_with_what_they_read()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var runs = (await told.ReadAsync($"/api/v1/runlineage/upstream?runId={told.Run(3).ToUpperInvariant()}")).GetProperty("runs");

        Assert.Equal([told.Run(3), told.Run(1)], runs.EnumerateArray().Select(r => r.GetProperty("run").GetProperty("id").GetString()));
        var input = runs[0].GetProperty("inputs")[0];
        Assert.Equal(told.Run(1), input.GetProperty("producedByRunId").GetString());
        Assert.True(input.GetProperty("version").TryGetGuid(out _));
        var alone = await told.ReadAsync($"/api/v1/runlineage/upstream?runId={told.Run(3)}&depth=0");
        Assert.Single(alone.GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task Jobs_and_runs_of_our_own_are_there_too()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var command = new { job = new { @namespace = ns, name = "train" }, parameters = new { trees = "100" } };
        var started = (await api.PostAsync("/v1/runs", command)).Expect(201);
        var id = started["node"].GetString()?["run:".Length..];
        var ended = (await api.PostAsync($"/v1/runs/{id}/complete")).Expect(201);

        var list = (await api.GetAsync($"/api/v1/namespaces/{ns}/jobs?atLeast={ended.Position}")).Expect(200);
        var run = list["jobs"][0].GetProperty("latestRun");

        Assert.Equal((id, "COMPLETED"), (run.GetProperty("id").GetString(), run.GetProperty("state").GetString()));
        Assert.Equal("100", run.GetProperty("args").GetProperty("trees").GetString());
        Assert.Equal("train", (await api.GetAsync($"/api/v1/namespaces/{ns}/jobs/train")).Expect(200)["name"].GetString());
        Assert.Equal(1, (await api.GetAsync($"/api/v1/namespaces/{ns}/jobs/train/runs")).Expect(200)["totalCount"].GetInt32());
    }

    [Fact]
    public async Task Jobs_of_our_own_have_their_newest_run_and_those_in_a_state_are_found()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var runs = new List<string?>();
        foreach (var job in (string[])["first", "first", "second"])
        {
            var started = (await api.PostAsync("/v1/runs", new { job = new { @namespace = ns, name = job } })).Expect(201);
            runs.Add(started["node"].GetString()?["run:".Length..]);
        }

        var ended = (await api.PostAsync($"/v1/runs/{runs[1]}/complete")).Expect(201);

        var list = (await api.GetAsync($"/api/v1/namespaces/{ns}/jobs?atLeast={ended.Position}")).Expect(200);
        Assert.Equal(["first", "second"], Names(list["jobs"]));
        Assert.Equal(2, list["totalCount"].GetInt32());
        Assert.Equal([runs[1], runs[0]], Ids(list["jobs"][0].GetProperty("latestRuns")));
        var completed = (await api.GetAsync($"/api/v1/namespaces/{ns}/jobs?lastRunStates=COMPLETED")).Expect(200);
        Assert.Equal((1, "first"), (completed["totalCount"].GetInt32(), completed["jobs"][0].GetProperty("name").GetString()));
        var running = (await api.GetAsync($"/api/v1/namespaces/{ns}/jobs?lastRunStates=RUNNING&limit=1")).Expect(200);
        Assert.Equal(["second"], Names(running["jobs"]));
        Assert.Equal([runs[0]], Ids((await api.GetAsync($"/api/v1/namespaces/{ns}/jobs/first/runs?limit=1&offset=1")).Expect(200)["runs"]));
    }

    [Fact]
    public async Task The_runs_of_a_job_are_found_by_an_index_in_their_order()
    {
        await server.ApiAsync();
        await using var source = NpgsqlDataSource.Create(server.Database);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("set enable_seqscan = off; set enable_sort = off", connection);
        await command.ExecuteNonQueryAsync();
        command.CommandText = $"explain {KnownRuns.NewestPage} where job = 'job:a/b' {KnownRuns.NewestFirst} limit 1";
        var plan = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                plan.Add(reader.GetString(0));
        }

        Assert.Contains("page_run_idx_job_started_at_id", string.Join('\n', plan), StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", string.Join('\n', plan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_only_told_of_as_a_parent_has_no_facets_of_a_job_of_its_own()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var facets = await told.ReadAsync($"/api/v1/jobs/runs/{told.Run(5)}/facets?type=job");

        Assert.Equal(told.Run(5), facets.GetProperty("runId").GetString());
        Assert.Empty(facets.GetProperty("facets").EnumerateObject());
    }

    [Fact]
    public async Task What_a_run_said_last_counts_however_many_events_come_after_it()
    {
        var api = await server.ApiAsync();
        var (run, ns) = (Guid.CreateVersion7().ToString(), New.Name("ns"));
        await SendAsync("COMPLETE", "2026-11-24T10:30:00Z", "the last");
        for (var minute = 0; minute < 22; minute++)
            await SendAsync("RUNNING", $"2026-11-24T10:{minute:00}:00Z", $"minute {minute}");

        var job = (await api.GetAsync($"/api/v1/jobs/runs/{run}/facets?type=job&atLeast={await LastAsync()}")).Expect(200);

        Assert.Equal("the last", job["facets"].GetProperty("sql").GetProperty("query").GetString());
        var (facets, asked) = (
            server.Server.Services.GetRequiredService<RunFacets>(), new InRun(NodeId.Run(run), NodeId.Job(ns, "load"), Role: null));
        var first = await Sql.ReadAsync<long>(
            server.Database, $"select min(seq_id) from catalog.mt_events where stream_id = 'run:{run}'");
        Assert.Contains("sql", (await facets.ReadAsync([asked], first, TestContext.Current.CancellationToken))[asked]);
        Assert.Empty((await facets.ReadAsync([asked], first - 1, TestContext.Current.CancellationToken))[asked]);

        Task<long> LastAsync() => Sql.ReadAsync<long>(server.Database, "select max(seq_id) from catalog.mt_events");

        async Task SendAsync(string type, string time, string query) => (await api.SendAsync(Sent.Single, JsonSerializer.Serialize(new
        {
            eventType = type,
            eventTime = time,
            run = new { runId = run },
            job = new { @namespace = ns, name = "load", facets = new { sql = new { query } } },
        }))).Expect(201);
    }

    [Fact]
    public async Task What_is_not_there_is_refused_in_Marquezs_shape()
    {
        var api = await server.ApiAsync();
        Refused(await api.GetAsync("/api/v1/namespaces/nobody/jobs"), 404, "Namespace 'nobody' not found.");
        Refused(await api.GetAsync("/api/v1/namespaces/nobody/jobs/nothing"), 404, "Job 'nothing' not found.");
        Refused(await api.GetAsync("/api/v1/namespaces/nobody/jobs/nothing/runs"), 404, "Job 'nothing' not found.");
        Refused(await api.GetAsync($"/api/v1/jobs/runs/{Guid.CreateVersion7()}"), 404, "not found.");
        Refused(await api.GetAsync("/api/v1/jobs?limit=-1"), 400, "limit");
        Refused(await api.GetAsync("/api/v1/jobs?limit=1000000"), 400, "limit");
        Refused(await api.GetAsync("/api/v1/jobs?offset=x"), 400, "offset");
    }

    internal static void Refused(Answer answer, int code, string saying)
    {
        answer.Expect(code);
        Assert.Equal(code, answer["code"].GetInt32());
        Assert.Contains(saying, answer["message"].GetString(), StringComparison.Ordinal);
    }

    internal static string?[] Names(JsonElement items) => [.. items.EnumerateArray().Select(i => i.GetProperty("name").GetString())];

    private static string?[] Ids(JsonElement items) => [.. items.EnumerateArray().Select(i => i.GetProperty("id").GetString())];
}
