using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.Jobs;

namespace Catalog.Lineage.Exports;

/// <summary>
/// OpenLineage events (specification 2-0-2) for what the catalog's own clients did, and so nobody told in that format: pure, and the same
/// for the same facts, so that exporting twice makes the same events.
/// </summary>
internal static class NativeEvents
{
    private const string Producer = "urn:catalog:export";
    private const string Specification = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/";
    private const string Facets = "https://openlineage.io/spec/facets/";

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A run's start with what it read, and its end with what it made; only the start while it has not ended.</summary>
    public static IEnumerable<string> Of(RunRecord run, NodeId? parentJob, IEnumerable<NodeId> inputs, IEnumerable<NodeId> outputs)
    {
        if (run is not { Job: { } job, StartedAt: { } start })
            yield break;
        var (read, made) = (Datasets(inputs), Datasets(outputs));
        if (run is not { EndedAt: { } end, End: { } how })
        {
            yield return Text(RunEvent(run, job, parentJob, "START", start, read, made));
            yield break;
        }

        yield return Text(RunEvent(run, job, parentJob, "START", start, read, []));
        yield return Text(RunEvent(run, job, parentJob, EndWord(how), end, [], made));
    }

    /// <summary>
    /// Which versions a run known from OpenLineage was pinned to, where the catalog made them: elsewhere nobody would know of those.
    /// </summary>
    public static string Pins(RunRecord run, NodeId job, DateTimeOffset start, IEnumerable<NodeId> inputs) =>
        Text(RunEvent(run, job, parentJob: null, "RUNNING", start, Datasets(inputs), []));

    /// <summary>A model that serves: a job of the type SERVICE that reads it.</summary>
    public static string Deployment(NodeId model, NodeId deployment, DateTimeOffset since) => Text(new JsonObject
    {
        ["eventTime"] = Time(since),
        ["producer"] = Producer,
        ["schemaURL"] = Specification + "JobEvent",
        ["job"] = new JsonObject
        {
            ["namespace"] = $"deployment://{deployment.Namespace}",
            ["name"] = deployment.Name,
            ["facets"] = new JsonObject
            {
                ["jobType"] = Facet(
                    "2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
                    ("processingType", "SERVICE"), ("integration", "CATALOG"), ("jobType", "DEPLOYMENT")),
            },
        },
        ["inputs"] = Datasets([model]),
    });

    private static JsonObject RunEvent(
        RunRecord run, NodeId job, NodeId? parentJob, string type, DateTimeOffset time, JsonArray inputs, JsonArray outputs) => new()
        {
            ["eventType"] = type,
            ["eventTime"] = Time(time),
            ["producer"] = Producer,
            ["schemaURL"] = Specification + "RunEvent",
            ["run"] = new JsonObject { ["runId"] = run.Node.Name, ["facets"] = RunFacets(run, parentJob) },
            ["job"] = JobName(job),
            ["inputs"] = inputs,
            ["outputs"] = outputs,
        };

    private static JsonObject RunFacets(RunRecord run, NodeId? parentJob)
    {
        var facets = new JsonObject();
        if (run.Parent is { } parent && parentJob is { } job)
        {
            var facet = Facet("1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet");
            facet["run"] = new JsonObject { ["runId"] = parent.Name };
            facet["job"] = JobName(job);
            facets["parent"] = facet;
        }

        return facets;
    }

    private static JsonObject JobName(NodeId job) => new() { ["namespace"] = job.Namespace, ["name"] = job.Name };

    private static JsonArray Datasets(IEnumerable<NodeId> versions) => [.. versions.Order(NodeId.Order).Select(Dataset)];

    /// <summary>A model is a dataset of the type MODEL, in a namespace that no dataset of the same name is in.</summary>
    private static JsonObject Dataset(NodeId node)
    {
        var facets = new JsonObject();
        if (node.Version is { } version)
        {
            facets["version"] = Facet(
                "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet", ("datasetVersion", version));
        }

        if (node.Kind == NodeKind.Model)
        {
            facets["datasetType"] = Facet(
                "1-0-0/DatasetTypeDatasetFacet.json#/$defs/DatasetTypeDatasetFacet", ("datasetType", "MODEL"));
        }

        return new JsonObject
        {
            ["namespace"] = node.Kind == NodeKind.Model ? $"model://{node.Namespace}" : node.Namespace,
            ["name"] = node.Name,
            ["facets"] = facets,
        };
    }

    private static JsonObject Facet(string schema, params ReadOnlySpan<(string Name, string Value)> members)
    {
        var facet = new JsonObject { ["_producer"] = Producer, ["_schemaURL"] = Facets + schema };
        foreach (var (name, value) in members)
            facet[name] = value;
        return facet;
    }

    private static string EndWord(RunState end) => end switch
    {
        RunState.Completed => "COMPLETE",
        RunState.Failed => "FAIL",
        _ => "ABORT",
    };

    private static string Text(JsonObject told) => told.ToJsonString(s_json);

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
