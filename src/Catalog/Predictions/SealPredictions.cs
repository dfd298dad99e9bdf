using System.Globalization;
using Catalog.Datasets;
using Catalog.Garbage;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;
using Marten;

namespace Catalog.Predictions;

/// <param name="Version">The newest version; null where there is none yet.</param>
/// <param name="Predictions">That became part of a version now.</param>
internal sealed record SealedNow(NodeId? Version, long Predictions);

/// <summary>
/// Makes versions of the dataset of a model's predictions from those that wait. Each sealing adds a file, of one day, called after the day
/// and the number of the version that it came with; the version, and in which version each prediction is, become so in one transaction: a
/// prediction is in one file, once.
/// </summary>
internal sealed class SealPredictions(
    IDocumentStore store, States states, IQuerySession pages, WritePath writes, Intake intake, ContentStore objects, UnusedObjects unused,
    AppendTurns turns, TrainingSettings settings, PredictionOptions options, TimeProvider clock)
{
    /// <summary>On the job, its runs and nothing else.</summary>
    private const string Tag = "prediction-log";

    /// <summary>Small row groups of sorted request ids: looking one up decodes one of them.</summary>
    private static readonly ParquetWriteOptions s_options = new() { RowGroupRows = 8_192 };

    /// <summary>The logical path of the file that came with a version.</summary>
    public static string PathOf(DateOnly day, long version) =>
        string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}/{version:D10}.parquet");

    /// <summary>The day and version of a file; null where it is another's.</summary>
    public static (DateOnly Day, long Version)? Parse(string path) =>
        path is [_, _, _, _, '-', _, _, '-', _, _, '/', ..] && path.EndsWith(".parquet", StringComparison.Ordinal)
        && DateOnly.TryParseExact(path.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && long.TryParse(path.AsSpan(11, path.Length - 19), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (day, version)
            : null;

    /// <param name="model">Without a version.</param>
    /// <param name="ct">Stops; what was sealed by then is.</param>
    public async Task<Outcome<SealedNow>> SealAsync(NodeId model, CancellationToken ct)
    {
        var dataset = PredictionNames.DatasetOf(model);
        using var turn = await turns.TakeAsync(dataset.StreamId, ct);

        // What comes meanwhile is for the next time: else a model that is asked all the while would never be done.
        var until = clock.GetUtcNow();
        for (var all = 0L; ;)
        {
            // First: whoever seals what is read afterwards makes this version the parent of another, and ours is refused.
            if (await states.LoadAsync<Dataset>(dataset.StreamId, ct) is not { } state)
                return Problem.Of("dataset.not_found", $"There is no '{dataset}'.");
            var (waiting, since) = await PredictionTable.WaitingAsync(store, model, until, ct);
            if (waiting == 0 || since is not { } oldest)
                return new SealedNow(state.Latest > 0 ? dataset.WithVersion(state.Latest) : null, all);
            if (!DatasetRules.Writable(state, dataset, out var no))
                return Problem.Refused(no);
            var made = await SealAsync(model, dataset, state.Latest, DateOnly.FromDateTime(oldest.UtcDateTime), ct);
            if (!made.Succeeded)
                return made.Problem;
            all += made.Value.Predictions;
        }
    }

    private async Task<Outcome<SealedNow>> SealAsync(
        NodeId model, NodeId dataset, long latest, DateOnly day, CancellationToken ct)
    {
        if (await WriteAsync(model, day, ct) is not { } written)
            return new SealedNow(Version: null, Predictions: 0);
        var path = PathOf(day, latest + 1);
        var read = await intake.ReadAsync(
            [new FileSource(path, Sha256: written.Stored.Sha256, Bytes: written.Stored.Bytes)], dirs: null, Content.Parquet, progress: null,
            ct);
        if (!read.Succeeded)
            return read.Problem;
        var content = await ContentAsync(dataset, latest, read.Value, ct);
        return content.Succeeded
            ? await CommitAsync(model, dataset, latest, written, content.Value, ct)
            : content.Problem;
    }

    /// <summary>Null where another server sealed them meanwhile.</summary>
    private async Task<WrittenPredictions?> WriteAsync(NodeId model, DateOnly day, CancellationToken ct)
    {
        var (requests, versions) = (new List<string>(), new SortedSet<long>());
        await using var file = NamelessFile.Open(settings.Folder, "predictions");
        await using var hashed = new HashedStream(file);
        var rows = PredictionTable.ReadWaitingAsync(store, model, day, options.SealedTogether, ct);
        await ParquetFileWriter.WriteAsync(hashed, PredictionBatches.Schema, PredictionBatches.OfAsync(rows, Note, ct), s_options, ct);
        if (requests.Count == 0)
            return null;
        var sha256 = hashed.Finish();
        await unused.KeepAsync([sha256], ct);
        file.Position = 0;
        var stored = await objects.StoreAsync(file, sha256, ct);
        await unused.KeepAsync([sha256], ct);
        return new WrittenPredictions(stored, requests, [.. versions.Select(v => model.WithVersion(v))]);

        void Note(LoggedPrediction prediction)
        {
            requests.Add(prediction.RequestId);
            versions.Add(prediction.Model.VersionNumber ?? 0);
        }
    }

    private async Task<Outcome<Content>> ContentAsync(NodeId dataset, long latest, ReadFiles read, CancellationToken ct)
    {
        if (latest == 0)
            return Intake.Whole(read, preparedOn: 0);
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, latest), ct);
        return page?.ManifestHash is { } manifest
            ? await intake.AppendAsync(manifest, latest, read, [], ct)
            : Problem.Of("version.not_sealed", $"'{dataset}@{latest}' is only observed: seal it before predictions are added to it.");
    }

    /// <summary>The version and its run: what was decided was made with these versions of the model.</summary>
    private async Task<Outcome<SealedNow>> CommitAsync(
        NodeId model, NodeId dataset, long latest, WrittenPredictions predictions, Content content, CancellationToken ct)
    {
        var run = await BeginAsync(dataset, predictions.Models, ct);
        var body = new CommitVersion.Body(
            ExpectedParent: latest, Run: run,
            Message: string.Create(CultureInfo.InvariantCulture, $"{predictions.Requests.Count} predictions."));
        var written = await writes.DecideAsync<Dataset, Run>(
            dataset.StreamId,
            Run.StreamId(run),
            (d, r) => CommitVersion.Decide(d, r, dataset, body, content, digest: null),
            ct,
            (rows, facts) =>
            {
                if (facts.OfType<VersionCommitted>().FirstOrDefault() is not { } made)
                    return;
                ManifestStore.Store(rows, content, content.RootOn(made.Parent, made.Run, made.Message));
                foreach (var request in predictions.Requests)
                    rows.Add(PredictionTable.Sealings, model.StreamId, request, made.Number);
            });
        if (written.Decision is not Decision.Refused no)
        {
            await EndAsync(new(run, RunState.Completed, Reason: null));
            PredictionLosses.CountSealed(predictions.Requests.Count);
            return new SealedNow(dataset.WithVersion(latest + 1), predictions.Requests.Count);
        }

        // Another server sealed them just now: what it made is looked at, and gone on from.
        await EndAsync(new(run, RunState.Failed, no.Detail));
        return no.Code == "version.parent_conflict" ? new SealedNow(Version: null, Predictions: 0) : Problem.Refused(no);
    }

    private async Task<Guid> BeginAsync(NodeId dataset, IReadOnlyList<NodeId> models, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var start = new StartRun.Command(new(dataset.Namespace, dataset.Name), id, Tags: [Tag]);
        await writes.DecideAsync<Run, Job>(
            Run.StreamId(id), Job.StreamId(dataset.Namespace, dataset.Name), (r, j) => StartRun.Decide(r, j, id, start), ct);
        foreach (var version in models)
        {
            var read = new RunInputRead(version, version.Version ?? "", "model");
            await writes.DecideAsync<Run>(Run.StreamId(id), r => RecordInput.Decide(r, id, read), ct);
        }

        return id;
    }

    private Task EndAsync(EndRun.Command end) =>
        writes.DecideAsync<Run>(Run.StreamId(end.Run), r => EndRun.Decide(r, end), CancellationToken.None);

    /// <param name="Requests">Their ids.</param>
    /// <param name="Models">The versions that they were decided with.</param>
    private sealed record WrittenPredictions(StoredContent Stored, IReadOnlyList<string> Requests, IReadOnlyList<NodeId> Models);
}
