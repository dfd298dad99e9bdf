using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>
/// Events that others wrote: the specification's own tests, its clients', and Marquez's. They are not part of the repository. Facets that
/// come alone are put into an event where they belong.
/// </summary>
internal static partial class OthersEvents
{
    /// <summary>Where a template leaves times out.</summary>
    [GeneratedRegex(@"\{\{[^}]*\}\}")]
    private static partial Regex Hole { get; }

    private static string Folder { get; } = Path.Combine(Repository.Root, "..", "shared", "data", "openlineage");

    public static bool AreThere => Directory.Exists(Folder);

    /// <summary>All of them; where they are not there, the test is skipped.</summary>
    public static IReadOnlyList<(string Name, string Text)> All()
    {
        Assert.SkipUnless(AreThere, "The events of others are not at ../shared/data/openlineage.");
        return
        [
            .. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .SelectMany(f => EventsOf(f, JsonNode.Parse(Hole.Replace(File.ReadAllText(f), "2020-02-22T22:42:42Z"))))
                .Select(e => (e.Name, e.Event.ToJsonString())),
        ];
    }

    /// <summary>Whether the event is one that must be refused.</summary>
    public static bool IsInvalid(string name) =>
        name.Contains("invalid", StringComparison.Ordinal) || name.Contains("no_run_id", StringComparison.Ordinal);

    private static IEnumerable<(string Name, JsonNode Event)> EventsOf(string file, JsonNode? read) => read switch
    {
        JsonArray array => array.OfType<JsonObject>().Where(e => e.ContainsKey("eventTime")).Select((e, i) => ($"{file} {i}", (JsonNode)e)),
        JsonObject one when one.ContainsKey("eventTime") => [(file, one)],
        JsonObject facets when file.Contains("ol-spec-tests", StringComparison.Ordinal) => [(file, Around(facets, file))],
        _ => [],
    };

    private static JsonObject Around(JsonObject facets, string file)
    {
        var kind = Path.GetFileName(Path.GetDirectoryName(file)) ?? "";
        var isOfJob = kind.EndsWith("JobFacet", StringComparison.Ordinal) || facets.ToJsonString().Contains("LineageJobFacet");
        var (input, output) = (Dataset("in"), Dataset("out"));
        var job = new JsonObject { ["namespace"] = "corpus", ["name"] = kind };
        var run = new JsonObject { ["runId"] = $"corpus-{kind}-{Path.GetFileNameWithoutExtension(file)}" };
        var (carrier, name) = kind switch
        {
            _ when isOfJob => (job, "facets"),
            _ when kind.EndsWith("RunFacet", StringComparison.Ordinal) => (run, "facets"),
            _ when kind.EndsWith("InputDatasetFacet", StringComparison.Ordinal) => (input, "inputFacets"),
            _ when kind.EndsWith("OutputDatasetFacet", StringComparison.Ordinal) => (output, "outputFacets"),
            _ => (output, "facets"),
        };
        carrier[name] = facets.DeepClone();
        return new JsonObject
        {
            ["eventType"] = "COMPLETE",
            ["eventTime"] = "2026-11-24T10:00:00Z",
            ["run"] = run,
            ["job"] = job,
            ["inputs"] = new JsonArray(input),
            ["outputs"] = new JsonArray(output),
        };

        JsonObject Dataset(string side) => new() { ["namespace"] = "corpus", ["name"] = $"{kind}-{side}" };
    }
}
