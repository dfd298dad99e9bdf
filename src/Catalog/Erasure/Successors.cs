using Catalog.Datasets;
using Catalog.Features.Training;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Retention;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;
using Marten;

namespace Catalog.Erasure;

/// <summary>
/// Writes what is left of versions: files without the subject's rows, or a training set made again by its recipe from what is left of its
/// inputs; and puts it in their place.
/// </summary>
internal sealed class Successors(
    SubjectFiles files, Intake intake, ManifestStore manifests, IQuerySession pages, States states, WritePath writes, ErasedInputs erased,
    TrainingJoin join, TrainingUploads uploads, TrainingTurns turns)
{
    private const string JobNamespace = "catalog";
    private const string JobName = "erasure";

    /// <param name="dataset">What was found of it.</param>
    /// <param name="of">The versions to be succeeded now.</param>
    /// <param name="erasure">That asks for it.</param>
    /// <param name="ct">Stops before anything is in anything's place.</param>
    /// <returns>Versions that came out as they were, so that nothing was put in their place.</returns>
    public async Task<Outcome<IReadOnlyList<NodeId>>> PutAsync(
        FoundDataset dataset, IReadOnlyList<FoundVersion> of, Guid erasure, CancellationToken ct)
    {
        var (successions, objects, same) = (new List<Succession>(), new Dictionary<long, IReadOnlyList<FileEntry>>(), new List<NodeId>());
        var latest = (await states.LoadAsync<Dataset>(dataset.Node.StreamId, ct))?.Latest ?? 0;
        var written = new Dictionary<string, FileSource>(StringComparer.Ordinal);
        foreach (var version in of)
        {
            // A set of a set that came out as it was has nothing to be made again from.
            if (version is { Files.Count: 0, Recipe: { } recipe } && (await erased.ReplaceAsync(recipe, ct)).Erased.Count == 0)
            {
                same.Add(dataset.Node.WithVersion(version.Number));
                continue;
            }

            var made = await MakeAsync(dataset, version, written, ct);
            if (!made.Succeeded)
                return made.Problem;
            if (made.Value.Content.ContentHash == (await PageAsync(dataset.Node, version.Number, ct))?.ContentHash)
            {
                same.Add(dataset.Node.WithVersion(version.Number));
                continue;
            }

            successions.Add(made.Value);
            objects.Add(version.Number, await GoneAsync(version, made.Value, ct));
        }

        if (successions.Count == 0)
            return same;
        Succession? newest = null;
        if (successions[^1].Number != latest)
        {
            var stays = await NewestAsync(dataset.Node, latest, ct);
            if (!stays.Succeeded)
                return stays.Problem;
            newest = stays.Value;
        }

        // The newest is an input, too: what it bears, its copy bears.
        var by = ErasureRun.Of(erasure, dataset.Node, latest);
        await BeginAsync(by.Run, successions.Append(newest).OfType<Succession>().Select(s => dataset.Node.WithVersion(s.Number)), ct);
        var outcome = await writes.DecideAsync<Dataset, Run>(
            dataset.Node.StreamId, Run.StreamId(by.Run),
            (d, r) => SupersedeVersions.Decide(d, r, dataset.Node, latest, successions, newest, by),
            ct,
            (rows, facts) =>
            {
                foreach (var made in facts.OfType<VersionCommitted>())
                {
                    var (content, root) = successions.Append(newest).OfType<Succession>()
                        .Select(s => (s.Content, Root: SupersedeVersions.RootOf(s.Content, made.Parent, by.Run)))
                        .First(s => ManifestHash.Compute(s.Root) == made.ManifestHash);
                    ManifestStore.Store(rows, content, root);
                }

                foreach (var file in facts.OfType<VersionTombstoned>().SelectMany(f => objects.GetValueOrDefault(f.Number) ?? []))
                {
                    rows.Add(
                        ErasureTable.Noted, erasure, Convert.FromHexString(file.Sha256), file.Bytes,
                        ContentStore.TryParseUri(file.Uri, out _) ? "" : file.Uri);
                }
            });
        var refused = outcome.Decision as Decision.Refused;
        var end = new EndRun.Command(by.Run, refused is null ? RunState.Completed : RunState.Failed, refused?.Detail);
        await writes.DecideAsync<Run>(Run.StreamId(by.Run), r => EndRun.Decide(r, end), ct);
        return refused is null ? same : Problem.Refused(refused);
    }

    private async Task BeginAsync(Guid run, IEnumerable<NodeId> inputs, CancellationToken ct)
    {
        var start = new StartRun.Command(new(JobNamespace, JobName), run, Tags: ["erasure"]);
        await writes.DecideAsync<Run, Job>(
            Run.StreamId(run), Job.StreamId(JobNamespace, JobName), (r, j) => StartRun.Decide(r, j, run, start), ct);
        foreach (var input in inputs)
        {
            var read = new RunInputRead(input, input.Version ?? "", Role: null);
            await writes.DecideAsync<Run>(Run.StreamId(run), r => RecordInput.Decide(r, run, read), ct);
        }
    }

    private async Task<Outcome<Succession>> MakeAsync(
        FoundDataset dataset, FoundVersion version, Dictionary<string, FileSource> written, CancellationToken ct)
    {
        if (version.Recipe is { } recipe && await ReplacedAsync(recipe, ct) is { } replaced
            && await RemadeAsync(version.Number, replaced, ct) is { } remade)
            return remade;
        if (version.Files.Count == 0)
            return Problem.Of("training_set.none", $"'{dataset.Node.WithVersion(version.Number)}' cannot be made again by its recipe.");
        try
        {
            foreach (var file in version.Files.Where(f => !written.ContainsKey(f.File.Sha256)))
                written[file.File.Sha256] = await files.WriteWithoutAsync(file.File, dataset.Subject, dataset.IsPredictions, ct);
        }
        catch (FileException e)
        {
            return Problem.Of(e.Code, e.Message);
        }

        var root = await manifests.LoadRootAsync(version.ManifestHash, ct);
        var read = await intake.ReadAsync(
            [.. version.Files.Select(f => written[f.File.Sha256] with { Path = f.File.Path })],
            dirs: null, root.Format, progress: null, ct);
        var content = read.Succeeded
            ? await intake.AppendAsync(version.ManifestHash, version.Number, read.Value, remove: [], ct)
            : read.Problem;
        return content.Succeeded ? new Succession(version.Number, content.Value, Inputs: null) : content.Problem;
    }

    /// <summary>The recipe with what is left in the place of inputs that were erased; null where none was.</summary>
    private async Task<TrainingRecipe?> ReplacedAsync(TrainingRecipe recipe, CancellationToken ct)
    {
        var replaced = await erased.ReplaceAsync(recipe, ct);
        return replaced.Erased.Count == 0 || replaced.Recipe is null ? null : replaced.Recipe with
        {
            Engine = PointInTimeJoin.Engine,
            Writer = ParquetFileWriter.Writer,
            Options = TrainingFiles.WriteOptions.ToString(),
        };
    }

    /// <summary>Null where it cannot be made again: then rows are left out of what was made.</summary>
    private async Task<Succession?> RemadeAsync(long number, TrainingRecipe recipe, CancellationToken ct)
    {
        using var turn = await turns.TakeAsync(ct);
        try
        {
            var open = await join.OpenAsync(recipe, ct);
            return open.Succeeded
                ? new Succession(
                    number, (await uploads.WriteAsync(open.Value, progress: null, ct)).Content,
                    [.. recipe.Inputs().Concat(recipe.Views.Select(v => v.View)).Distinct()])
                : null;
        }
        catch (Exception e) when (e is JoinException or SplitLeakException or ProblemException)
        {
            return null;
        }
    }

    /// <summary>The files that a version had and its successor has not.</summary>
    private async Task<IReadOnlyList<FileEntry>> GoneAsync(FoundVersion version, Succession made, CancellationToken ct)
    {
        if (made.Inputs is null)
            return [.. version.Files.Select(f => f.File)];
        var all = new List<FileEntry>();
        await foreach (var file in manifests.ReadFilesAsync(await manifests.LoadRootAsync(version.ManifestHash, ct), after: null, ct))
            all.Add(file);
        var kept = made.Content.NewChunks.SelectMany(c => c.FileHashes).Select(Convert.ToHexStringLower).ToHashSet(StringComparer.Ordinal);
        return [.. all.Where(f => !kept.Contains(f.Sha256))];
    }

    /// <summary>The newest version as it is, to be committed again behind the successors of older ones.</summary>
    private async Task<Outcome<Succession>> NewestAsync(NodeId dataset, long latest, CancellationToken ct)
    {
        if (await PageAsync(dataset, latest, ct) is not { ManifestHash: { } manifest, ContentHash: { } hash } page)
        {
            return Problem.Of(
                "version.not_sealed", $"'{dataset.WithVersion(latest)}' is only observed: seal it, so that it can stay the newest.");
        }

        var root = await manifests.LoadRootAsync(manifest, ct);
        return new Succession(latest, new Content
        {
            ContentHash = hash,
            Chunks = root.Chunks,
            NewChunks = [],
            Files = page.Files ?? 0,
            Bytes = page.Bytes ?? 0,
            Rows = page.Rows,
            Format = root.Format,
            Table = root.Schema is { } schema ? new TableFacts(schema, root.Statistics) : null,
            Recipe = root.Recipe,
        }, root.Recipe is { } recipe ? [.. TrainingRecipe.Parse(recipe).Inputs()] : null);
    }

    private Task<VersionPage?> PageAsync(NodeId dataset, long number, CancellationToken ct) =>
        pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, number), ct);
}
