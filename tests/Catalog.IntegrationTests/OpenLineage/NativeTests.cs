using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Where what others tell and what is done here meet on one stream.</summary>
public sealed class NativeTests(ServerFixture server)
{
    [Fact]
    public async Task A_run_known_only_from_events_is_not_there_for_our_own_commands_until_it_is_started_here()
    {
        var api = await server.ApiAsync();
        var run = Guid.CreateVersion7();
        (await api.SendAsync(Sent.Single, Sent.Event($"{run}"))).Expect(201);
        (await api.SendAsync(Sent.Single, Sent.Event($"{run}", "RUNNING"))).Expect(201);

        (await api.PostAsync($"/v1/runs/{run}/complete")).ExpectProblem(404, "run.not_found");
        (await api.GetAsync($"/v1/runs/{run}")).ExpectProblem(404, "run.not_found");
        (await api.PostAsync("/v1/runs", new { id = run, job = new { @namespace = "own", name = "train" } })).Expect(201);
        (await api.PostAsync($"/v1/runs/{run}/complete")).Expect(201);

        var page = (await api.GetAsync($"/v1/runs/{run}")).Expect(200);
        Assert.Equal("job:own/train", page["job"].GetString());
        Assert.Equal("\"4\"", page.ETag);
    }

    [Fact]
    public async Task An_event_for_a_run_that_ended_here_is_kept_and_marked_late()
    {
        var api = await server.ApiAsync();
        var run = Guid.CreateVersion7();
        (await api.PostAsync("/v1/runs", new { id = run, job = new { @namespace = "own", name = "train" } })).Expect(201);
        (await api.SendAsync(Sent.Single, Sent.Event($"{run}"))).Expect(201);
        (await api.PostAsync($"/v1/runs/{run}/complete")).Expect(201);

        (await api.SendAsync(Sent.Single, Sent.Event($"{run}", "FAIL"))).Expect(201);

        Assert.Equal("completed", (await api.GetAsync($"/v1/runs/{run}")).Expect(200)["state"].GetString());
        Assert.Equal("false,true", await Sql.ReadAsync<string>(
            server.Database,
            $"""
            SELECT string_agg(data->>'late', ',' ORDER BY seq_id) FROM catalog.mt_events
            WHERE stream_id = 'run:{run}' AND type = 'openlineage_received'
            """));
    }

    [Fact]
    public async Task A_dataset_known_only_from_events_can_be_registered_and_is_then_as_any_other()
    {
        var api = await server.ApiAsync();
        var name = New.Name("table");
        var told = $$$"""{"eventTime":"2026-11-24","dataset":{"namespace":"own","name":"{{{name}}}"}}""";
        (await api.SendAsync(Sent.Single, told)).Expect(201);

        (await api.GetAsync($"/v1/datasets/own/{name}")).ExpectProblem(404, "dataset.not_found");
        (await api.PostAsync($"/v1/datasets/own/{name}/retire", new { reason = "gone" })).ExpectProblem(404, "dataset.not_found");
        var registered = (await api.PostAsync("/v1/datasets", new { @namespace = "own", name, owner = "team" })).Expect(201);

        Assert.Equal("\"2\"", (await api.GetAsync($"/v1/datasets/own/{name}")).Expect(200).ETag);
        var listed = (await api.GetAsync($"/v1/datasets?namespace=own&limit=1000&atLeast={registered.Position}")).Expect(200);
        Assert.Contains(listed.Items, d => d.GetProperty("name").GetString() == name);
    }

    [Fact]
    public async Task A_job_known_only_from_events_is_registered_by_its_first_run_here()
    {
        var api = await server.ApiAsync();
        var name = New.Name("job");
        (await api.SendAsync(Sent.Single, $$$"""{"eventTime":"2026-11-24","job":{"namespace":"own","name":"{{{name}}}"}}""")).Expect(201);
        (await api.SendAsync(Sent.Single, $$$"""{"eventTime":"2026-11-25","job":{"namespace":"own","name":"{{{name}}}"}}""")).Expect(201);

        (await api.GetAsync($"/v1/jobs/own/{name}")).ExpectProblem(404, "job.not_found");
        (await api.PostAsync("/v1/runs", new { job = new { @namespace = "own", name } })).Expect(201);
        (await api.PostAsync("/v1/runs", new { job = new { @namespace = "own", name } })).Expect(201);

        (await api.GetAsync($"/v1/jobs/own/{name}")).Expect(200);
        Assert.Equal(3, await server.CountFactsOnAsync($"job:own/{name}"));
    }
}
