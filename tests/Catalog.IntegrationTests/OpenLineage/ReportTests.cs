using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>What one asks of a node that events told of: <c>GET /v1/lineage/node</c>.</summary>
public sealed class ReportTests(ServerFixture server)
{
    [Fact]
    public async Task A_run_shows_its_states_times_parents_and_every_facet_whole()
    {
        await server.ApiAsync();
        var (writer, principal) = await server.ApiAsync("writer");
        var ns = New.Name("ns");
        await SendAsync(writer, Event(ns, "START", "10:00", run: """
            "nominalTime":{"nominalStartTime":"2026-11-24T00:00:00Z"},
            "parent":{"run":{"runId":"@NS-parent"},"job":{"namespace":"@NS","name":"dag"},
                      "root":{"run":{"runId":"@NS-root"},"job":{"namespace":"@NS","name":"root"}}}
            """));
        var position = await SendAsync(writer, Event(ns, "FAIL", "10:05", run: """
            "errorMessage":{"message":"disk full","programmingLanguage":"SQL"},
            "acme_numbers":{"large":1234567890123456789012345678901234567890,"half":"\ud800"}
            """));

        var report = await ShowAsync(writer, $"run:{ns}", position);

        var run = report["run"];
        Assert.Equal($"job:{ns}/load", run.GetProperty("job").GetString());
        Assert.Equal("fail", run.GetProperty("state").GetString());
        Assert.Equal("2026-11-24T10:00:00+00:00", run.GetProperty("started").GetString());
        Assert.Equal("2026-11-24T10:05:00+00:00", run.GetProperty("ended").GetString());
        Assert.Equal($"run:{ns}-parent", run.GetProperty("parentRun").GetString());
        Assert.Equal($"job:{ns}/root", run.GetProperty("rootJob").GetString());
        Assert.Equal("2026-11-24T00:00:00+00:00", run.GetProperty("nominalStart").GetString());
        Assert.Equal(
            ["acme_numbers", "errorMessage", "nominalTime", "parent"], Facets(report).Select(f => f.GetProperty("name").GetString()));
        var unknown = Facet(report, "acme_numbers");
        Assert.Equal("""{"large":1234567890123456789012345678901234567890,"half":"\ud800"}""", unknown.GetProperty("value").GetRawText());
        Assert.Equal(principal, unknown.GetProperty("sender").GetString());
        Assert.Equal("https://example.org/etl", unknown.GetProperty("producer").GetString());
        Assert.Equal(position, unknown.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task A_dataset_shows_the_latest_of_each_facet_in_each_role_and_nothing_that_was_taken_back()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        await SendAsync(api, Event(ns, "COMPLETE", "12:00", outputs: Dataset("""
            "facets":{"schema":{"fields":[{"name":"late"}]},"documentation":{"description":"gone"}},
            "outputFacets":{"subset":{"of":"output"}}
            """)));
        await SendAsync(api, Event(ns, "COMPLETE", "11:00", outputs: Dataset("""
            "facets":{"schema":{"fields":[{"name":"early"}]}, "storage":{"storageLayer":"iceberg"}}
            """)));
        var position = await SendAsync(api, Event(ns, "START", "12:30", inputs: Dataset("""
            "facets":{"documentation":{"_deleted":true}},"inputFacets":{"subset":{"of":"input"}}
            """)));

        var report = await ShowAsync(api, $"dataset:{ns}/table", position);

        Assert.Equal("late", Facet(report, "schema").GetProperty("value").GetProperty("fields")[0].GetProperty("name").GetString());
        Assert.Equal("iceberg", Facet(report, "storage").GetProperty("value").GetProperty("storageLayer").GetString());
        Assert.Equal(
            ["inputFacets", "outputFacets"],
            Facets(report).Where(f => f.GetProperty("name").GetString() == "subset")
                .Select(f => f.GetProperty("member").GetString()).Order());
        Assert.DoesNotContain(Facets(report), f => f.GetProperty("name").GetString() == "documentation");
        Assert.Equal("2026-11-24T12:00:00+00:00", report["dataset"].GetProperty("lastWritten").GetString());
        Assert.Equal("2026-11-24T12:30:00+00:00", report["lastEvent"].GetString());
    }

    [Fact]
    public async Task Erasing_the_body_of_an_event_erases_what_its_facets_say()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var position = await SendAsync(api, Event(ns, "START", "10:00", job: """ "ownership":{"owners":[{"name":"jane"}]} """));
        Assert.Contains("jane", (await ShowAsync(api, $"job:{ns}/load", position)).Text);

        var hash = await Sql.ReadAsync<string>(server.Database, $"select data->>'hash' from catalog.mt_events where seq_id = {position}");
        await Sql.RunAsync(server.Database, $"update catalog.openlineage_body set body = null where hash = '\\x{hash}'");

        var report = await ShowAsync(api, $"job:{ns}/load", position);
        Assert.DoesNotContain("jane", report.Text);
        Assert.Equal(JsonValueKind.Null, Facet(report, "ownership").GetProperty("value").ValueKind);
    }

    [Fact]
    public async Task A_thing_of_our_own_shows_facets_and_where_its_page_is()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var registered = (await api.PostAsync("/v1/datasets", new { @namespace = ns, name = "table", owner = "team" })).Expect(201);

        var before = await ShowAsync(api, $"dataset:{ns}/table", registered.Position);
        Assert.Equal($"/v1/datasets/{ns}/table", before["page"].GetString());
        Assert.Equal(JsonValueKind.Null, before["firstEvent"].ValueKind);

        var output = Dataset(""" "facets":{"storage":{"storageLayer":"x"}} """);
        var position = await SendAsync(api, Event(ns, "COMPLETE", "10:00", outputs: output));
        var after = await ShowAsync(api, $"dataset:{ns}/table@latest", position);
        Assert.Equal($"/v1/datasets/{ns}/table", after["page"].GetString());
        Facet(after, "storage");
    }

    [Fact]
    public async Task What_nobody_named_is_not_there_and_other_kinds_are_refused()
    {
        var api = await server.ApiAsync();
        (await api.GetAsync($"/v1/lineage/node?node=job:{New.Name("ns")}/x")).ExpectProblem(404, "node.not_found");
        (await api.GetAsync("/v1/lineage/node?node=model:demo/x")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync("/v1/lineage/node")).ExpectProblem(400, "request.invalid");
        (await api.GetAsync("/v1/lineage/node?node=x")).ExpectProblem(400, "node.invalid");
    }

    private static async Task<long> SendAsync(Api api, string body) =>
        long.Parse((await api.SendAsync(Sent.Single, body)).Expect(201).Headers.GetValues("Catalog-Position").Single());

    private static async Task<Answer> ShowAsync(Api api, string node, long position) =>
        (await api.GetAsync($"/v1/lineage/node?node={Uri.EscapeDataString(node)}&atLeast={position}")).Expect(200);

    private static IEnumerable<JsonElement> Facets(Answer report) => report["facets"].EnumerateArray();

    private static JsonElement Facet(Answer report, string name) => Facets(report).Single(f => f.GetProperty("name").GetString() == name);

    private static string Dataset(string more) => $$"""{"namespace":"@NS","name":"table",{{more}} }""";

    private static string Event(
        string ns, string type, string time, string run = "", string job = "", string inputs = "", string outputs = "") =>
        $$$"""
        {"eventType":"{{{type}}}","eventTime":"2026-11-24T{{{time}}}:00Z","producer":"https://example.org/etl",
         "run":{"runId":"@NS","facets":{{{{run}}}}},"job":{"namespace":"@NS","name":"load","facets":{{{{job}}}}},
         "inputs":[{{{inputs}}}],"outputs":[{{{outputs}}}]}
        """.Replace("@NS", ns);
}
