using System.Text.Json;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

/// <summary>
/// Questions about lineage beyond up and down: paths, impact, differences, evidence, and all of them as of a past moment.
/// </summary>
public sealed class LineageQuestionTests(ServerFixture server)
{
    [Fact]
    public async Task As_of_a_position_or_a_time_the_graph_is_as_it_was_known_then()
    {
        var (api, story) = await StoryAsync();
        var deployed = (await api.PutAsync($"{story.Model.Url}/deployments/eu", new { version = "1" })).Expect(200).Position;
        var moved = (await api.PutAsync($"{story.Model.Url}/deployments/eu", new { version = "2" })).Expect(200).Position;
        var endpoint = $"deployment:{story.Namespace}/eu".Escaped();

        async Task<string[]> ServesAsync(string when) =>
            Ids(await api.GetAsync($"/v1/lineage?node={endpoint}&depth=1&atLeast={moved}{when}"));

        Assert.Equal([story.Model.At(2)], (await ServesAsync("")).Skip(1));
        Assert.Equal([story.Model.At(1)], (await ServesAsync($"&asOf={deployed}")).Skip(1));
        (await api.GetAsync($"/v1/lineage?node={endpoint}&atLeast={moved}&asOf={deployed - 1}")).ExpectProblem(404, "node.not_found");
        Assert.Equal([story.Model.At(2)], (await ServesAsync($"&asOf={DateTimeOffset.MaxValue.AddDays(-1):yyyy-MM-ddTHH:mm:ssZ}")).Skip(1));
        (await api.GetAsync($"/v1/lineage?node={endpoint}&atLeast={moved}&asOf=2001-01-01T00:00:00Z")).ExpectProblem(404, "node.not_found");
    }

    [Fact]
    public async Task A_dataset_without_a_version_is_the_latest_as_of_then()
    {
        var (api, story) = await StoryAsync();

        var now = await api.GetAsync($"/v1/lineage?node={story.Raw.Node.Escaped()}&direction=down&atLeast={story.Position}");
        var then = await api.GetAsync(
            $"/v1/lineage?node={story.Raw.Node.Escaped()}&direction=down&atLeast={story.Position}&asOf={story.AfterFirst}");

        Assert.Equal(story.Raw.At(2), Ids(now)[0]);
        Assert.Equal([story.Raw.At(1), $"run:{story.FirstRun}", story.Model.At(1)], Ids(then));
        Assert.Equal(story.AfterFirst, then["position"].GetInt64());
    }

    [Fact]
    public async Task Datasets_and_jobs_have_a_lineage_of_their_own_and_filters_leave_out_the_rest()
    {
        var (api, story) = await StoryAsync();
        var job = NodeId.Job(story.Namespace, "train").ToString();

        var things = await api.GetAsync($"/v1/lineage?node={story.Model.Node.Escaped()}&granularity=dataset&atLeast={story.Position}");
        var jobs = await api.GetAsync($"/v1/lineage?node={story.Model.Node.Escaped()}&granularity=job&atLeast={story.Position}");
        var only = await api.GetAsync($"/v1/lineage?node={story.Model.At(2).Escaped()}&kind=dataset&atLeast={story.Position}");

        Assert.Equal([story.Model.Node, job, story.Raw.Node], Ids(things));
        Assert.Equal(["writes", "reads"], Relations(things));
        Assert.Equal([story.Model.Node, job], Ids(jobs));
        Assert.Equal([story.Model.At(2), story.Raw.At(2)], Ids(only));
        Assert.Equal(["through"], Relations(only));
    }

    [Fact]
    public async Task A_path_leads_from_one_node_to_another_along_the_flow()
    {
        var (api, story) = await StoryAsync();

        var found = (await api.GetAsync(
            $"/v1/lineage/path?from={story.Raw.At(1).Escaped()}&to={story.Model.At(1).Escaped()}&atLeast={story.Position}")).Expect(200);
        var none = (await api.GetAsync(
            $"/v1/lineage/path?from={story.Model.At(1).Escaped()}&to={story.Raw.At(1).Escaped()}&atLeast={story.Position}")).Expect(200);

        Assert.True(found["found"].GetBoolean());
        Assert.Equal(
            [$"{story.Raw.At(1)} input run:{story.FirstRun}", $"run:{story.FirstRun} trained {story.Model.At(1)}"],
            found["edges"].EnumerateArray().Select(e => $"{Text(e, "from")} {Text(e, "relation")} {Text(e, "to")}"));
        Assert.False(none["found"].GetBoolean());
    }

    [Fact]
    public async Task Impact_names_versions_models_deployments_and_owners_each_with_its_reason()
    {
        var (api, story) = await StoryAsync();
        (await api.PutAsync($"{story.Raw.Url}/tags/consent")).Expect(200);
        var position = (await api.PutAsync($"{story.Model.Url}/deployments/eu", new { version = "2" })).Expect(200).Position;

        var ofAll = (await api.GetAsync($"/v1/lineage/impact?node={story.Raw.Node.Escaped()}&atLeast={position}")).Expect(200);
        var ofOne = (await api.GetAsync($"/v1/lineage/impact?node={story.Raw.At(1).Escaped()}&atLeast={position}")).Expect(200);

        Assert.Equal([story.Model.At(1), story.Model.At(2)], Nodes(ofAll, "models").Order(StringComparer.Ordinal));
        Assert.Equal([$"deployment:{story.Namespace}/eu"], Nodes(ofAll, "deployments"));
        Assert.Equal([story.Model.At(1)], Nodes(ofOne, "models"));
        Assert.Equal(
            [story.Raw.At(1), $"run:{story.FirstRun}", story.Model.At(1)],
            ofOne["models"][0].GetProperty("reason").EnumerateArray().Select(n => n.GetString()));
        Assert.Contains(ofAll["owners"].EnumerateArray(), o => Text(o, "owner") == "team");
        (await api.GetAsync("/v1/lineage/impact")).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task Tags_count_as_they_were_known_then_also_those_that_others_tell_of()
    {
        var (api, story) = await StoryAsync();
        var (tag, told) = (New.Name("consent"), new Told(story.Namespace));
        var tagged = (await api.PutAsync($"{story.Raw.Url}/tags/{tag}")).Expect(200).Position;
        var gone = (await api.DeleteAsync($"{story.Raw.Url}/tags/{tag}")).Expect(200).Position;
        var facet = $$"""{"tags":[{"key":"{{tag}}","value":"gold"},{"key":"{{tag}}","value":"pii","field":"x"}]}""";
        var position = await Told.SendAsync(
            api, told.Run($"{story.Namespace}-report", "report", "COMPLETE", 5, [], [told.Of("report", ("tags", facet))]));

        async Task<string[]> OfAsync(string which, string when) => Nodes(
            (await api.GetAsync($"/v1/lineage/impact?tag={which.Escaped()}&atLeast={position}{when}")).Expect(200), "models");

        Assert.Equal([story.Model.At(1), story.Model.At(2)], (await OfAsync(tag, $"&asOf={tagged}")).Order(StringComparer.Ordinal));
        Assert.Empty(await OfAsync(tag, $"&asOf={gone}"));
        var elsewhere = (await api.GetAsync($"/v1/lineage/impact?tag={$"{tag}:pii".Escaped()}&atLeast={position}")).Expect(200);
        Assert.Equal([$"{told.Column("report", "x")}"], elsewhere["of"].EnumerateArray().Select(n => n.GetString()));
        var gold = await api.GetAsync(
            $"/v1/lineage?node={told.Job("report").Escaped()}&direction=down&granularity=dataset&tag={$"{tag}:gold".Escaped()}");
        Assert.Equal([told.Job("report"), told.Dataset("report")], Ids(gold));
    }

    [Fact]
    public async Task A_tag_given_at_registration_and_one_of_a_run_reach_what_comes_of_them()
    {
        var (api, story) = await StoryAsync();
        var (ofDataset, ofRun) = (New.Name("tag"), New.Name("tag"));
        var name = New.Name("tagged");
        (await api.PostAsync("/v1/datasets", new { @namespace = story.Namespace, name, owner = "team", tags = new[] { ofDataset } }))
            .Expect(201);
        var position = (await api.PutAsync($"/v1/runs/{story.FirstRun}/tags/{ofRun}")).Expect(200).Position;

        var dataset = (await api.GetAsync($"/v1/lineage/impact?tag={ofDataset}&atLeast={position}")).Expect(200);
        var run = (await api.GetAsync($"/v1/lineage/impact?tag={ofRun}&atLeast={position}")).Expect(200);

        Assert.Equal([NodeId.Dataset(story.Namespace, name).ToString()], dataset["of"].EnumerateArray().Select(n => n.GetString()));
        Assert.Equal([story.Model.At(1)], Nodes(run, "models"));
    }

    [Fact]
    public async Task What_has_no_lineage_yet_is_there_and_what_was_not_known_then_is_said_so()
    {
        var (api, story) = await StoryAsync();
        var (empty, told) = (await New.DatasetAsync(api, story.Namespace, "empty"), new Told(story.Namespace));
        var position = await Told.SendAsync(api, told.About(told.Of("described"), 1));

        foreach (var node in new[] { empty.Node, $"{empty.Node}#x", told.Dataset("described") })
        {
            var granularity = node.Contains('#') ? "column" : "version";
            var answer = await api.GetAsync($"/v1/lineage?node={node.Escaped()}&granularity={granularity}&atLeast={position}");
            Assert.Equal([node], Ids(answer.Expect(200)));
        }

        var before = await api.GetAsync($"/v1/lineage?node={story.Model.At(2).Escaped()}&asOf={story.AfterFirst}");
        Assert.Contains("was not known", before.ExpectProblem(404, "node.not_found").Text);
        var beyond = await api.GetAsync($"/v1/lineage?node={story.Model.At(2).Escaped()}&asOf=999999999");
        beyond.ExpectProblem(400, "catalog.position_unknown");
    }

    [Fact]
    public async Task What_differs_upstream_of_two_models_is_named_by_kind()
    {
        var (api, story) = await StoryAsync();

        var differ = (await api.GetAsync(
            $"/v1/lineage/diff?from={story.Model.At(1).Escaped()}&to={story.Model.At(2).Escaped()}&atLeast={story.Position}")).Expect(200);
        var same = (await api.GetAsync(
            $"/v1/lineage/diff?from={story.Model.At(1).Escaped()}&toAsOf={story.Position}&atLeast={story.Position}")).Expect(200);

        Assert.False(differ["same"].GetBoolean());
        var dataset = Assert.Single(differ["datasets"].EnumerateArray());
        Assert.Equal(
            (story.Raw.Node, "1", "2"),
            (Text(dataset, "thing"), dataset.GetProperty("from")[0].GetString(), dataset.GetProperty("to")[0].GetString()));
        var run = Assert.Single(differ["runs"].EnumerateArray());
        Assert.Equal(("abc", "def"), (Text(run.GetProperty("codeRevision"), "from"), Text(run.GetProperty("codeRevision"), "to")));
        Assert.Equal("trees", Text(Assert.Single(run.GetProperty("parameters").EnumerateArray()), "name"));
        Assert.True(same["same"].GetBoolean());
    }

    [Fact]
    public async Task An_edge_is_explained_by_the_fact_that_says_it()
    {
        var (api, story) = await StoryAsync();

        var firstRun = $"run:{story.FirstRun}".Escaped();
        var edge = (await api.GetAsync(
            $"/v1/lineage/edge?from={story.Raw.At(1).Escaped()}&to={firstRun}&atLeast={story.Position}")).Expect(200);

        var statement = Assert.Single(edge["statements"].EnumerateArray());
        Assert.Equal("input", Text(statement, "relation"));
        var evidence = statement.GetProperty("because");
        Assert.Equal(("run_input_read", $"run:{story.FirstRun}"), (Text(evidence, "type"), Text(evidence, "stream")));
        Assert.Equal(story.Raw.At(1), evidence.GetProperty("fact").GetProperty("dataset").GetString());
        (await api.GetAsync($"/v1/lineage/edge?from={story.Raw.At(1).Escaped()}&to={story.Model.At(2).Escaped()}"))
            .ExpectProblem(404, "edge.not_found");
    }

    [Fact]
    public async Task What_open_lineage_clients_say_is_in_the_graph_as_soon_as_it_is_acknowledged()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ol");
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await SendAsync(api, ns, first, "COMPLETE", "2026-03-01T10:00:00Z", inputs: [], outputs: ["orders"]);
        await SendAsync(api, ns, second, "START", "2026-03-01T11:00:00Z", inputs: ["orders"], outputs: ["report"]);
        var position = await SendAsync(api, ns, second, "COMPLETE", "2026-03-01T11:05:00Z", inputs: [], outputs: []);
        await SendAsync(api, ns, second, "COMPLETE", "2026-03-01T11:05:00Z", inputs: [], outputs: []);

        var up = await api.GetAsync($"/v1/lineage?node={$"dataset:{ns}/report".Escaped()}&atLeast={position}");

        Assert.Equal([$"dataset:{ns}/report@run.{second}", $"run:{second}", $"dataset:{ns}/orders@run.{first}", $"run:{first}"], Ids(up));
        Assert.Equal(["output", "input", "output"], Relations(up));
    }

    /// <returns>The log position that includes the event.</returns>
    private static async Task<string> SendAsync(
        Api api, string ns, Guid run, string type, string time, IEnumerable<string> inputs, IEnumerable<string> outputs) =>
        (await api.PostAsync("/api/v1/lineage", new
        {
            eventType = type,
            eventTime = time,
            producer = "https://example.com/test",
            schemaURL = "https://openlineage.io/spec/2-0-2/OpenLineage.json",
            run = new { runId = run },
            job = new { @namespace = ns, name = "load" },
            inputs = inputs.Select(name => new { @namespace = ns, name }),
            outputs = outputs.Select(name => new { @namespace = ns, name }),
        })).Expect(201).Headers.GetValues("Catalog-Position").Single();

    /// <summary>Two versions of a dataset, each read by a run that trained a version of one model.</summary>
    private async Task<(Api Api, Story Story)> StoryAsync()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var (raw, model) = (await New.DatasetAsync(api, ns, "raw"), await New.ModelAsync(api, ns));
        var (first, after) = await TrainAsync(api, ns, raw, model, "abc", "100");
        var (_, position) = await TrainAsync(api, ns, raw, model, "def", "200");
        return (api, new Story(ns, raw, model, first, after, position));
    }

    private async Task<(Guid Run, long Position)> TrainAsync(
        Api api, string ns, DatasetName raw, ModelName model, string code, string trees)
    {
        var uri = New.File(server.NewFolder(), "data", New.Name());
        (await api.PostAsync(raw.Versions, new { files = new[] { new { uri } } })).Expect(201);
        var run = Guid.CreateVersion7();
        (await api.PostAsync(
            "/v1/runs",
            new { id = run, job = new { @namespace = ns, name = "train" }, codeRevision = code, parameters = new { trees } })).Expect(201);
        (await api.PostAsync($"/v1/runs/{run}/inputs", new { dataset = raw.Node, role = "train" })).Expect(201);
        var sha256 = (await api.UploadAsync(System.Text.Encoding.UTF8.GetBytes(trees)))["sha256"].GetString();
        var made = await api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 } } });
        return (run, made.Expect(201).Position);
    }

    private static string[] Ids(Answer answer) => [.. answer.Expect(200)["nodes"].EnumerateArray().Select(n => Text(n, "id"))];

    private static string[] Relations(Answer answer) => [.. answer["edges"].EnumerateArray().Select(e => Text(e, "relation"))];

    private static string[] Nodes(Answer answer, string kind) => [.. answer[kind].EnumerateArray().Select(n => Text(n, "node"))];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private sealed record Story(string Namespace, DatasetName Raw, ModelName Model, Guid FirstRun, long AfterFirst, long Position);
}
