using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class RunRouteTests(ServerFixture server)
{
    [Fact]
    public async Task A_run_is_told_from_start_to_end()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var dataset = await New.DatasetAsync(api, ns);
        await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(server.NewFolder(), "in", "in") } } });
        var (id, parent) = (Guid.CreateVersion7(), await New.RunAsync(api, ns));
        var url = $"/v1/runs/{id}";

        var started = (await api.PostAsync("/v1/runs", new
        {
            id,
            parent,
            job = new { @namespace = ns, name = "train" },
            codeRevision = "abc123",
            environment = new { image = "ml:1" },
            parameters = new { trees = "20" },
            tags = new[] { "nightly" },
        })).Expect(201);
        Assert.Equal($"run:{id}", started["node"].GetString());

        var input = (await api.PostAsync(url + "/inputs", new { dataset = $"{dataset.Node}@latest", role = "train" })).Expect(201);
        Assert.Equal((dataset.At(1), 1), (input["node"].GetString(), input.Version));
        (await api.PostAsync(url + "/parameters", new { values = new { depth = "4", trees = "20" } })).Expect(201);
        var points = new[] { Point("loss", 0.5, 1), Point("loss", 0.25, 2), Point("auc", 0.7, 0) };
        (await api.PostAsync(url + "/metrics", new { points })).Expect(201);
        (await api.PutAsync(url + "/tags/good")).Expect(200);
        (await api.DeleteAsync(url + "/tags/nightly")).Expect(200);
        (await api.PostAsync(
            dataset.Versions, new { run = id, files = new[] { new { uri = New.File(server.NewFolder(), "out", "out") } } })).Expect(201);
        (await api.PostAsync(url + "/complete")).Expect(201);
        (await api.PostAsync(url + "/complete")).Expect(200);

        var page = (await api.GetAsync(url)).Expect(200);
        Assert.Equal((id, $"run:{id}", "completed", "abc123"),
            (page["id"].GetGuid(), page["node"].GetString(), page["state"].GetString(), page["codeRevision"].GetString()));
        Assert.Equal("{\"depth\":\"4\",\"trees\":\"20\"}", page["parameters"].GetRawText());
        Assert.Equal((0.25, 2, 2), (
            page["metrics"].GetProperty("loss").GetProperty("last").GetDouble(),
            page["metrics"].GetProperty("loss").GetProperty("step").GetInt32(),
            page["metrics"].GetProperty("loss").GetProperty("count").GetInt32()));
        Assert.Equal("[\"good\"]", page["tags"].GetRawText());
        Assert.Equal($"[{{\"node\":\"{dataset.At(1)}\",\"requested\":\"latest\",\"role\":\"train\"}}]", page["inputs"].GetRawText());
        Assert.Equal($"[\"{dataset.At(2)}\"]", page["outputs"].GetRawText());
        Assert.Equal([0.5, 0.25], (await api.GetAsync(url + "/metrics?key=loss")).Items.Select(p => p.GetProperty("value").GetDouble()));
        Assert.Equal(3, (await api.GetAsync(url + "/metrics")).Items.Count);
    }

    [Fact]
    public async Task A_cursor_goes_through_what_a_run_measured_in_the_order_it_was_logged()
    {
        var api = await server.ApiAsync();
        var url = $"/v1/runs/{await New.RunAsync(api)}";
        foreach (var batch in Enumerable.Range(0, 250).Select(n => Point(n % 3 == 0 ? "loss" : "auc", n, n)).Chunk(40))
        {
            (await api.PostAsync(url + "/metrics", new { points = batch })).Expect(201);
            (await api.PutAsync($"{url}/tags/{New.Name()}")).Expect(200);
        }

        foreach (var limit in (int[])[1_000, 40, 7])
            Assert.Equal(
                Enumerable.Range(0, 250),
                (await api.AllAsync(url + "/metrics", limit)).Select(p => p.GetProperty("step").GetInt32()));
        Assert.Equal(
            Enumerable.Range(0, 250).Where(n => n % 3 == 0),
            (await api.AllAsync(url + "/metrics?key=loss", 10)).Select(p => p.GetProperty("step").GetInt32()));
        Assert.Empty((await api.GetAsync(url + "/metrics?key=none")).Expect(200).Items);
        foreach (var cursor in (string[])["YWJj", "MS4", "LTEuMQ", "MS4xLjE"])
            (await api.GetAsync($"{url}/metrics?after={cursor}")).ExpectProblem(400, "cursor.invalid");
        (await api.GetAsync(url + "/metrics?limit=0")).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task The_latest_version_is_pinned_once_however_often_it_is_asked_for()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var url = $"/v1/runs/{await New.RunAsync(api)}";
        var body = new { dataset = dataset.Node, role = "train" };
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(server.NewFolder(), "a", "1") } } })).Expect(201);
        (await api.PostAsync(url + "/inputs", body)).Expect(201);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(server.NewFolder(), "a", "2") } } })).Expect(201);

        var again = (await api.PostAsync(url + "/inputs", body)).Expect(200);

        Assert.Equal((dataset.At(1), 1, false), (again["node"].GetString(), again.Version, again["changed"].GetBoolean()));
        Assert.Equal(1, (await api.GetAsync(url))["inputs"].GetArrayLength());
    }

    [Fact]
    public async Task What_has_ended_takes_no_more()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var run = await New.RunAsync(api);
        var url = $"/v1/runs/{run}";
        (await api.PostAsync(url + "/fail", new { reason = "Out of memory." })).Expect(201);

        (await api.PostAsync(url + "/complete")).ExpectProblem(409, "run.ended");
        (await api.PostAsync(url + "/abort", new { reason = "No." })).ExpectProblem(409, "run.ended");
        (await api.PostAsync(url + "/metrics", new { points = new[] { Point("a", 1, 0) } })).ExpectProblem(409, "run.ended");
        (await api.PostAsync(url + "/parameters", new { values = new { a = "1" } })).ExpectProblem(409, "run.ended");
        (await api.PostAsync(dataset.Versions, new { run, files = new[] { new { uri = New.File(server.NewFolder(), "a", "a") } } }))
            .ExpectProblem(409, "run.ended");
        (await api.PutAsync(url + "/tags/late")).Expect(200);
        var failed = await api.GetAsync(url);
        Assert.Equal(("failed", "Out of memory."), (failed["state"].GetString(), failed["reason"].GetString()));
    }

    [Fact]
    public async Task Starting_twice_starts_one_run_and_an_id_belongs_to_one_job()
    {
        var api = await server.ApiAsync();
        var (ns, id) = (New.Name("ns"), Guid.CreateVersion7());
        var body = new { id, job = new { @namespace = ns, name = "train" } };
        (await api.PostAsync("/v1/runs", body)).Expect(201);
        (await api.PostAsync("/v1/runs", body)).Expect(200);
        (await api.PostAsync("/v1/runs", body with { job = new { @namespace = ns, name = "other" } })).ExpectProblem(409, "run.exists");
    }

    [Fact]
    public async Task Parameters_do_not_change_and_what_is_not_there_is_refused()
    {
        var api = await server.ApiAsync();
        var run = await New.RunAsync(api);
        var url = $"/v1/runs/{run}";
        (await api.PostAsync(url + "/parameters", new { values = new { a = "1" } })).Expect(201);
        (await api.PostAsync(url + "/parameters", new { values = new { a = "1" } })).Expect(200);
        (await api.PostAsync(url + "/parameters", new { values = new { a = "2", b = "3" } })).ExpectProblem(409, "run.parameter_changed");
        (await api.PostAsync(url + "/inputs", new { dataset = "dataset:no/such" })).ExpectProblem(404, "dataset.not_found");
        (await api.PostAsync(url + "/inputs", new { dataset = "model:no/such" })).ExpectProblem(400, "request.invalid");
        (await api.PostAsync(url + "/metrics", new { points = Array.Empty<object>() })).ExpectProblem(400, "request.invalid");

        var none = $"/v1/runs/{Guid.CreateVersion7()}";
        (await api.GetAsync(none)).ExpectProblem(404, "run.not_found");
        (await api.GetAsync(none + "/metrics")).ExpectProblem(404, "run.not_found");
        (await api.PostAsync(none + "/complete")).ExpectProblem(404, "run.not_found");
        (await api.PostAsync(none + "/abort", new { reason = "x" })).ExpectProblem(404, "run.not_found");
        (await api.PutAsync(none + "/tags/a")).ExpectProblem(404, "run.not_found");
        (await api.GetAsync("/v1/runs/not-a-uuid")).ExpectProblem(404, "request.not_found");
    }

    [Fact]
    public async Task Values_that_are_no_numbers_survive()
    {
        var api = await server.ApiAsync();
        var url = $"/v1/runs/{await New.RunAsync(api)}";
        const string Extremes = """
            {"points":[{"key":"nan","value":"NaN"},{"key":"inf","value":"-Infinity"},{"key":"tiny","value":5e-324}]}
            """;
        (await api.PostAsync(url + "/metrics", Extremes)).Expect(201);

        var metrics = (await api.GetAsync(url))["metrics"];
        Assert.Equal("NaN", metrics.GetProperty("nan").GetProperty("last").GetString());
        Assert.Equal("-Infinity", metrics.GetProperty("inf").GetProperty("last").GetString());
        Assert.Equal(double.Epsilon, metrics.GetProperty("tiny").GetProperty("last").GetDouble());
    }

    [Fact]
    public async Task Runs_and_jobs_are_listed()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var (first, second) = (await New.RunAsync(api, ns), await New.RunAsync(api, ns));
        var position = (await api.PostAsync($"/v1/runs/{second}/abort", new { reason = "Enough." })).Expect(201).Position;
        var job = $"job:{ns}/train".Escaped();

        var all = (await api.GetAsync($"/v1/runs?job={job}&atLeast={position}")).Expect(200);
        var aborted = (await api.GetAsync($"/v1/runs?job={job}&state=aborted&atLeast={position}")).Expect(200);
        Assert.Equal([first, second], all.Items.Select(r => r.GetProperty("id").GetGuid()));
        Assert.Equal(second, Assert.Single(aborted.Items).GetProperty("id").GetGuid());
        Assert.Equal("train", Assert.Single((await api.GetAsync($"/v1/jobs?namespace={ns}&atLeast={position}")).Items).GetProperty("name")
            .GetString());
        Assert.Equal(ns, (await api.GetAsync($"/v1/jobs/{ns}/train")).Expect(200)["namespace"].GetString());

        (await api.GetAsync($"/v1/jobs/{ns}/nothing")).ExpectProblem(404, "job.not_found");
        (await api.GetAsync("/v1/runs?state=sleeping")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync("/v1/runs?state=1")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync("/v1/runs?job=dataset:a/b")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync("/v1/runs?job=nonsense")).ExpectProblem(400, "node.invalid");
    }

    private static object Point(string key, double value, long step) => new { key, value, step };
}
