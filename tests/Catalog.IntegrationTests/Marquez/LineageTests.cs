using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;
using static Catalog.IntegrationTests.Marquez.JobTests;

namespace Catalog.IntegrationTests.Marquez;

/// <summary>Graphs, events and counts, in Marquez's shapes.</summary>
public sealed class LineageTests(ServerFixture server)
{
    [Fact]
    public async Task A_graph_has_jobs_and_datasets_with_edges_both_ways()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var graph = await GraphAsync(told, $"job:{told.Namespace}:etl.sum");

        Assert.Equal(
            [Dataset(told, "orders"), Dataset(told, "raw"), Dataset(told, "totals"), Job(told, "etl.load"), Job(told, "etl.sum")],
            Ids(graph));
        var orders = graph[0];
        Assert.Equal(("DATASET", "DB_TABLE", 2), (
            orders.GetProperty("type").GetString(), orders.GetProperty("data").GetProperty("type").GetString(),
            orders.GetProperty("data").GetProperty("fields").GetArrayLength()));
        Assert.Equal([(Job(told, "etl.load"), Dataset(told, "orders"))], Edges(orders, "inEdges"));
        Assert.Equal([(Dataset(told, "orders"), Job(told, "etl.sum"))], Edges(orders, "outEdges"));
        Assert.Equal("FAILED", graph[3].GetProperty("data").GetProperty("latestRun").GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_graph_goes_up_and_down_from_a_node_and_no_farther_than_asked()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        Assert.Equal(
            [Dataset(told, "orders"), Dataset(told, "totals"), Job(told, "etl.sum")],
            Ids(await GraphAsync(told, Job(told, "etl.sum"), "&depth=0")));
        Assert.DoesNotContain(Job(told, "etl.copy"), Ids(await GraphAsync(told, Dataset(told, "totals"))));
        Assert.Contains(Job(told, "etl.copy"), Ids(await GraphAsync(told, Dataset(told, "raw"))));
        Refused(await told.GetAsync("/api/v1/lineage?nodeId=job:no:such"), 404, "not found");
        Refused(await told.GetAsync("/api/v1/nothing"), 404, "nothing at GET /api/v1/nothing");
        Refused(await told.GetAsync("/api/v1/lineage?nodeId=nonsense"), 400, "nodeId");
        Refused(await told.GetAsync("/api/v1/lineage"), 400, "nodeId");
        Refused(await told.GetAsync($"/api/v1/lineage?nodeId=dataset:{new string(':', 10_000)}"), 400, "colons");
        Refused(await told.GetAsync($"/api/v1/column-lineage?nodeId=datasetField:{new string(':', 10_000)}"), 400, "colons");
        var whole = await told.GetAsync($"/api/v1/lineage?nodeId={Uri.EscapeDataString(Dataset(told, "raw"))}");
        Assert.Equal("false", whole.Headers.GetValues("Catalog-Truncated").Single());
    }

    [Fact]
    public async Task The_graph_can_be_asked_for_as_it_was_known_then()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());
        var first = await Sql.ReadAsync<long>(
            server.Database, $"select min(seq_id) from catalog.mt_events where stream_id = 'run:{told.Run(0)}'");

        var graph = await GraphAsync(told, $"dataset:{told.Namespace}:raw", $"&asOf={first}");

        Assert.Equal(
            [Dataset(told, "orders"), Dataset(told, "raw"), Job(told, "etl.load")], Ids(graph));
    }

    [Fact]
    public async Task Columns_have_a_graph_of_their_own()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());
        var totals = $"datasetField:{told.Namespace}:totals:id";

        var up = (await told.ReadAsync($"/api/v1/column-lineage?nodeId={Uri.EscapeDataString(totals)}")).GetProperty("graph");
        var down = await told.ReadAsync($"/api/v1/column-lineage?nodeId={Uri.EscapeDataString(Dataset(told, "raw"))}&withDownstream=true");
        var near = (await told.ReadAsync($"/api/v1/column-lineage?nodeId={Uri.EscapeDataString(totals)}&depth=1")).GetProperty("graph");

        Assert.Equal(
            [$"datasetField:{told.Namespace}:orders:id", $"datasetField:{told.Namespace}:raw:id", totals],
            up.EnumerateArray().Select(n => n.GetProperty("id").GetString()));
        var data = up[2].GetProperty("data");
        Assert.Equal(("INTEGER", "IDENTITY", "as it is"), (
            data.GetProperty("fieldType").GetString(), data.GetProperty("transformationType").GetString(),
            data.GetProperty("transformationDescription").GetString()));
        Assert.Equal("orders", Assert.Single(data.GetProperty("inputFields").EnumerateArray()).GetProperty("dataset").GetString());
        Assert.Equal(2, near.GetArrayLength());
        var versioned = Uri.EscapeDataString($"{totals}#{Guid.CreateVersion7()}");
        Refused(await told.GetAsync($"/api/v1/column-lineage?withDownstream=true&nodeId={versioned}"), 400, "withDownstream");
        Refused(await told.GetAsync($"/api/v1/column-lineage?nodeId={versioned}"), 404, "not found");
        Refused(await told.GetAsync("/api/v1/column-lineage?nodeId=datasetField:a:b:c"), 404, "not found");
        Assert.Equal(
            ["copies", "orders", "raw", "totals"],
            down.GetProperty("graph").EnumerateArray().Select(n => n.GetProperty("data").GetProperty("dataset").GetString()));
    }

    [Fact]
    public async Task Events_come_back_as_they_were_sent_within_a_time_and_page_by_page()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());
        var (run, year) = (Guid.CreateVersion7().ToString(), 2031 + (Random.Shared.Next() % 5000));
        var bodies = new List<string>();
        for (var minute = 0; minute < 3; minute++)
        {
            bodies.Add(Event("START", $"{year}-01-01T00:0{minute}:00Z", run));
            (await told.Api.SendAsync(Sent.Single, bodies[minute])).Expect(201);
        }

        var last = await Sql.ReadAsync<long>(server.Database, "select max(seq_id) from catalog.mt_events");
        var latest = (await told.Api.GetAsync($"/api/v1/events/lineage?after={year}-01-01%2000:00:00Z&limit=1000&atLeast={last}"))
            .Expect(200);
        Assert.Contains(bodies[2], latest["events"].EnumerateArray().Select(e => e.GetRawText()));
        var within = $"/api/v1/events/lineage?after={year}-01-01T00:00:00Z&before={year}-01-01T00:03:00Z&atLeast={last}";
        var newest = (await told.Api.GetAsync($"{within}&limit=2")).Expect(200);
        var oldest = (await told.Api.GetAsync($"{within}&limit=2&offset=1&sortDirection=asc")).Expect(200);

        Assert.Equal(3, newest["totalCount"].GetInt32());
        Assert.Equal([bodies[2], bodies[1]], newest["events"].EnumerateArray().Select(e => e.GetRawText()));
        Assert.Equal([bodies[1], bodies[2]], oldest["events"].EnumerateArray().Select(e => e.GetRawText()));
        Refused(await told.GetAsync("/api/v1/events/lineage?sortDirection=up"), 400, "sortDirection");
        Refused(await told.GetAsync("/api/v1/events/lineage?before=then"), 400, "before");
        (await told.Api.GetAsync("/api/v1/events/lineage?limit=1&before=&after=&offset=0&sortDirection=desc")).Expect(200);
    }

    [Fact]
    public async Task An_event_whose_body_was_erased_is_listed_without_what_it_said()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());
        await told.ReadAsync("/api/v1/tags");
        await Sql.RunAsync(
            server.Database,
            "update catalog.openlineage_body b set body = null from catalog.openlineage_event e "
            + $"where e.hash = b.hash and e.run = 'run:{told.Run(4)}'");

        var list = await told.ReadAsync("/api/v1/events/lineage?after=2026-11-24T13:00:30Z&before=2026-11-24T13:00:31Z&limit=1000");

        var left = list.GetProperty("events").EnumerateArray()
            .Single(e => e.GetProperty("run").GetProperty("runId").GetString() == told.Run(4));
        Assert.Equal("COMPLETE", left.GetProperty("eventType").GetString());
        Assert.Empty(left.GetProperty("outputs").EnumerateArray());
    }

    [Fact]
    public async Task Events_and_things_are_counted_over_a_day_and_a_week()
    {
        var api = await server.ApiAsync();
        var now = TimeProvider.System.GetUtcNow();
        var body = Event("FAIL", $"{now:O}", Guid.CreateVersion7().ToString());
        var position = (await api.SendAsync(Sent.Single, body)).Expect(201).Headers.GetValues("Catalog-Position").Single();

        var day = (await api.GetAsync($"/api/v1/stats/lineage-events?period=DAY&atLeast={position}")).Expect(200).Json;
        var week = (await api.GetAsync("/api/v1/stats/lineage-events?period=WEEK&timezone=Europe/Berlin")).Expect(200).Json;
        var jobs = (await api.GetAsync("/api/v1/stats/jobs?period=DAY&timezone=UTC")).Expect(200).Json;

        Assert.Equal((24, 7, 24), (day.GetArrayLength(), week.GetArrayLength(), jobs.GetArrayLength()));
        Assert.InRange(day.EnumerateArray().Sum(h => h.GetProperty("fail").GetInt64()), 1, long.MaxValue);
        var (start, end) = (week[0].GetProperty("startInterval"), week[0].GetProperty("endInterval"));
        Assert.InRange((end.GetDateTimeOffset() - start.GetDateTimeOffset()).TotalHours, 23, 25);
        Assert.InRange(jobs[23].GetProperty("count").GetInt64(), 1, long.MaxValue);
        foreach (var of in (string[])["datasets", "sources"])
        {
            var days = (await api.GetAsync($"/api/v1/stats/{of}?period=WEEK&timezone=America/New_York")).Expect(200);
            Assert.Equal(7, days.Json.GetArrayLength());
        }

        Refused(await api.GetAsync("/api/v1/stats/jobs?period=MONTH"), 400, "period");
        Refused(await api.GetAsync("/api/v1/stats/lineage-events?period=WEEK"), 400, "Timezone");
        Refused(await api.GetAsync("/api/v1/stats/lineage-events?period=WEEK&timezone=Mars/Olympus"), 400, "timezone");
    }

    [Fact]
    public async Task Nothing_is_answered_without_a_key()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        string[] paths = ["jobs", "namespaces", "events/lineage", "lineage?nodeId=job:a:b", "search?q=a", "stats/jobs?period=DAY"];
        foreach (var path in paths)
            (await stranger.GetAsync($"/api/v1/{path}")).ExpectProblem(401, "access.unauthenticated");
        (await stranger.GetAsync("/api/v2beta/search/jobs?q=a")).ExpectProblem(401, "access.unauthenticated");
    }

    private static async Task<IReadOnlyList<JsonElement>> GraphAsync(Pipeline told, string node, string more = "") =>
        [.. (await told.ReadAsync($"/api/v1/lineage?nodeId={Uri.EscapeDataString(node)}{more}")).GetProperty("graph").EnumerateArray()];

    /// <summary>With spaces, which must come back.</summary>
    private static string Event(string type, string time, string run) =>
        $$$"""{ "eventType":"{{{type}}}", "eventTime" : "{{{time}}}","run":{"runId":"{{{run}}}"},"job":{"namespace":"n","name":"j"}}""";

    private static string Dataset(Pipeline told, string name) => $"dataset:{told.Namespace}:{name}";

    private static string Job(Pipeline told, string name) => $"job:{told.Namespace}:{name}";

    private static IEnumerable<(string?, string?)> Edges(JsonElement node, string which) =>
        node.GetProperty(which).EnumerateArray()
            .Select(e => (e.GetProperty("origin").GetString(), e.GetProperty("destination").GetString()));

    private static IEnumerable<string?> Ids(IEnumerable<JsonElement> nodes) => nodes.Select(n => n.GetProperty("id").GetString());
}
