using System.Net;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class ActiveRunTests
{
    private static readonly Guid Id = Guid.Parse("0198c5f4-0000-7000-8000-000000000001");
    private static readonly string Done = $$"""{"node":"run:{{Id}}","changed":true,"position":1}""";

    [Fact]
    public async Task A_run_disposed_without_completion_is_marked_failed()
    {
        var server = Server().Always($"POST /v1/runs/{Id}/fail", Done);
        await using var catalog = server.Connect();

        await using (await StartAsync(catalog))
        {
        }

        Assert.Equal($"/v1/runs/{Id}/fail", server.Requests[^1].Target);
        Assert.Contains("without having been completed", server.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_completed_is_left_alone()
    {
        var server = Server().Always($"POST /v1/runs/{Id}/complete", Done);
        await using var catalog = server.Connect();

        await using (var run = await StartAsync(catalog))
            await run.CompleteAsync();

        Assert.Equal($"/v1/runs/{Id}/complete", server.Requests[^1].Target);
    }

    [Fact]
    public async Task A_run_whose_catalog_has_gone_is_disposed_without_a_word()
    {
        var server = Server();
        await using var catalog = server.Connect(maxRetries: 0);
        var run = await StartAsync(catalog);
        server.ThenBreaks(HttpRequestError.ConnectionError);

        await run.DisposeAsync();

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task What_is_read_is_pinned_as_an_input()
    {
        var server = Server().Always(
            $"POST /v1/runs/{Id}/inputs", """{"node":"dataset:demo/flights@3","changed":true,"position":5,"version":3}""");
        await using var catalog = server.Connect();
        var run = await StartAsync(catalog);

        var flights = await run.ReadAsync("demo/flights", "latest", role: "train");

        Assert.Equal("dataset:demo/flights@3", flights.Node.ToString());
        Assert.Equal("""{"dataset":"dataset:demo/flights@latest","role":"train"}""", server.Requests[^1].Body);
    }

    [Fact]
    public async Task Parameters_are_kept_as_text_that_reads_back()
    {
        var server = Server().Always($"POST /v1/runs/{Id}/parameters", Done);
        await using var catalog = server.Connect();
        var run = await StartAsync(catalog);

        await run.LogParametersAsync(new Dictionary<string, object> { ["trees"] = 100, ["rate"] = 0.1, ["deep"] = true, ["name"] = "x" });

        Assert.Equal("""{"values":{"trees":"100","rate":"0.1","deep":"true","name":"x"}}""", server.Requests[^1].Body);
    }

    [Theory]
    [InlineData(201, """{"node":"model:demo/delay","changed":true,"position":2}""")]
    [InlineData(409, """{"status":409,"code":"model.exists","detail":"Another run of another owner came first."}""")]
    public async Task A_model_that_is_not_there_yet_is_registered_and_its_files_are_sent_once(int status, string answer)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "");
        const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        var registered = false;
        var server = Server()
            .Always("POST /v1/objects", $$"""{"sha256":"{{Empty}}","bytes":0,"uri":"o"}""")
            .Always("GET /v1/whoami", """{"principal":"team-ml","role":"writer"}""")
            .Always("POST /v1/models", _ =>
            {
                registered = true;
                return StandInServer.Json((HttpStatusCode)status, answer);
            })
            .Always("POST /v1/models/demo/delay/versions", _ => registered
                ? StandInServer.Json(HttpStatusCode.Created, """{"node":"model:demo/delay@1","changed":true,"position":3,"version":1}""")
                : StandInServer.Json(HttpStatusCode.NotFound, StandInServer.Problem(404, "model.not_found", "There is none.")));
        await using var catalog = server.Connect();
        var run = await StartAsync(catalog);

        var model = await run.LogModelAsync("demo/delay", path);
        File.Delete(path);

        Assert.Equal("model:demo/delay@1", model.Node.ToString());
        Assert.Contains(server.Requests, r => r is { Target: "/v1/models" } && r.Body.Contains("team-ml", StringComparison.Ordinal));
        Assert.Single(server.Requests, r => r.Target == "/v1/objects");
        var commits = server.Requests.Where(r => r.Target == "/v1/models/demo/delay/versions").ToList();
        Assert.Equal(2, commits.Count);
        Assert.Equal(commits[0].Body, commits[1].Body);
    }

    [Fact]
    public async Task A_refusal_to_register_is_a_refusal()
    {
        var server = Server()
            .Always("GET /v1/whoami", """{"principal":"team-ml","role":"writer"}""")
            .Always("POST /v1/datasets/demo/x/versions", _ =>
                StandInServer.Json(HttpStatusCode.NotFound, StandInServer.Problem(404, "dataset.not_found", "There is none.")))
            .Always("POST /v1/datasets", _ =>
                StandInServer.Json(HttpStatusCode.Conflict, StandInServer.Problem(409, "dataset.retired", "It was retired.")));
        await using var catalog = server.Connect();
        var run = await StartAsync(catalog);

        var e = await Assert.ThrowsAsync<CatalogException>(() => run.WriteAsync("demo/x", new NewVersion()));

        Assert.Equal("dataset.retired", e.Code);
    }

    private static StandInServer Server() => new StandInServer().Always("POST /v1/runs", Done);

    private static Task<ActiveRun> StartAsync(CatalogClient catalog) => catalog.StartRunAsync("demo/train", new() { Id = Id });
}
