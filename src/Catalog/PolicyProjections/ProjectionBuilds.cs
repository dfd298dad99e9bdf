using System.Collections.Concurrent;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Storage.Columnar;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.PolicyProjections;

/// <summary>
/// Finds policy projections, and makes those that are not there. Each is made once: who wants the same waits for the one that makes it, on
/// this server and on others. It is made to its end also where nobody waits any more; until it is recorded, nothing of it is given out, and
/// what a server that died had stored of it is garbage.
/// </summary>
internal sealed partial class ProjectionBuilds(
    IDocumentStore store, IServiceScopeFactory scopes, Turns turns, ILogger<ProjectionBuilds> log) : IHostedService, IDisposable
{
    /// <summary>Each decodes with all processors, and holds row groups in memory.</summary>
    private const int AtOnce = 2;

    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly ConcurrentDictionary<(NodeId Version, string Projection), Lazy<Task<ProjectedVersion>>> _making = [];
    private readonly CancellationTokenSource _ending = new();

    /// <summary>The projection of a version that is there; null where none is.</summary>
    public async Task<ProjectedVersion?> FindAsync(LocatedVersion version, string projection, CancellationToken ct) =>
        await ProjectedVersions.FindAsync(store, version.Node, projection, ct) is { } found && found.Version == version.Node ? found : null;

    /// <summary>The projection of a version, which is made where it is not there.</summary>
    /// <param name="version">A table.</param>
    /// <param name="projection">Its hash.</param>
    /// <param name="obligations">That it meets.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="ProblemException">It cannot be made.</exception>
    public Task<ProjectedVersion> MakeAsync(
        LocatedVersion version, string projection, AccessObligations obligations, CancellationToken ct)
    {
        var key = (version.Node, projection);
        var making = _making.GetOrAdd(key, _ => new(() => RunAsync(key, version, obligations)));
        return making.Value.WaitAsync(ct);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        var rest = Task.WhenAll(_making.Values.Select(m => m.Value));
        await ((Task)rest).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _ending.Dispose();
        _slots.Dispose();
    }

    private async Task<ProjectedVersion> RunAsync(
        (NodeId Version, string Projection) key, LocatedVersion version, AccessObligations obligations)
    {
        // Whoever asked first goes on at once, and gets what it waits for.
        await Task.Yield();
        try
        {
            // First: who waits for another server takes no place from those who could go on.
            await using var turn = await turns.AwaitAsync(Turn.Projection(key.Projection), _ending.Token);
            await _slots.WaitAsync(_ending.Token);
            try
            {
                return await MakeOnceAsync(version, key.Projection, obligations, _ending.Token);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (Exception e) when (!_ending.IsCancellationRequested)
        {
            LogNotMade(key.Projection, version.Node.ToString(), e.Message);
            throw;
        }
        finally
        {
            // What failed is tried again by whoever asks next.
            _making.TryRemove(key, out _);
        }
    }

    /// <summary>
    /// Another server may have made it while the turn was waited for; or it was made for another version of the same content.
    /// </summary>
    private async Task<ProjectedVersion> MakeOnceAsync(
        LocatedVersion version, string projection, AccessObligations obligations, CancellationToken ct)
    {
        var found = await ProjectedVersions.FindAsync(store, version.Node, projection, ct);
        if (found?.Version == version.Node)
            return found;

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        if (scope.ServiceProvider.GetRequiredService<Gate>().Ask(Act.Commit, version.Node).Refusal is { } no)
            throw new ProblemException(no);
        var (made, content) = found is not null
            && await scope.ServiceProvider.GetRequiredService<ManifestStore>().IsKeptAsync(found.Made.ManifestHash, ct)
            ? (found.Made with { Number = version.Number }, null)
            : await WriteAsync(scope.ServiceProvider, version, projection, obligations, ct);
        return await RecordAsync(scope.ServiceProvider.GetRequiredService<WritePath>(), version, made, content, ct);
    }

    private async Task<(VersionProjected Made, Content? Content)> WriteAsync(
        IServiceProvider scoped, LocatedVersion version, string projection, AccessObligations obligations, CancellationToken ct)
    {
        var question = new ColumnQuestion(
            Columns: null, Filter: null, Shard.Whole, ScanRequest.DefaultBatchRows, ColumnCompression.None);
        var batches = await scoped.GetRequiredService<ColumnFiles>()
            .OpenAsync(version, question, obligations, reading: null, ct, kept: true);
        if (!batches.Succeeded)
            throw new ProblemException(batches.Problem);
        var content = await scoped.GetRequiredService<ProjectionFiles>().WriteAsync(batches.Value, ct);
        var made = new VersionProjected(
            version.Number, projection, content.ContentHash, ManifestHash.Compute(RootOf(content)), content.Files, content.Bytes,
            content.Rows ?? 0, ObligedRead.MaskedIn(batches.Value.Schema), obligations.RowFilters.Count > 0);
        LogMade(projection, version.Node.ToString(), made.Rows, made.Files);
        return (made, content);
    }

    private async Task<ProjectedVersion> RecordAsync(
        WritePath writes, LocatedVersion version, VersionProjected made, Content? content, CancellationToken ct)
    {
        var dataset = version.Node.WithoutVersion();
        try
        {
            var written = await writes.DecideAsync<Dataset>(
                dataset.StreamId,
                state => ProjectVersion.Decide(state, dataset, made),
                ct,
                beside: (rows, _) =>
                {
                    if (content is not null)
                        ManifestStore.Store(rows, content, RootOf(content));
                });
            return written.Decision is Decision.Refused refused
                ? throw new ProblemException(Problem.Refused(refused))
                : new ProjectedVersion(dataset.StreamId, made);
        }
        catch (Exception e) when (ProjectedVersions.IsRepeated(e))
        {
            return await FindAsync(version, made.Projection, ct)
                ?? throw new InvalidOperationException($"{made.Projection} of {version.Node} was made by another, and is not there.", e);
        }
    }

    private static ManifestRoot RootOf(Content content) => content.RootOn(parent: null, run: null, message: null);

    [LoggerMessage(1701, LogLevel.Information, "Made the projection {Projection} of {Version}: {Rows} rows in {Files} files.")]
    private partial void LogMade(string projection, string version, long rows, long files);

    [LoggerMessage(1702, LogLevel.Warning, "The projection {Projection} of {Version} was not made: {Why}")]
    private partial void LogNotMade(string projection, string version, string why);
}
