using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class LineageRouteTests(ServerFixture server)
{
    [Fact]
    public async Task A_deployment_leads_back_to_the_files_and_a_file_on_to_the_deployment()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var (raw, features) = (await New.DatasetAsync(api, ns, "raw"), await New.DatasetAsync(api, ns, "features"));
        var model = await New.ModelAsync(api, ns);
        var text = New.Name();
        await CommitAsync(api, raw, text);
        var engineering = await New.RunAsync(api, ns);
        await api.PostAsync($"/v1/runs/{engineering}/inputs", new { dataset = raw.Node });
        await CommitAsync(api, features, text + "!", engineering);
        var training = await New.RunAsync(api, ns);
        await api.PostAsync($"/v1/runs/{training}/inputs", new { dataset = features.At(1), role = "train" });
        var sha256 = (await api.UploadAsync("w"u8.ToArray()))["sha256"].GetString();
        (await api.PostAsync(model.Url + "/versions", new { run = training, files = new[] { new { path = "m", sha256 } } })).Expect(201);
        var position = (await api.PutAsync(model.Url + "/deployments/eu", new { version = "1" })).Expect(200).Position;

        var file = $"file:{New.Sha256(System.Text.Encoding.UTF8.GetBytes(text))}";
        string[] chain = [$"deployment:{ns}/eu", model.At(1), $"run:{training}", features.At(1), $"run:{engineering}", raw.At(1), file];
        var up = (await api.GetAsync($"/v1/lineage?node={chain[0].Escaped()}&direction=up&atLeast={position}")).Expect(200);
        Assert.Equal(chain, up["nodes"].EnumerateArray().Select(n => n.GetProperty("id").GetString()));
        Assert.Equal(Enumerable.Range(0, 7), up["nodes"].EnumerateArray().Select(n => n.GetProperty("depth").GetInt32()));
        Assert.Equal(["deployed", "trained", "input", "output", "input", "file"], up["edges"].EnumerateArray()
            .Select(e => e.GetProperty("relation").GetString()));
        Assert.True(up.Position >= position);

        var down = (await api.GetAsync($"/v1/lineage?node={file}&direction=down&atLeast={position}")).Expect(200);
        Assert.Equal(chain.Reverse(), down["nodes"].EnumerateArray().Select(n => n.GetProperty("id").GetString()));
        var near = (await api.GetAsync($"/v1/lineage?node={chain[0].Escaped()}&depth=2&limit=2")).Expect(200);
        Assert.True(near["truncated"].GetBoolean());
        Assert.Equal(2, near["nodes"].GetArrayLength());
    }

    [Theory]
    [InlineData("node=model:a/b&depth=-1", 400, "request.invalid")]
    [InlineData("node=model:a/b&depth=2.5", 400, "request.invalid")]
    [InlineData("node=model:a/b&depth=1001", 400, "request.invalid")]
    [InlineData("node=model:a/b&depth=99999999999999999999", 400, "request.invalid")]
    [InlineData("node=model:a/b&limit=0", 400, "request.invalid")]
    [InlineData("node=model:a/b&direction=sideways", 400, "request.invalid")]
    [InlineData("node=model:a/b&atLeast=-1", 400, "request.invalid")]
    [InlineData("", 400, "request.invalid")]
    [InlineData("node=model:a/b&node=model:a/c", 400, "node.invalid")]
    [InlineData("node=model", 400, "node.invalid")]
    [InlineData("node=feature-view:a/b", 404, "node.not_found")]
    [InlineData("node=run:0198", 404, "node.not_found")]
    [InlineData("node=file:0000", 400, "node.invalid")]
    [InlineData("node=dataset:no/such", 404, "node.not_found")]
    [InlineData("node=deployment:no/such", 404, "node.not_found")]
    public async Task Questions_that_make_no_sense_are_refused(string query, int status, string code) =>
        (await (await server.ApiAsync()).GetAsync($"/v1/lineage?{query}")).ExpectProblem(status, code);

    [Fact]
    public async Task Two_long_names_that_nothing_shortens_are_an_edge_like_any_other()
    {
        var api = await server.ApiAsync();
        var model = new ModelName(New.Name("ns"), Long(20_000));
        (await api.PostAsync("/v1/models", new { @namespace = model.Namespace, name = model.Name, owner = "team" })).Expect(201);
        var run = await New.RunAsync(api);
        var sha256 = (await api.UploadAsync("w"u8.ToArray()))["sha256"].GetString();
        (await api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 } } })).Expect(201);
        var endpoint = Long(25_000);
        var position = (await api.PutAsync(model.Url + Api.Path($"/deployments/{endpoint}"), new { version = "1" })).Expect(200).Position;

        var up = (await api.GetAsync(
            $"/v1/lineage?node={NodeId.Deployment(model.Namespace, endpoint).ToString().Escaped()}&atLeast={position}")).Expect(200);

        Assert.Contains(model.At(1), up["nodes"].EnumerateArray().Select(n => n.GetProperty("id").GetString()));

        // 480 different characters of three bytes each.
        static string Long(int from) => string.Concat(Enumerable.Range(0, 480).Select(i => (char)(from + (i * 7 % 4_999))));
    }

    [Fact]
    public async Task A_level_with_more_edges_than_there_is_room_for_is_said_to_be_cut()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset, New.Name());
        var position = 0L;
        for (var n = 0; n < 25; n++)
            position = (await api.PostAsync(
                $"/v1/runs/{await New.RunAsync(api, dataset.Namespace)}/inputs", new { dataset = dataset.Node })).Expect(201).Position;

        foreach (var node in (string[])[dataset.At(1), $"job:{dataset.Namespace}/train"])
        {
            var few = (await api.GetAsync($"/v1/lineage?node={node.Escaped()}&direction=down&depth=1&limit=2&atLeast={position}"))
                .Expect(200);
            var all = (await api.GetAsync($"/v1/lineage?node={node.Escaped()}&direction=down&depth=1&limit=26&atLeast={position}"))
                .Expect(200);

            Assert.Equal((true, 2), (few["truncated"].GetBoolean(), few["nodes"].GetArrayLength()));
            Assert.Equal((false, 26), (all["truncated"].GetBoolean(), all["nodes"].GetArrayLength()));
        }
    }

    private async Task CommitAsync(Api api, DatasetName dataset, string text, Guid? run = null) =>
        (await api.PostAsync(dataset.Versions, new { run, files = new[] { new { uri = New.File(server.NewFolder(), "data", text) } } }))
            .Expect(201);
}
