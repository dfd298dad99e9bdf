using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

/// <summary>Lineage in the formats of others, and files at either end of a question.</summary>
public sealed class LineageExportTests(ServerFixture server)
{
    [Theory]
    [InlineData("tree", "text/plain")]
    [InlineData("mermaid", "text/plain")]
    [InlineData("prov", "application/json")]
    [InlineData("openLineage", "application/json")]
    [InlineData("json", "application/json")]
    public async Task Every_format_says_what_it_is_and_where_the_log_stood(string format, string type)
    {
        var (api, story) = await StoryAsync();

        var answer = (await api.GetAsync(
            $"/v1/lineage?node={story.Model.At(1).Escaped()}&format={format}&atLeast={story.Position}")).Expect(200);

        Assert.Equal((type, "utf-8"), (answer.ContentType, answer.ContentHeaders.ContentType?.CharSet ?? "utf-8"));
        if (format == "json")
            Assert.True(answer.Position >= story.Position);
        else
            Assert.True(long.Parse(answer.Headers.GetValues("Catalog-Position").Single()) >= story.Position);
        Assert.Contains(story.Run.ToString(), answer.Text);
    }

    [Fact]
    public async Task Provenance_tells_who_ran_what_when_and_after_which_plan()
    {
        var (api, story) = await StoryAsync();
        var failed = (await api.PostAsync($"/v1/runs/{story.Run}/fail", new { reason = "no more memory" })).Expect(201).Position;

        var prov = (await api.GetAsync(
            $"/v1/lineage?node={story.Model.At(1).Escaped()}&format=prov&atLeast={failed}")).Expect(200);

        var run = prov["activity"].GetProperty($"run:{story.Run}");
        Assert.True(run.GetProperty("prov:startTime").GetDateTimeOffset() <= run.GetProperty("prov:endTime").GetDateTimeOffset());
        Assert.Equal("failed", run.GetProperty("catalog:state").GetString());
        var association = Assert.Single(prov["wasAssociatedWith"].EnumerateObject()).Value;
        Assert.Equal("principal:admin", association.GetProperty("prov:agent").GetString());
        Assert.Equal($"job:{story.Raw.Namespace}/train", association.GetProperty("prov:plan").GetString());
        Assert.Equal(3, prov["specializationOf"].EnumerateObject().Count() + prov["hadMember"].EnumerateObject().Count());
    }

    [Fact]
    public async Task What_a_limit_left_out_is_said_in_a_header()
    {
        var (api, story) = await StoryAsync();

        var few = (await api.GetAsync(
            $"/v1/lineage?node={story.Model.At(1).Escaped()}&format=tree&limit=2&atLeast={story.Position}")).Expect(200);

        Assert.Equal("true", few.Headers.GetValues("Catalog-Truncated").Single());
        Assert.Contains("more than was asked for", few.Text);
    }

    [Theory]
    [InlineData("format=svg", 400, "request.invalid")]
    [InlineData("format=tree&format=prov", 400, "request.invalid")]
    [InlineData("format=prov", 404, "node.not_found")]
    public async Task What_cannot_be_written_is_a_problem_like_any_other(string query, int status, string code) =>
        (await (await server.ApiAsync()).GetAsync($"/v1/lineage?node=dataset:no/such&{query}")).ExpectProblem(status, code);

    [Fact]
    public async Task A_path_begins_at_a_file_and_ends_at_what_it_flowed_into()
    {
        var (api, story) = await StoryAsync();
        var (file, model, version) = (story.File, story.Model.At(1), story.Raw.At(1));

        async Task<string[]> WayAsync(string from, string to, string more = "")
        {
            var path = await api.GetAsync($"/v1/lineage/path?from={from.Escaped()}&to={to.Escaped()}&atLeast={story.Position}{more}");
            return [.. path.Expect(200)["edges"].EnumerateArray().Select(e => $"{e.GetProperty("relation")} {e.GetProperty("to")}")];
        }

        Assert.Equal([$"file {version}", $"input run:{story.Run}", $"trained {model}"], await WayAsync(file, model));
        Assert.Equal([$"file {version}"], await WayAsync(file, version));
        Assert.Equal(3, (await WayAsync(file, model, "&depth=3")).Length);
        Assert.Empty(await WayAsync(file, model, "&depth=2"));
        Assert.Empty(await WayAsync(model, file));
        Assert.True((await api.GetAsync($"/v1/lineage/path?from={file}&to={file}")).Expect(200)["found"].GetBoolean());
        Assert.False((await api.GetAsync($"/v1/lineage/path?from={model.Escaped()}&to={file}")).Expect(200)["found"].GetBoolean());
        (await api.GetAsync($"/v1/lineage/path?from=file:{new string('0', 64)}&to={model.Escaped()}"))
            .ExpectProblem(404, "node.not_found");
    }

    [Fact]
    public async Task That_a_file_is_part_of_a_version_is_explained_by_the_commit()
    {
        var (api, story) = await StoryAsync();

        var edge = (await api.GetAsync(
            $"/v1/lineage/edge?from={story.File}&to={story.Raw.At(1).Escaped()}&atLeast={story.Position}")).Expect(200);

        var said = Assert.Single(edge["assertions"].EnumerateArray());
        Assert.Equal("file", said.GetProperty("relation").GetString());
        Assert.Equal("dataset_version_committed", said.GetProperty("fact").GetProperty("type").GetString());
        Assert.Equal("file", Assert.Single(edge["statements"].EnumerateArray()).GetProperty("relation").GetString());
        (await api.GetAsync($"/v1/lineage/edge?from={story.File}&to={story.Model.At(1).Escaped()}")).ExpectProblem(404, "edge.not_found");
    }

    /// <summary>A file in a version, which a run trained a model with.</summary>
    private async Task<(Api Api, Story Story)> StoryAsync()
    {
        var api = await server.ApiAsync();
        var (ns, text) = (New.Name("ns"), New.Name());
        var (raw, model) = (await New.DatasetAsync(api, ns, "raw"), await New.ModelAsync(api, ns));
        (await api.PostAsync(raw.Versions, new { files = new[] { new { uri = New.File(server.NewFolder(), "data", text) } } })).Expect(201);
        var run = await New.RunAsync(api, ns);
        (await api.PostAsync($"/v1/runs/{run}/inputs", new { dataset = raw.Node })).Expect(201);
        var sha256 = (await api.UploadAsync(System.Text.Encoding.UTF8.GetBytes(text + "w")))["sha256"].GetString();
        var made = await api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 } } });
        return (api, new Story(
            raw, model, run, $"file:{New.Sha256(System.Text.Encoding.UTF8.GetBytes(text))}", made.Expect(201).Position));
    }

    private sealed record Story(DatasetName Raw, ModelName Model, Guid Run, string File, long Position);
}
