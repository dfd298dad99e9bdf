using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform.Writes;
using Catalog.Storage.Columnar;
using Catalog.Usage;
using Marten;

namespace Catalog.Predictions;

/// <summary>Where a prediction is kept.</summary>
/// <param name="Version">The dataset version that it came with; later ones have it, too.</param>
/// <param name="Path">The file's logical path.</param>
internal sealed record PredictionPlace(NodeId Version, string Path);

/// <summary>
/// Finds predictions in the files of a dataset: the newest first, several at a time, and of each only the row group whose request ids reach
/// around the one that is wanted.
/// </summary>
internal sealed class PredictionFiles(States states, IQuerySession pages, ManifestStore manifests, ColumnFiles files, Readings readings)
{
    private const int AtOnce = 8;

    /// <param name="model">Without a version.</param>
    /// <param name="requestId">Of the prediction.</param>
    /// <param name="day">The day (UTC) on which it was taken; null to look at all, which takes longer the longer ago it was.</param>
    /// <param name="ct">Stops.</param>
    public async Task<(LoggedPrediction Prediction, PredictionPlace Place)?> FindAsync(
        NodeId model, string requestId, DateOnly? day, CancellationToken ct)
    {
        var dataset = PredictionNames.DatasetOf(model);
        if (await states.LoadAsync<Dataset>(dataset.StreamId, ct) is not { Latest: > 0 and var latest })
            return null;
        var reading = readings.Begin(dataset.WithVersion(latest), UsageWay.Columns);
        foreach (var some in (await ListAsync(dataset, latest, day, ct)).Chunk(AtOnce))
        {
            var found = await Task.WhenAll(some.Select(f => FindAsync(model, requestId, f.File, reading, ct)));
            for (var i = 0; i < some.Length; i++)
            {
                if (found[i] is { } prediction)
                    return (prediction, new PredictionPlace(dataset.WithVersion(some[i].Version), some[i].File.Path));
            }
        }

        return null;
    }

    /// <summary>The files that sealing made, the newest first; what others added is no prediction.</summary>
    private async Task<List<(FileEntry File, long Version)>> ListAsync(NodeId dataset, long latest, DateOnly? day, CancellationToken ct)
    {
        var listed = new List<(FileEntry File, long Version)>();
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, latest), ct);
        if (page?.ManifestHash is not { } manifest)
            return listed;
        await foreach (var file in manifests.ReadFilesAsync(await manifests.LoadRootAsync(manifest, ct), after: null, ct))
        {
            if (SealPredictions.Parse(file.Path) is { } made && (day is null || made.Day == day))
                listed.Add((file, made.Version));
        }

        listed.Sort((a, b) => b.Version.CompareTo(a.Version));
        return listed;
    }

    private async Task<LoggedPrediction?> FindAsync(
        NodeId model, string requestId, FileEntry file, Reading reading, CancellationToken ct)
    {
        var request = new ScanRequest
        {
            Where = [new Condition(PredictionBatches.RequestId, Comparison.Equal, requestId)],
            Parallelism = 1,
        };
        var scan = await ColumnScan.OpenAsync([files.Source(file, reading)], request, ct);
        await foreach (var batch in scan.ReadAsync(ct))
        {
            using (batch)
                return PredictionBatches.Read(model, batch, row: 0);
        }

        return null;
    }
}
