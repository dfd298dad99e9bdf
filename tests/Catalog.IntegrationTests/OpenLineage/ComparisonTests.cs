using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>What differs upstream, of runs and versions that are only known from events.</summary>
public sealed class ComparisonTests(ServerFixture server)
{
    [Fact]
    public async Task Code_parameters_environment_and_schema_are_compared_from_facets()
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("diff")));
        var position = await Told.SendAsync(
            api,
            Run(told, "one", 1, revision: "aaa", parameter: "10", engine: "3.5", columns: ("id", "LongType")),
            Run(told, "two", 5, revision: "bbb", parameter: "20", engine: "4.0", columns: ("id", "StringType")));
        var (from, to) = (VersionOf(told, "one"), VersionOf(told, "two"));

        var answer = (await api.GetAsync($"/v1/lineage/diff?from={from.Escaped()}&to={to.Escaped()}&atLeast={position}")).Expect(200);

        var runs = Assert.Single(answer["runs"].EnumerateArray());
        Assert.Equal(told.Job("load"), runs.GetProperty("job").GetString());
        Assert.Equal("codeRevision: aaa -> bbb", Differs(runs.GetProperty("codeRevision")));
        Assert.Equal(["batch: 10 -> 20"], runs.GetProperty("parameters").EnumerateArray().Select(Differs));
        Assert.Equal(
            ["TZ: UTC -> (none)", "processing_engine.version: 3.5 -> 4.0"],
            runs.GetProperty("environment").EnumerateArray().Select(Differs));
    }

    [Fact]
    public async Task A_schema_that_an_event_told_is_compared_with_the_one_before()
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("diff")));
        string Id(string run) => $"{told.Namespace}-{run}";
        var position = await Told.SendAsync(
            api,
            told.Run(Id("a"), "load", "COMPLETE", 1, [], [told.Of("raw", Schema("id", "bigint"))]),
            told.Run(Id("b"), "use", "COMPLETE", 2, [told.Of("raw")], [told.Of("report")]),
            told.Run(Id("c"), "load", "COMPLETE", 3, [], [told.Of("raw", Schema("id", "varchar"))]),
            told.Run(Id("d"), "use", "COMPLETE", 4, [told.Of("raw")], [told.Of("report")]));
        var (from, to) = ($"{told.Dataset("report")}@run.{Id("b")}", $"{told.Dataset("report")}@run.{Id("d")}");

        var answer = (await api.GetAsync($"/v1/lineage/diff?from={from.Escaped()}&to={to.Escaped()}&atLeast={position}")).Expect(200);

        var dataset = Assert.Single(answer["datasets"].EnumerateArray());
        Assert.Equal(told.Dataset("raw"), dataset.GetProperty("thing").GetString());
        var change = Assert.Single(dataset.GetProperty("schema").GetProperty("changes").EnumerateArray());
        Assert.Equal(
            ("id", "bigint", "varchar"),
            (change.GetProperty("column").GetString(), change.GetProperty("from").GetString(), change.GetProperty("to").GetString()));
    }

    [Fact]
    public async Task Impact_names_the_owners_that_events_told()
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("owned")));
        var owners = ("ownership", """{"owners":[{"name":"team:sales","type":"OWNER"},{"name":"user:ann"}]}""");
        var position = await Told.SendAsync(
            api, told.Run($"{told.Namespace}-a", "load", "COMPLETE", 1, [told.Of("raw")], [told.Of("orders", owners)]));

        var impact = (await api.GetAsync(
            $"/v1/lineage/impact?node={told.Dataset("raw").Escaped()}&atLeast={position}")).Expect(200);

        Assert.Equal(
            [$"team:sales {told.Dataset("orders")}", $"user:ann {told.Dataset("orders")}"],
            impact["owners"].EnumerateArray().Select(o => $"{o.GetProperty("owner")} {o.GetProperty("things")[0]}"));
    }

    private static string VersionOf(Told told, string run) => $"{told.Dataset("out")}@run.{told.Namespace}-{run}";

    private static (string Name, string Json) Schema(string column, string type) =>
        ("schema", $$"""{"fields":[{"name":"{{column}}","type":"{{type}}"}]}""");

    private static string Run(
        Told told, string run, int minute, string revision, string parameter, string engine, (string Name, string Type) columns)
    {
        var output = told.Of("out", Schema(columns.Name, columns.Type));
        var read = JsonNode.Parse(told.Run($"{told.Namespace}-{run}", "load", "COMPLETE", minute, [], [output])) ?? new JsonObject();
        var variables = run == "one" ? """{"name":"TZ","value":"UTC"}""" : "";
        read["run"] = Merged(read["run"], "facets", $$$"""
            {"executionParameters":{"parameters":[{"key":"batch","value":"{{{parameter}}}"}]},
             "environmentVariables":{"environmentVariables":[{{{variables}}}]},
             "processing_engine":{"name":"spark","version":"{{{engine}}}"}}
            """);
        read["job"] = Merged(
            read["job"], "facets",
            $$$"""{"sourceCodeLocation":{"type":"git","url":"https://example.org/jobs.git","version":"{{{revision}}}"}}""");
        return read.ToJsonString();
    }

    private static JsonNode? Merged(JsonNode? thing, string member, string json)
    {
        var copy = thing?.DeepClone();
        if (copy is JsonObject parent)
            parent[member] = JsonNode.Parse(json);
        return copy;
    }

    private static string Differs(JsonElement value) =>
        $"{value.GetProperty("name")}: {Side(value, "from")} -> {Side(value, "to")}";

    private static string Side(JsonElement value, string side) => value.GetProperty(side).GetString() ?? "(none)";
}
