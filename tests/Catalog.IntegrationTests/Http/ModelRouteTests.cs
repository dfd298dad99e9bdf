using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class ModelRouteTests(ServerFixture server)
{
    [Fact]
    public async Task A_model_lives_from_registration_to_retirement()
    {
        var api = await server.ApiAsync();
        var model = await New.ModelAsync(api);
        var run = await New.RunAsync(api, model.Namespace);
        var artifact = "weights"u8.ToArray();
        var sha256 = (await api.UploadAsync(artifact)).Expect(201)["sha256"].GetString();
        var body = new { run, files = new[] { new { path = "model.zip", sha256 } }, idempotencyKey = "once", message = "First." };

        var made = (await api.PostAsync(model.Url + "/versions", body)).Expect(201);
        Assert.Equal((1, model.At(1)), (made.Version, made["node"].GetString()));
        Assert.Equal(1, (await api.PostAsync(model.Url + "/versions", body)).Expect(200).Version);
        (await api.PostAsync(model.Url + "/versions", body with { message = "Other." })).ExpectProblem(409, "version.key_reused");

        (await api.PutAsync(model.Url + "/aliases/champion", new { version = 1 })).Expect(200);
        var deployed = (await api.PutAsync(model.Url + "/deployments/eu", new { version = "champion" })).Expect(200);
        Assert.Equal(($"deployment:{model.Namespace}/eu", 1), (deployed["node"].GetString(), deployed.Version));

        var page = (await api.GetAsync(model.Url)).Expect(200);
        Assert.Equal("{\"champion\":1}", page["aliases"].GetRawText());
        Assert.Equal("{\"eu\":1}", page["deployments"].GetRawText());
        var version = (await api.GetAsync(model.Url + "/versions/champion")).Expect(200);
        Assert.Equal((1, "First."), (version["number"].GetInt32(), version["message"].GetString()));
        Assert.Single((await api.GetAsync(model.Url + "/versions")).Items);
        Assert.Equal("model.zip", Assert.Single((await api.GetAsync(model.Url + "/versions/1/files")).Items).GetProperty("path")
            .GetString());
        Assert.Equal(artifact, (await api.GetAsync(model.Url + "/versions/1/content?path=model.zip")).Expect(200).Bytes);
        Assert.True((await api.PostAsync(model.Url + "/versions/1/verify")).Expect(200)["verified"].GetBoolean());

        (await api.PostAsync(model.Url + "/retire", new { reason = "Old." })).ExpectProblem(409, "model.deployed");
        (await api.DeleteAsync(model.Url + "/deployments/eu")).Expect(200);
        (await api.DeleteAsync(model.Url + "/aliases/champion")).Expect(200);
        (await api.PostAsync(model.Url + "/retire", new { reason = "Old." })).Expect(201);
        (await api.PutAsync(model.Url + "/aliases/champion", new { version = 1 })).ExpectProblem(409, "model.retired");
    }

    [Fact]
    public async Task What_is_not_there_or_not_allowed_is_refused()
    {
        var api = await server.ApiAsync();
        var model = await New.ModelAsync(api);
        var run = await New.RunAsync(api);
        var sha256 = (await api.UploadAsync("w"u8.ToArray()))["sha256"].GetString();
        var files = new[] { new { path = "m", sha256 } };

        (await api.PostAsync("/v1/models", new { @namespace = model.Namespace, name = model.Name, owner = "other" }))
            .ExpectProblem(409, "model.exists");
        (await api.PostAsync(model.Url + "/versions", new { run = Guid.CreateVersion7(), files })).ExpectProblem(404, "run.not_found");
        (await api.PostAsync(model.Url + "/versions", new { files })).ExpectProblem(400, "request.malformed");
        (await api.PostAsync(model.Url + "/versions", new { run, files = Array.Empty<object>() })).ExpectProblem(400, "request.invalid");
        (await api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 = new string('0', 64) } } }))
            .ExpectProblem(422, "object.not_found");
        (await api.PutAsync(model.Url + "/aliases/champion", new { version = 1 })).ExpectProblem(404, "version.not_found");
        (await api.PutAsync(model.Url + "/deployments/eu", new { version = "champion" })).ExpectProblem(404, "version.not_found");
        (await api.GetAsync(model.Url + "/versions/1")).ExpectProblem(404, "version.not_found");
        (await api.GetAsync(model.Url + "/versions/1/files")).ExpectProblem(404, "version.not_found");
        (await api.GetAsync(model.Url + "x")).ExpectProblem(404, "model.not_found");
        (await api.GetAsync(model.Url + "x/versions")).ExpectProblem(404, "model.not_found");

        await api.PostAsync($"/v1/runs/{run}/complete");
        (await api.PostAsync(model.Url + "/versions", new { run, files })).ExpectProblem(409, "run.ended");
    }

    [Fact]
    public async Task A_key_whose_request_changed_nothing_is_remembered_whatever_happens_since()
    {
        var api = await server.ApiAsync();
        var model = await New.ModelAsync(api);
        var run = await New.RunAsync(api, model.Namespace);
        var (one, two) = (await FilesAsync("one"), await FilesAsync("two"));
        (await api.PostAsync(model.Url + "/versions", new { run, files = one })).Expect(201);

        Assert.Equal(
            1, (await api.PostAsync(model.Url + "/versions", new { run, files = one, idempotencyKey = "again" })).Expect(200).Version);
        (await api.PostAsync(model.Url + "/versions", new { run, files = two })).Expect(201);
        Assert.Equal(
            1, (await api.PostAsync(model.Url + "/versions", new { run, files = one, idempotencyKey = "again" })).Expect(200).Version);
        (await api.PostAsync(model.Url + "/versions", new { run, files = two, idempotencyKey = "again" }))
            .ExpectProblem(409, "version.key_reused");
        (await api.PostAsync(model.Url + "/versions", new { run, files = two, idempotencyKey = "" })).ExpectProblem(400, "request.invalid");
        Assert.Equal(2, (await api.GetAsync(model.Url))["latest"].GetInt32());

        async Task<object[]> FilesAsync(string text) =>
        [
            new
            {
                path = "m",
                sha256 = (await api.UploadAsync(System.Text.Encoding.UTF8.GetBytes(text))).Expect(201)["sha256"].GetString(),
            },
        ];
    }

    [Fact]
    public async Task An_endpoint_whose_name_is_no_node_is_refused_before_anything_is_stored()
    {
        var api = await server.ApiAsync();
        var model = await New.ModelAsync(api, new string('語', 150) + New.Name());
        var run = await New.RunAsync(api);
        var sha256 = (await api.UploadAsync("w"u8.ToArray()))["sha256"].GetString();
        (await api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 } } })).Expect(201);
        var node = NodeId.Model(model.Namespace, model.Name).ToString();
        var facts = await server.CountFactsOnAsync(node);

        var refused = (await api.PutAsync(model.Url + Api.Path($"/deployments/{new string('語', 512)}"), new { version = "1" }))
            .ExpectProblem(400, "request.invalid");

        Assert.True(refused["errors"].TryGetProperty("endpoint", out _), refused.Text);
        Assert.Equal(facts, await server.CountFactsOnAsync(node));
    }

    [Fact]
    public async Task Models_are_listed_by_namespace()
    {
        var api = await server.ApiAsync();
        var model = await New.ModelAsync(api);
        var etag = (await api.GetAsync(model.Url)).ETag;
        var position = (await api.PostAsync(model.Url + "/retire", new { reason = "x" })).Position;
        var listed = (await api.GetAsync($"/v1/models?namespace={model.Namespace}&atLeast={position}")).Expect(200);
        Assert.True(Assert.Single(listed.Items).GetProperty("retired").GetBoolean());
        Assert.NotEqual(etag, (await api.GetAsync(model.Url)).ETag);
    }
}
