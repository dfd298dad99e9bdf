using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Small OpenLineage events in one namespace, and what catalogs answer about them.</summary>
internal sealed class Told(string ns)
{
    public string Namespace => ns;

    public string Dataset(string name) => NodeId.Dataset(ns, name).ToString();

    public string Column(string name, string column) => NodeId.Dataset(ns, name, version: null, column).ToString();

    public string Job(string name) => NodeId.Job(ns, name).ToString();

    /// <param name="run">Its id.</param>
    /// <param name="job">Its job's name.</param>
    /// <param name="type">Such as COMPLETE.</param>
    /// <param name="minute">When, after an hour that all have in common.</param>
    /// <param name="inputs">Datasets, with facets where a test needs them.</param>
    /// <param name="outputs">Datasets likewise.</param>
    public string Run(string run, string job, string type, int minute, JsonObject[]? inputs = null, JsonObject[]? outputs = null) =>
        Event(
            minute, ("eventType", type), ("run", new JsonObject { ["runId"] = run }),
            ("job", new JsonObject { ["namespace"] = ns, ["name"] = job }),
            ("inputs", new JsonArray([.. inputs ?? []])), ("outputs", new JsonArray([.. outputs ?? []])));

    public string About(JsonObject dataset, int minute) => Event(minute, ("dataset", dataset));

    /// <param name="name">The dataset.</param>
    /// <param name="facets">Such as <c>("version", """{"datasetVersion":"7"}""")</c>.</param>
    public JsonObject Of(string name, params ReadOnlySpan<(string Name, string Json)> facets)
    {
        var all = new JsonObject();
        foreach (var (facet, json) in facets)
            all[facet] = JsonNode.Parse(json.Replace("NS", ns, StringComparison.Ordinal));
        return new JsonObject { ["namespace"] = ns, ["name"] = name, ["facets"] = all };
    }

    /// <summary>The facet that says that one column is made from another.</summary>
    public static (string Name, string Json) Columns(string column, string from, string source) => (
        "columnLineage",
        """{"fields":{"@COLUMN":{"inputFields":[{"namespace":"NS","name":"@FROM","field":"@SOURCE"}]}}}"""
            .Replace("@COLUMN", column).Replace("@FROM", from).Replace("@SOURCE", source));

    public static (string Name, string Json) Version(string label) => ("version", $$"""{"datasetVersion":"{{label}}"}""");

    /// <summary>Sends events, and waits until lineage includes them.</summary>
    public static async Task<long> SendAsync(Api api, params IEnumerable<string> events)
    {
        var position = 0L;
        foreach (var one in events)
        {
            var answer = (await api.SendAsync(Sent.Single, one)).Expect(201);
            position = Math.Max(position, long.Parse(answer.Headers.GetValues("Catalog-Position").Single()));
        }

        return position;
    }

    /// <summary>Nodes, edges, and since and until when each edge holds by what stands now: what must be the same in two catalogs.</summary>
    public static async Task<IReadOnlyList<string>> GraphAsync(Api api, string question)
    {
        var answer = (await api.GetAsync($"/v1/lineage?{question}")).Expect(200);
        var told = answer["nodes"].EnumerateArray().Select(n => $"{n.GetProperty("id")} {n.GetProperty("depth")}").ToList();
        foreach (var edge in answer["edges"].EnumerateArray())
        {
            var (from, to, relation) = (edge.GetProperty("from"), edge.GetProperty("to"), edge.GetProperty("relation"));
            var explained = await api.GetAsync($"/v1/lineage/edge?from={$"{from}".Escaped()}&to={$"{to}".Escaped()}");
            var held = explained.Expect(200)["statements"].EnumerateArray()
                .Where(s => s.GetProperty("knownTo").ValueKind == JsonValueKind.Null && $"{s.GetProperty("relation")}" == $"{relation}")
                .Select(s => $"{s.GetProperty("heldFrom")}..{s.GetProperty("heldTo")}")
                .Order(StringComparer.Ordinal);
            told.Add($"{from} -{relation}-> {to} {string.Join(" and ", held)}");
        }

        return told;
    }

    private static string Event(int minute, params ReadOnlySpan<(string Name, JsonNode Value)> members)
    {
        var time = DateTimeOffset.Parse("2026-03-01T00:00:00Z").AddMinutes(minute);
        var told = new JsonObject { ["eventTime"] = $"{time:yyyy-MM-ddTHH:mm:ssZ}", ["producer"] = "https://example.org/tests" };
        foreach (var (name, value) in members)
            told[name] = value;
        return told.ToJsonString();
    }
}
