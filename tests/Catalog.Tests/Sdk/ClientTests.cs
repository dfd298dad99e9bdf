using System.Net;
using Catalog.Access;
using Catalog.Schemas;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class ClientTests
{
    private const string Written = """{"node":"dataset:demo/flights","changed":true,"position":41}""";

    [Fact]
    public async Task Whoever_wrote_reads_its_own_writes()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.Created, Written, r => r.Headers.Add("Catalog-Position", "41"))
            .Then(HttpStatusCode.OK, Written, r => r.Headers.Add("Catalog-Position", "12"))
            .Then(HttpStatusCode.OK, """{"items":[],"next":null}""");
        await using var catalog = server.Connect();

        await catalog.Datasets.RegisterAsync("demo/flights", new Registration("me"));
        await catalog.Datasets.TagAsync("demo/flights", "pii");
        await catalog.Datasets.ListAsync().ToListAsync();

        Assert.Equal(41, catalog.Position);
        Assert.Contains("atLeast=41", server.Requests[^1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_work_names_its_position_in_its_last_line()
    {
        var server = new StandInServer()
            .Then(_ => StandInServer.Lines("""{"result":{"node":"dataset:demo/flights@3","changed":true,"position":9,"version":3}}"""))
            .Always("GET /v1/datasets", """{"items":[],"next":null}""");
        await using var catalog = server.Connect();

        await catalog.Datasets.CommitAsync("demo/flights", new NewVersion());
        await catalog.Datasets.ListAsync().ToListAsync();
        Assert.Contains("atLeast=9", server.Requests[^1].Target, StringComparison.Ordinal);

        server.Then(_ => StandInServer.Lines(
            """{"result":{"node":"dataset:demo/flights@3","verified":true,"files":1,"bytes":1,"failures":[],"position":11}}"""));
        await catalog.Datasets.VerifyAsync("demo/flights", 3);
        await catalog.Datasets.ListAsync().ToListAsync();
        Assert.Contains("atLeast=11", server.Requests[^1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_listed_as_they_are_after_the_last_change()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.Created, """{"id":"1","name":"ci","role":"writer","principal":"ci","key":"cat_1_2","position":30}""")
            .Then(HttpStatusCode.OK, """{"id":"1","changed":true,"position":31}""")
            .Always("GET /v1/keys", """{"items":[],"next":null}""");
        await using var catalog = server.Connect();

        await catalog.Keys.CreateAsync("ci", Role.Writer);
        Assert.Equal(30, catalog.Position);
        await catalog.Keys.RevokeAsync("1");
        await catalog.Keys.ListAsync().ToListAsync();

        Assert.Contains("atLeast=31", server.Requests[^1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_catalog_was_restored_the_client_reads_what_there_is()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.Created, Written)
            .Then(HttpStatusCode.BadRequest, StandInServer.Problem(400, "catalog.position_unknown", "The log ends before."))
            .Always("GET /v1/datasets", """{"items":[],"next":null}""");
        await using var catalog = server.Connect();

        await catalog.Datasets.RegisterAsync("demo/flights", new Registration("me"));
        await catalog.Datasets.ListAsync().ToListAsync();

        Assert.Equal(0, catalog.Position);
        Assert.Equal(["/v1/datasets?limit=100&atLeast=41", "/v1/datasets?limit=100"], server.Requests.Skip(1).Select(r => r.Target));
    }

    [Fact]
    public async Task A_model_is_registered_without_what_models_do_not_have()
    {
        var server = new StandInServer().Then(HttpStatusCode.Created, """{"node":"model:demo/delay","changed":true,"position":1}""");
        using var catalog = server.Connect();

        await catalog.Models.RegisterAsync("demo/delay", new ModelRegistration("me", "What it is"));

        Assert.Equal("""{"namespace":"demo","name":"delay","owner":"me","documentation":"What it is"}""", server.Requests[0].Body);
    }

    [Fact]
    public async Task Nodes_of_receipts_are_taken_where_names_and_versions_are()
    {
        var server = new StandInServer();
        await using var catalog = server.Connect(maxRetries: 0);
        var (flights, delay) = (NodeId.Dataset("demo", "flights", 3), NodeId.Model("demo", "delay", "champion"));
        var id = Guid.CreateVersion7();

        foreach (var call in (Func<Task>[])
                 [
                     () => catalog.Datasets.GetVersionAsync(flights),
                     () => catalog.Datasets.SealAsync(flights),
                     () => catalog.Datasets.VerifyAsync(flights),
                     () => catalog.Models.ReadAsync(delay),
                     () => catalog.Models.DeployAsync(delay, "eu"),
                     () => catalog.Runs.AddInputAsync(id, flights.WithoutVersion()),
                 ])
            await Assert.ThrowsAsync<CatalogException>(call);

        Assert.Equal(
            [
                "/v1/datasets/demo/flights/versions/3",
                "/v1/datasets/demo/flights/versions/3/seal",
                "/v1/datasets/demo/flights/versions/3/verify",
                "/v1/models/demo/delay/versions/champion",
                "/v1/models/demo/delay/deployments/eu",
                $"/v1/runs/{id}/inputs",
            ],
            server.Requests.Select(r => r.Target));
        Assert.Equal("""{"dataset":"dataset:demo/flights@latest"}""", server.Requests[^1].Body);
        await Assert.ThrowsAsync<ArgumentException>(() => catalog.Datasets.GetVersionAsync(delay));
        Assert.Throws<FormatException>(() => new VersionRef(""));
    }

    [Fact]
    public async Task A_listing_is_read_to_its_end_as_far_as_the_reader_goes()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.OK, """{"items":[{"path":"a","uri":"u","bytes":1},{"path":"b","uri":"u","bytes":1}],"next":"c/+ 1"}""")
            .Then(HttpStatusCode.OK, """{"items":[{"path":"c","uri":"u","bytes":1,"sha256":"cc"}],"next":null}""");
        await using var catalog = server.Connect();
        var reader = catalog.Datasets.Reader(NodeId.Dataset("demo", "flights", 1));

        Assert.Equal(["a"], await reader.Files().Take(1).Select(f => f.Path).ToListAsync());
        Assert.Single(server.Requests);
        server.Requests.Clear();
        server.Then(HttpStatusCode.OK, """{"items":[],"next":null}""");
        Assert.Equal(["c"], await reader.Files().Select(f => f.Path).ToListAsync());
    }

    [Fact]
    public async Task A_cursor_travels_encoded()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.OK, """{"items":[],"next":"c/+ 1"}""")
            .Then(HttpStatusCode.OK, """{"items":[],"next":null}""");
        await using var catalog = server.Connect();

        await catalog.Jobs.ListAsync("a b&c").ToListAsync();

        Assert.Equal("/v1/jobs?namespace=a%20b%26c&limit=100&after=c%2F%2B%201", server.Requests[^1].Target);
    }

    [Theory]
    [InlineData("s3://lake", "a/b", "/v1/datasets/s3%3A%2F%2Flake/a%2Fb")]
    [InlineData("%2F", "%252F", "/v1/datasets/%252F/%25252F")]
    [InlineData("space here", "🛫", "/v1/datasets/space%20here/%F0%9F%9B%AB")]
    [InlineData("a\\b", "..x", "/v1/datasets/a%5Cb/..x")]
    public async Task Names_arrive_as_they_are(string ns, string name, string target)
    {
        var server = new StandInServer();
        await using var catalog = server.Connect(maxRetries: 0);

        await Assert.ThrowsAsync<CatalogException>(() => catalog.Datasets.GetAsync((ns, name)));

        Assert.Equal(target, server.Requests[0].Target);
    }

    [Fact]
    public async Task Every_call_says_who_and_what_for()
    {
        var server = new StandInServer().Then(HttpStatusCode.OK, """{"principal":"me","role":"reader","purpose":"audit"}""");
        await using var catalog = new CatalogClient(
            new Uri("http://catalog.test/base/"), "cat_1_2", new CatalogClientOptions { Handler = server, Purpose = Purpose.Audit });

        var me = await catalog.WhoAmIAsync();

        Assert.Equal(Purpose.Audit, me.Purpose);
        Assert.Equal("Bearer cat_1_2", server.Requests[0].Headers.Authorization?.ToString());
        Assert.Equal("audit", Assert.Single(server.Requests[0].Headers.GetValues("Catalog-Purpose")));
        Assert.Equal("/base/v1/whoami", server.Requests[0].Target);
    }

    [Fact]
    public async Task A_commit_tells_how_far_it_is_and_then_its_result()
    {
        var server = new StandInServer().Then(_ => StandInServer.Lines(
            """{"progress":{"files":1,"totalFiles":2,"bytes":10,"totalBytes":20}}""",
            "",
            """{"progress":{"files":2,"totalFiles":2,"bytes":20,"totalBytes":20}}""",
            """{"result":{"node":"dataset:demo/flights@3","changed":true,"position":9,"version":3,"schemaChange":{"level":"minor"}}}"""));
        await using var catalog = server.Connect();
        var seen = new Seen();

        var receipt = await catalog.Datasets.CommitAsync(
            "demo/flights", new NewVersion { Sources = [new VersionSource.InPlace("/data/a b#1.csv")] }, seen);

        Assert.Equal(3, receipt.Version);
        Assert.Equal(SchemaChangeLevel.Minor, receipt.SchemaChange?.Level);
        Assert.Equal([10, 20], seen.All.Select(p => p.Bytes));
        Assert.Contains("file:///data/a%20b%231.csv", server.Requests[0].Body, StringComparison.Ordinal);
        Assert.Equal("application/x-ndjson", server.Requests[0].Headers.Accept.ToString());
    }

    [Fact]
    public async Task A_problem_that_comes_after_progress_is_a_problem()
    {
        var server = new StandInServer().Then(_ => StandInServer.Lines(
            """{"progress":{"files":1,"totalFiles":2,"bytes":10,"totalBytes":20}}""",
            """{"problem":{"status":409,"code":"schema.breaking","detail":"It would break.","errors":{"files":["x"]}}}"""));
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Datasets.CommitAsync("demo/flights", new NewVersion()));

        Assert.Equal((409, "schema.breaking"), (e.Status, e.Code));
        Assert.Equal(["x"], e.Errors["files"]);
    }

    [Fact]
    public async Task A_seal_whose_answer_ends_before_its_result_is_asked_for_again()
    {
        var server = new StandInServer()
            .Then(_ => StandInServer.Lines("""{"progress":{"files":1,"bytes":10}}"""))
            .Then(_ => StandInServer.Lines("""{"result":{"node":"dataset:demo/flights@3","changed":false,"position":9,"version":3}}"""));
        await using var catalog = server.Connect();

        var sealing = await catalog.Datasets.SealAsync("demo/flights", 3);

        Assert.Equal(3, sealing.Version);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_verification_that_may_have_been_recorded_is_not_asked_for_again()
    {
        var server = new StandInServer().Then(_ => StandInServer.Lines("""{"progress":{"files":1,"bytes":10}}"""));
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Datasets.VerifyAsync("demo/flights", 3));

        Assert.Equal("network.broken", e.Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task The_state_that_was_read_is_the_state_that_is_described()
    {
        var server = new StandInServer()
            .Then(
                HttpStatusCode.OK,
                """{"node":"dataset:demo/flights","namespace":"demo","name":"flights","owner":"me","compatibility":"backward"}""",
                r => r.Headers.TryAddWithoutValidation("ETag", "\"7\""))
            .Then(HttpStatusCode.OK, Written);
        await using var catalog = server.Connect();

        var dataset = await catalog.Datasets.GetAsync("demo/flights");
        await catalog.Datasets.DescribeAsync("demo/flights", new Description(Owner: "you"), dataset.ETag);

        Assert.Equal(Compatibility.Backward, dataset.Compatibility);
        Assert.Equal("\"7\"", server.Requests[1].Headers.IfMatch.ToString());
        Assert.Equal("""{"owner":"you"}""", server.Requests[1].Body);
    }

    private sealed class Seen : IProgress<WorkProgress>
    {
        public List<WorkProgress> All { get; } = [];

        public void Report(WorkProgress value)
        {
            lock (All)
                All.Add(value);
        }
    }
}
