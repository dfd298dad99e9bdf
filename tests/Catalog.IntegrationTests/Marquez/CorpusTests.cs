using System.Text.Json;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Marquez;

/// <summary>Events of ours and, where they are, of others: whatever they told of can be read in Marquez's shapes.</summary>
public sealed class CorpusTests(ServerFixture server)
{
    private static readonly string[] s_run =
    [
        "id", "createdAt", "updatedAt", "nominalStartTime", "nominalEndTime", "state", "startedAt", "endedAt", "durationMs", "args",
        "jobVersion", "inputDatasetVersions", "outputDatasetVersions", "facets",
    ];

    private static readonly string[] s_job =
    [
        "id", "type", "name", "simpleName", "parentJobName", "parentJobUuid", "createdAt", "updatedAt", "namespace", "inputs", "outputs",
        "location", "description", "latestRun", "latestRuns", "facets", "currentVersion", "labels", "tags",
    ];

    private static readonly string[] s_dataset =
    [
        "id", "type", "name", "physicalName", "createdAt", "updatedAt", "namespace", "sourceName", "fields", "tags", "lastModifiedAt",
        "lastLifecycleState", "description", "currentVersion", "columnLineage", "facets", "deleted",
    ];

    [Fact]
    public async Task All_that_events_told_of_can_be_read()
    {
        var api = await server.ApiAsync();
        var position = await SendAsync(api);
        foreach (var ns in await ListAsync(api, $"/api/v1/namespaces?limit=1000&atLeast={position}", "namespaces"))
        {
            var root = Api.Path($"/api/v1/namespaces/{ns.GetProperty("name").GetString()}");
            foreach (var job in await ListAsync(api, $"{root}/jobs?limit=20", "jobs"))
            {
                Assert.Equal(s_job, job.EnumerateObject().Select(m => m.Name));
                await ReadJobAsync(api, root, job);
            }

            foreach (var dataset in await ListAsync(api, $"{root}/datasets?limit=20", "datasets"))
            {
                Assert.Equal(s_dataset, dataset.EnumerateObject().Select(m => m.Name));
                await ReadDatasetAsync(api, root, dataset);
            }
        }

        Assert.NotEmpty(await ListAsync(api, "/api/v1/events/lineage?limit=1000", "events"));
    }

    private static async Task ReadJobAsync(Api api, string root, JsonElement job)
    {
        var path = root + Api.Path($"/jobs/{Name(job)}");
        (await api.GetAsync(path)).Expect(200);
        foreach (var run in await ListAsync(api, $"{path}/runs?limit=5", "runs"))
        {
            Assert.Equal(s_run, run.EnumerateObject().Select(m => m.Name));
            var id = run.GetProperty("id").GetString();
            (await api.GetAsync(Api.Path($"/api/v1/jobs/runs/{id}/facets") + "?type=job")).Expect(200);
            (await api.GetAsync($"/api/v1/runlineage/upstream?runId={Uri.EscapeDataString(id ?? "")}")).Expect(200);
        }

        await GraphAsync(api, $"job:{Namespace(job)}:{Name(job)}");
    }

    private static async Task ReadDatasetAsync(Api api, string root, JsonElement dataset)
    {
        var path = root + Api.Path($"/datasets/{Name(dataset)}");
        (await api.GetAsync(path)).Expect(200);
        foreach (var version in await ListAsync(api, $"{path}/versions?limit=5", "versions"))
            (await api.GetAsync($"{path}/versions/{version.GetProperty("version").GetString()}")).Expect(200);
        await GraphAsync(api, $"dataset:{Namespace(dataset)}:{Name(dataset)}");
    }

    /// <summary>A node's own graph has it, and every edge ends at two nodes of the graph.</summary>
    private static async Task GraphAsync(Api api, string node)
    {
        var nodes = await ListAsync(api, $"/api/v1/lineage?nodeId={Uri.EscapeDataString(node)}&depth=2", "graph");
        var ids = nodes.Select(n => n.GetProperty("id").GetString()).ToHashSet();
        Assert.Contains(node, ids);
        var edges = nodes.SelectMany(n => n.GetProperty("inEdges").EnumerateArray().Concat(n.GetProperty("outEdges").EnumerateArray()));
        Assert.All(edges, e => Assert.Superset(
            new HashSet<string?>([e.GetProperty("origin").GetString(), e.GetProperty("destination").GetString()]), ids));
    }

    private static async Task<long> SendAsync(Api api)
    {
        var bodies = Sent.Fixtures.Concat(OthersEvents.AreThere ? OthersEvents.All().Select(e => e.Text) : []);
        var position = 0L;
        foreach (var body in bodies)
        {
            if (await api.SendAsync(Sent.Single, body) is { Code: 201 } taken)
                position = Math.Max(position, long.Parse(taken.Headers.GetValues("Catalog-Position").Single()));
        }

        return position;
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(Api api, string path, string member) =>
        [.. (await api.GetAsync(path)).Expect(200)[member].EnumerateArray()];

    private static string? Name(JsonElement of) => of.GetProperty("name").GetString();

    private static string? Namespace(JsonElement of) => of.GetProperty("namespace").GetString();
}
