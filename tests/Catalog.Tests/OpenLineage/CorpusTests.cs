using System.Text;
using System.Text.Json;
using Catalog.Integrity;
using Catalog.Lineage.OpenLineage;
using Catalog.Tests.Architecture;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>
/// Events and facets that others wrote: the specification's own tests, its clients', and Marquez's. They are not part of the repository.
/// </summary>
public sealed class CorpusTests
{
    private static readonly Dictionary<string, string> s_invalid = new(StringComparer.Ordinal)
    {
        ["event_invalid_dataset_facet.json"] = "$.outputs[0].facets.ownership.owners[0].name",
        ["event_invalid_input_dataset_facet.json"] = "$.inputs[0].inputFacets.dataQualityMetrics",
        ["event_invalid_job_facet.json"] = "$.job.facets.ownership.owners[0].name",
        ["event_invalid_output_dataset_facet.json"] = "$.outputs[0].outputFacets.outputStatistics.rowCount",
        ["event_invalid_run_facet.json"] = "$.run.facets.parent.run.runId",
        ["event_no_run_id.json"] = "$.run.runId",
    };

    [Fact]
    public void Valid_events_are_read_and_invalid_ones_refused_with_the_path()
    {
        var files = Corpus().Where(f => IsEvent(f.Json)).ToList();
        Assert.True(files.Count > 30, $"Only {files.Count} events were found.");

        Verdict.None(files.Select(f => (f.Name, Wanted: s_invalid.GetValueOrDefault(f.Name), Read(f.Json).Problem))
            .Where(f => f.Wanted != f.Problem?.Path)
            .Select(f => $"{f.Name}: {f.Problem} where the path {f.Wanted ?? "none"} was expected"));
    }

    [Fact]
    public void The_hash_of_an_event_is_that_of_its_canonical_JSON() => Verdict.None(
        Corpus()
            .Where(f => IsEvent(f.Json) && Read(f.Json) is { Succeeded: true } read
                && read.Hash != Sha256.Hash(CanonicalJson.Serialize(f.Json)))
            .Select(f => f.Name));

    /// <summary>
    /// Each file holds facets by name; where they belong is not said, so each is tried on a run, a job, a dataset and its use.
    /// </summary>
    [Fact]
    public void Facets_of_the_specification_are_read_somewhere()
    {
        var files = Corpus()
            .Where(f => f.Folder.Contains("ol-spec-tests", StringComparison.Ordinal) && f.Json.ValueKind == JsonValueKind.Object)
            .Where(f => !IsEvent(f.Json))
            .ToList();
        Assert.True(files.Count > 30, $"Only {files.Count} facets were found.");

        Verdict.None(files
            .Where(f => !Tried(f.Json.GetRawText()).Any(json => OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(json)).Succeeded))
            .Select(f => f.Name));
    }

    private static OpenLineageReading Read(JsonElement json) => OpenLineageInterpreter.Read(JsonSerializer.SerializeToUtf8Bytes(json));

    private static IEnumerable<string> Tried(string facets) =>
        [Fixture.Run(runFacets: facets), Fixture.Run(jobFacets: facets), Fixture.Output(facets), Fixture.Output(outputFacets: facets)];

    private static bool IsEvent(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("eventTime", out _);

    private static IReadOnlyList<(string Folder, string Name, JsonElement Json)> Corpus()
    {
        var folder = Repository.File("..", "shared", "data", "openlineage");
        Assert.SkipUnless(Directory.Exists(folder), "The events of others are not at ../shared/data/openlineage.");
        return
        [
            .. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/spec/", StringComparison.Ordinal) && !f.EndsWith("config.json", StringComparison.Ordinal))
                .Select(f => (Path.GetDirectoryName(f) ?? "", Path.GetFileName(f), Parse(f))),
        ];
    }

    private static JsonElement Parse(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }
}
