using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>Events of our own, written from the specification; free text in them is the words FREE TEXT.</summary>
internal static class Fixture
{
    private static readonly JsonSerializerOptions s_readable =
        new(CatalogStore.Json) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<string> Names => ["run-start", "run-complete", "job-lineage", "dataset-event"];

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));

    public static string InterpretedFile(string name) =>
        Repository.File("tests", "Catalog.Tests", "OpenLineage", "Interpreted", $"{name}.json");

    public static OpenLineageEvent Read(string json)
    {
        var reading = OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(json));
        Assert.True(reading.Succeeded, $"{reading.Problem?.Path}: {reading.Problem?.Detail}");
        return reading.Event;
    }

    public static OpenLineageProblem Problem(string json)
    {
        var reading = OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(json));
        Assert.False(reading.Succeeded);
        return reading.Problem;
    }

    /// <summary>As the fact holds it.</summary>
    public static string Text(OpenLineageEvent read) => JsonSerializer.Serialize(read, s_readable) + "\n";

    /// <summary>A run event with more members at the top.</summary>
    public static string Run(string more = "", string runFacets = "{}", string jobFacets = "{}")
    {
        var run = $$"""{"runId":"r1","facets":{{runFacets}}}""";
        var job = $$"""{"namespace":"ns","name":"job","facets":{{jobFacets}}}""";
        return $$"""{"eventTime":"2026-11-24T10:00:00Z","run":{{run}},"job":{{job}}{{(more.Length > 0 ? "," + more : "")}}}""";
    }

    /// <summary>A run event that writes one dataset with these facets.</summary>
    public static string Output(string facets = "{}", string outputFacets = "{}") =>
        Run($$"""
        "outputs":[{"namespace":"s3://lake","name":"t","facets":{{facets}},"outputFacets":{{outputFacets}}}]
        """);

    private static string Path(string name) => Repository.File("tests", "Catalog.Tests", "OpenLineage", "Fixtures", $"{name}.json");
}
