using System.Text.Json;
using Catalog.Access;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Jobs and their runs.</summary>
internal static class JobRoutes
{
    private static readonly string[] s_states = ["new", "running", "completed", "failed", "aborted"];

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/jobs", (MarquezPage page, HttpContext http, KnownJobs jobs, KnownNames names, JobShapes shapes) =>
            ListAsync(ns: null, page, http, jobs, names, shapes));
        api.MapGet(
            "/namespaces/{ns}/jobs", (Segment ns, MarquezPage page, HttpContext http, KnownJobs jobs, KnownNames names, JobShapes shapes) =>
                ListAsync(ns, page, http, jobs, names, shapes));
        api.MapGet("/namespaces/{ns}/jobs/{job}", ShowAsync);
        api.MapGet("/namespaces/{ns}/jobs/{job}/versions", ListVersionsAsync);
        api.MapGet("/namespaces/{ns}/jobs/{job}/versions/{version:guid}", ShowVersionAsync);
        api.MapGet("/namespaces/{ns}/jobs/{job}/runs", ListRunsAsync);
        api.MapGet("/jobs/runs/{id}", ShowRunAsync);
        api.MapGet("/jobs/runs/{id}/facets", ShowFacetsAsync);
    }

    private static async Task<IResult> ListAsync(
        string? ns, MarquezPage page, HttpContext http, KnownJobs jobs, KnownNames names, JobShapes shapes)
    {
        var states = http.Request.Query["lastRunStates"].OfType<string>().Select(s => s.ToLowerInvariant()).ToList();
        if (states.Find(s => !s_states.Contains(s)) is { } wrong)
            return MarquezAnswers.Wrong($"lastRunStates must be of NEW, RUNNING, COMPLETED, FAILED and ABORTED, not '{wrong}'.");
        var (found, total) = await jobs.ListAsync(ns, states.Count == 0 ? null : states, page.Limit, page.Offset, http.RequestAborted);
        if (ns is not null && total == 0 && (await names.NamespacesAsync(kind: null, ns, 1, 0, http.RequestAborted)).Count == 0)
            return MarquezAnswers.NotFound("Namespace", ns);
        return MarquezAnswers.Json(new { Jobs = await shapes.ShowAsync(found, http.RequestAborted), TotalCount = total });
    }

    private static async Task<IResult> ShowAsync(
        Segment ns, Segment job, Gate gate, KnownJobs jobs, KnownRuns runs, JobShapes shapes, RunShapes runShapes, CancellationToken ct)
    {
        var node = NodeId.Job(ns, job);
        if (gate.Refuses(node) is { } no)
            return no;
        if (!(await jobs.FindAsync([node], ct)).TryGetValue(node, out var found))
            return MarquezAnswers.NotFound("Job", job);
        var shape = (await shapes.ShowAsync([found], ct))[0];
        var latest = await runShapes.WholeAsync(await runs.ListAsync(node, 10, 0, ct), ct);
        return MarquezAnswers.Json(shape with { LatestRun = latest.Count > 0 ? latest[0] : null, LatestRuns = latest });
    }

    private static async Task<IResult> ListVersionsAsync(
        Segment ns, Segment job, MarquezPage page, Gate gate, KnownJobs jobs, JobShapes shapes, CancellationToken ct)
    {
        var node = NodeId.Job(ns, job);
        if (gate.Refuses(node) is { } no)
            return no;
        if (!(await jobs.FindAsync([node], ct)).TryGetValue(node, out var found))
            return MarquezAnswers.NotFound("Job", job);
        var only = page is { Limit: > 0, Offset: 0 } ? (JobVersionShape[])[VersionOf((await shapes.ShowAsync([found], ct))[0])] : [];
        return MarquezAnswers.Json(new { Versions = only, TotalCount = 1 });
    }

    private static async Task<IResult> ShowVersionAsync(
        Segment ns, Segment job, Guid version, Gate gate, KnownJobs jobs, JobShapes shapes, CancellationToken ct)
    {
        var node = NodeId.Job(ns, job);
        if (gate.Refuses(node) is { } no)
            return no;
        return !(await jobs.FindAsync([node], ct)).TryGetValue(node, out var found) ? MarquezAnswers.NotFound("Job", job)
            : version != MarquezIds.Uuid(node) ? MarquezAnswers.NotFound("Job version", version.ToString())
            : MarquezAnswers.Json(VersionOf((await shapes.ShowAsync([found], ct))[0]));
    }

    /// <summary>A job has one version here: that of its current inputs and outputs.</summary>
    private static JobVersionShape VersionOf(JobShape job) => new(
        new VersionRef(job.Namespace, job.Name, job.CurrentVersion), job.Name, job.CreatedAt, job.CurrentVersion, job.Namespace,
        job.Location, job.Inputs, job.Outputs, job.LatestRun);

    private static async Task<IResult> ListRunsAsync(
        Segment ns, Segment job, MarquezPage page, Gate gate, KnownJobs jobs, KnownRuns runs, RunShapes shapes, CancellationToken ct)
    {
        var node = NodeId.Job(ns, job);
        if (gate.Refuses(node) is { } no)
            return no;
        if (!(await jobs.FindAsync([node], ct)).ContainsKey(node))
            return MarquezAnswers.NotFound("Job", job);
        var found = await runs.ListAsync(node, page.Limit, page.Offset, ct);
        return MarquezAnswers.Json(new { Runs = await shapes.WholeAsync(found, ct), TotalCount = await runs.CountAsync(node, ct) });
    }

    private static async Task<IResult> ShowRunAsync(Segment id, Gate gate, KnownRuns runs, RunShapes shapes, CancellationToken ct)
    {
        var node = NodeId.Run(MarquezIds.Run(id));
        if (gate.Refuses(node) is { } no)
            return no;
        return await shapes.WholeAsync(await runs.FindAsync([node], ct), ct) is [var found, ..]
            ? MarquezAnswers.Json(found)
            : MarquezAnswers.NotFound("Run", id);
    }

    private static async Task<IResult> ShowFacetsAsync(
        Segment id, string? type, Gate gate, MarquezSight sight, KnownRuns runs, RunShapes shapes, RunFacets inRuns, CancellationToken ct)
    {
        var node = NodeId.Run(MarquezIds.Run(id));
        if (gate.Refuses(node) is { } no)
            return no;
        if (await runs.FindAsync([node], ct) is not [var run, ..])
            return MarquezAnswers.NotFound("Run", id);
        switch (type?.ToLowerInvariant())
        {
            case "run":
                return MarquezAnswers.Json(new { RunId = node.Name, (await shapes.WholeAsync([run], ct))[0].Facets });
            case "job":
                return MarquezAnswers.Json(new { RunId = node.Name, Facets = await OfJobAsync(run, sight, inRuns, ct) });
            default:
                return MarquezAnswers.Wrong("query param type must be 'run' or 'job'.");
        }
    }

    /// <summary>None where nobody said what job it is, or it may not be seen.</summary>
    private static async Task<IReadOnlyDictionary<string, JsonElement>> OfJobAsync(
        KnownRun run, MarquezSight sight, RunFacets inRuns, CancellationToken ct)
    {
        if (run.Job is not { } job || !sight.Shows(job))
            return new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var asked = new InRun(run.Node, job, Role: null);
        return (await inRuns.ReadAsync([asked], upTo: null, ct))[asked];
    }
}
