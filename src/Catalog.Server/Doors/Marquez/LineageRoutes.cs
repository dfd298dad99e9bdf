using Catalog.Access;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Marquez;

/// <summary>The graph of jobs and datasets around one of them, and the runs upstream of one.</summary>
internal static class LineageRoutes
{
    /// <summary>Nodes of an answer; each is shown with its columns.</summary>
    public const int MaxNodes = LineageBounds.DefaultLimit;

    private static readonly LineageRelations s_flow = LineageRelations.Of(
        LineageRelation.Reads, LineageRelation.Writes, LineageRelation.Follows, LineageRelation.Derived, LineageRelation.Renamed,
        LineageRelation.Symlink);

    private static readonly LineageRelations s_runs = LineageRelations.Of(LineageRelation.Input, LineageRelation.Output);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/lineage", ShowAsync);
        api.MapGet("/runlineage/upstream", ShowUpstreamAsync);
    }

    private static async Task<IResult> ShowAsync(
        HttpContext http, Gate gate, LineageReader lineage, KnownJobs jobs, KnownDatasets datasets, KnownRuns runs, FacetReader facets)
    {
        var (query, ct) = (http.Request.Query, http.RequestAborted);
        if (MarquezIds.Read(query["nodeId"].ToString()) is not { Count: > 0 } meant)
            return MarquezAnswers.Wrong("query param nodeId must be such as 'job:namespace:name' or 'dataset:namespace:name'.");
        var scene = await lineage.SetAsync(LogMoment.Read(query, "asOf"), at: null, atLeast: null, LineageGranularity.Dataset, ct);
        if (!scene.Succeeded)
            throw new ProblemException(scene.Problem);

        var graph = new MarquezGraph(scene.Value.View, scene.Value.Moment);
        var data = new NodeData(jobs, datasets, runs, facets, graph);
        if (await data.FindAsync([.. meant.Select(m => m.Node.WithoutVersion()).Distinct()], ct) is not { } root)
            return MarquezAnswers.NotFound("Node", query["nodeId"].ToString());
        if (gate.Refuses(root) is { } no)
            return no;

        // Marquez counts from job to job: datasets lie between, and those of the last job are shown with it.
        var hops = PageRequest.Number(query, "depth", LineageBounds.DefaultDepth, 0, LineageBounds.MaxDepth);
        var depth = (2 * hops) + (root.Kind == NodeKind.Job ? 1 : 2);
        var nodes = graph.Around([root], s_flow, down: true, depth, MaxNodes, n => n.Kind is NodeKind.Job or NodeKind.Dataset);
        var shown = await data.ShowAsync(nodes, ct);
        var edges = graph.EdgesAmong(nodes, s_flow).Select(e => new EdgeShape(MarquezIds.Write(e.From), MarquezIds.Write(e.To))).ToList();
        return MarquezAnswers.Json(new { Graph = Shape(nodes, edges, n => (n.Kind == NodeKind.Job ? "JOB" : "DATASET", shown[n])) });
    }

    /// <summary>Nodes in the order of their ids, each with its edges.</summary>
    public static IEnumerable<NodeShape> Shape(
        IEnumerable<NodeId> nodes, IReadOnlyList<EdgeShape> edges, Func<NodeId, (string Type, object? Data)> show)
    {
        var into = edges.ToLookup(e => e.Destination, StringComparer.Ordinal);
        var from = edges.ToLookup(e => e.Origin, StringComparer.Ordinal);
        return nodes.Select(n => (Node: n, Id: MarquezIds.Write(n))).OrderBy(n => n.Id, StringComparer.Ordinal).Select(n =>
        {
            var (type, data) = show(n.Node);
            return new NodeShape(n.Id, type, data, Ordered(into[n.Id]), Ordered(from[n.Id]));
        });
    }

    private static IReadOnlyList<EdgeShape> Ordered(IEnumerable<EdgeShape> edges) =>
        [.. edges.OrderBy(e => e.Origin, StringComparer.Ordinal).ThenBy(e => e.Destination, StringComparer.Ordinal)];

    private static async Task<IResult> ShowUpstreamAsync(HttpContext http, Gate gate, GraphFollower follower, KnownRuns runs)
    {
        var (query, ct) = (http.Request.Query, http.RequestAborted);
        if (!NodeId.TryCreate(NodeKind.Run, "", query["runId"].ToString(), version: null, column: null, out var run, out _))
            return MarquezAnswers.Wrong("query param runId must be the id of a run.");
        if (gate.Refuses(run) is { } no)
            return no;
        if ((await runs.FindAsync([run], ct)).Count == 0)
            return MarquezAnswers.NotFound("Run", run.Name);

        var depth = PageRequest.Number(query, "depth", LineageBounds.DefaultDepth, 0, LineageBounds.MaxDepth);
        var graph = MarquezGraph.Current(follower);
        var met = graph.Around([run], s_runs, down: false, 2 * depth, MaxNodes, n => n.Kind is NodeKind.Run or NodeKind.Dataset);
        var found = await runs.FindAsync([.. met.Where(n => n.Kind == NodeKind.Run)], ct);
        return MarquezAnswers.Json(new { Runs = found.Select(r => Upstream(r, graph)) });
    }

    private static object Upstream(KnownRun run, MarquezGraph graph) => new
    {
        Job = run.Job is { } job ? MarquezIds.Version(job) : null,
        Run = new { Id = run.Node.Name, Start = run.Started, End = run.Ended, Status = run.State.ToUpperInvariant() },
        Inputs = graph.ReadBy(run.Node).Select(v => new
        {
            v.Namespace,
            v.Name,
            Version = MarquezIds.Uuid(v),
            ProducedByRunId = graph.MakerOf(v)?.Name,
        }),
    };
}
