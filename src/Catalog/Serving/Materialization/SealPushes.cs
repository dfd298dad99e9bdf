using System.Globalization;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.Garbage;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Serving.Pushing;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;
using Marten;

namespace Catalog.Serving.Materialization;

/// <summary>What became of the rows that were pushed to a version of a view.</summary>
/// <param name="Version">The dataset version that has all of them; null where nothing was ever pushed.</param>
/// <param name="Through">The position of the newest.</param>
/// <param name="Problem">Why they could not be sealed.</param>
internal sealed record SealedPushes(NodeId? Version, long Through, Problem? Problem = null);

/// <summary>
/// Makes a dataset version of the rows that were pushed to a version of a view, before a generation has them: so every value that is served
/// comes from a version. The dataset is called as the view is, and <c>.pushed</c>; each sealing adds a file, named after the positions of
/// its rows in the push log.
/// </summary>
internal sealed class SealPushes(
    IDocumentStore store, States states, IQuerySession pages, ManifestStore manifests, WritePath writes, Intake intake,
    ContentStore objects, UnusedObjects unused, TrainingSettings settings)
{
    /// <summary>Rows of one file.</summary>
    private const int MostRows = 100_000;

    /// <summary>The dataset of the rows that were pushed to a version of a view.</summary>
    public static NodeId DatasetOf(NodeId version) => NodeId.Dataset(
        version.Namespace, version.VersionNumber is null or 1 ? $"{version.Name}.pushed" : $"{version.Name}.v{version.Version}.pushed");

    public async Task<SealedPushes> SealAsync(LocatedFeatureView view, CancellationToken ct)
    {
        var dataset = DatasetOf(view.Node);
        while (true)
        {
            var (latest, through) = await FindAsync(dataset, ct);
            var rows = await PushTable.ReadAsync(store, view.Node, through, MostRows, ct);
            if (rows.Count == 0)
                return new(latest, through);
            if (await SealAsync(view, dataset, latest, rows, ct) is { } problem)
                return new(latest, through, problem);
        }
    }

    /// <summary>The newest version, and the position that it goes up to: its last file's name says it.</summary>
    private async Task<(NodeId? Latest, long Through)> FindAsync(NodeId dataset, CancellationToken ct)
    {
        if (await states.LoadAsync<Dataset>(dataset.StreamId, ct) is not { Latest: > 0 and var latest })
            return (null, 0);
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, latest), ct);
        var last = "";
        await foreach (var file in manifests.ReadFilesAsync(await manifests.LoadRootAsync(page?.ManifestHash ?? "", ct), after: null, ct))
            last = file.Path;
        return (dataset.WithVersion(latest), PositionOf(last));
    }

    private async Task<Problem?> SealAsync(
        LocatedFeatureView view, NodeId dataset, NodeId? latest, IReadOnlyList<PushedRow> rows, CancellationToken ct)
    {
        if (latest is null && await RegisterAsync(view, dataset, ct) is { } refused)
            return refused;
        var stored = await StoreAsync(view.Definition, rows, ct);
        var path = string.Create(CultureInfo.InvariantCulture, $"{rows[0].Position:D19}-{rows[^1].Position:D19}.parquet");
        var read = await intake.ReadAsync(
            [new FileSource(path, Sha256: stored.Sha256, Bytes: stored.Bytes)], dirs: null, Content.Parquet, progress: null, ct);
        if (!read.Succeeded)
            return read.Problem;
        var content = await ContentAsync(latest, read.Value, ct);
        if (!content.Succeeded)
            return content.Problem;

        var body = new CommitVersion.Body(
            ExpectedParent: latest?.VersionNumber ?? 0, Message: $"Rows {rows[0].Position} to {rows[^1].Position} of the push log.");
        var written = await writes.DecideAsync<Dataset>(
            dataset.StreamId,
            d => CommitVersion.Decide(d, run: null, dataset, body, content.Value, digest: null),
            ct,
            beside: (beside, facts) =>
            {
                if (facts.OfType<VersionCommitted>().FirstOrDefault() is { } made)
                    ManifestStore.Store(beside, content.Value, content.Value.RootOn(made.Parent, made.Run, made.Message));
            });

        // Another server sealed them just now: what it made is looked at, and gone on from.
        return written.Decision is Decision.Refused { Code: not "version.parent_conflict" } no ? Problem.Refused(no) : null;
    }

    private async Task<Problem?> RegisterAsync(LocatedFeatureView view, NodeId dataset, CancellationToken ct)
    {
        var register = new RegisterDataset.Command(
            dataset.Namespace, dataset.Name, view.Owner, $"Rows that were pushed to '{view.Node}'.", ["pushed-features", .. view.Tags]);
        var written = await writes.DecideAsync<Dataset>(
            dataset.StreamId, d => d is null ? RegisterDataset.Decide(state: null, register) : Decision.Unchanged, ct);
        return written.Decision is Decision.Refused refused ? Problem.Refused(refused) : null;
    }

    private async Task<StoredContent> StoreAsync(FeatureDefinition definition, IReadOnlyList<PushedRow> rows, CancellationToken ct)
    {
        await using var file = NamelessFile.Open(settings.Folder, "pushed-rows");
        await using var hashed = new HashedStream(file);
        var schema = PushedRows.SchemaOf(definition);
        await ParquetFileWriter.WriteAsync(
            hashed, schema, PushedBatches.Of(definition, rows).ToAsyncEnumerable(), TrainingFiles.WriteOptions, ct);
        var sha256 = hashed.Finish();
        await unused.KeepAsync([sha256], ct);
        file.Position = 0;
        var stored = await objects.StoreAsync(file, sha256, ct);
        await unused.KeepAsync([sha256], ct);
        return stored;
    }

    private async Task<Outcome<Content>> ContentAsync(NodeId? latest, ReadFiles read, CancellationToken ct)
    {
        if (latest is not { } parent)
            return Intake.Whole(read, preparedOn: 0);
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(parent.StreamId, parent.VersionNumber ?? 0), ct);
        return await intake.AppendAsync(page?.ManifestHash ?? "", parent.VersionNumber ?? 0, read, [], ct);
    }

    private static long PositionOf(string path) =>
        long.Parse(path.AsSpan(20, 19), NumberStyles.None, CultureInfo.InvariantCulture);
}
