using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>
/// Runs that are done once in the life of a catalog. Ids are made from the step: a run that completed is left alone, one that was cut off
/// in the middle (nobody said that it ended) goes on, and one that failed or was aborted is followed by another attempt.
/// </summary>
internal sealed class Steps(CatalogClient catalog)
{
    /// <param name="step">What the run is for.</param>
    /// <param name="job">Whose run it is.</param>
    /// <param name="options">What it starts with.</param>
    /// <param name="work">Does the run's work; given what the run had made before it was cut off.</param>
    /// <param name="ct">Aborts the run.</param>
    public async Task<Done> OnceAsync(
        string step, QualifiedName job, RunOptions options, Func<ActiveRun, IReadOnlyList<NodeId>, Task> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var id = StepId.Of(step, attempt);
            var found = await FindAsync(id, ct);
            if (found?.State is RunState.Completed)
                return new Done(found, Before: true);
            if (found?.State is RunState.Failed or RunState.Aborted)
                continue;

            await WorkAsync(job, options with { Id = id }, run => work(run, found?.Outputs ?? []), ct);
            return new Done(await catalog.Runs.GetAsync(id, ct), Before: false);
        }
    }

    /// <summary>Adds the points that the run does not have yet: points are added each time they are sent.</summary>
    public async Task LogMetricsAsync(ActiveRun run, IEnumerable<MetricPoint> points, CancellationToken ct)
    {
        var there = (await catalog.Runs.MetricsAsync(run.Id, ct: ct)).Select(p => (p.Key, p.Step)).ToHashSet();
        await run.LogMetricsAsync(points.Where(p => !there.Contains((p.Key, p.Step))), ct);
    }

    private async Task WorkAsync(QualifiedName job, RunOptions options, Func<ActiveRun, Task> work, CancellationToken ct)
    {
        await using var run = await catalog.StartRunAsync(job, options, ct);
        try
        {
            await work(run);
            await run.CompleteAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await run.AbortAsync("Interrupted.", CancellationToken.None);
            throw;
        }
    }

    private async Task<Run?> FindAsync(Guid id, CancellationToken ct)
    {
        try
        {
            return await catalog.Runs.GetAsync(id, ct);
        }
        catch (CatalogException e) when (e.Code == "run.not_found")
        {
            return null;
        }
    }
}

/// <summary>A completed run.</summary>
/// <param name="Before">It had been completed before.</param>
internal sealed record Done(Run Run, bool Before);
