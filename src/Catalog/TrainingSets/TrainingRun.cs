using Catalog.Datasets;
using Catalog.Features.Training;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.TrainingSets;

/// <summary>The run that makes a training set: it reads the inputs, and the version is its output.</summary>
internal sealed class TrainingRun(WritePath writes, IQuerySession pages, States states, ManifestStore manifests)
{
    public const string RowsRole = "rows";

    /// <param name="Id">Of the run.</param>
    public sealed record Begun(Guid Id);

    /// <summary>The version that a recipe made before: the same inputs, rules and engine give the same again.</summary>
    public async Task<CreateTrainingSet.Answer> MadeAsync(NodeId version, string recipe, CancellationToken ct)
    {
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(version.StreamId, version.VersionNumber ?? 0), ct)
            ?? throw new InvalidOperationException($"{version} has no page.");
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var file in manifests.ReadFilesAsync(await manifests.LoadRootAsync(page.ManifestHash ?? "", ct), after: null, ct))
            rows[PartOf(file.Path)] = file.Rows ?? 0;
        return new CreateTrainingSet.Answer(
            version, Changed: false, page.ContentHash ?? "", recipe, NodeId.Run(page.Run ?? Guid.Empty), rows, LeftOut: null,
            (await states.FindEndAsync(version.StreamId, ct)).Position);
    }

    /// <summary>Registers the dataset where it is not there yet, starts the run, and says what it reads.</summary>
    public async Task<Outcome<Begun>> BeginAsync(
        NodeId dataset, string owner, string? documentation, TrainingRecipe recipe, CancellationToken ct)
    {
        var register = new RegisterDataset.Command(dataset.Namespace, dataset.Name, owner, documentation, ["training-set"]);
        var registered = await writes.DecideAsync<Dataset>(
            dataset.StreamId,
            d => d is null ? RegisterDataset.Decide(state: null, register)
                : DatasetRules.Writable(d, dataset, out var no) ? Decision.Unchanged
                : no,
            ct);
        if (registered.Decision is Decision.Refused refused)
            return Problem.Refused(refused);

        var run = new Begun(Guid.CreateVersion7());
        var start = new StartRun.Command(
            new(dataset.Namespace, dataset.Name), run.Id,
            Environment: new Dictionary<string, string>(StringComparer.Ordinal) { ["engine"] = recipe.Engine, ["writer"] = recipe.Writer },
            Parameters: new Dictionary<string, string>(StringComparer.Ordinal) { ["recipe"] = recipe.Hash() },
            Tags: ["training-set"]);
        await writes.DecideAsync<Run, Job>(
            Run.StreamId(run.Id), Job.StreamId(dataset.Namespace, dataset.Name), (r, j) => StartRun.Decide(r, j, run.Id, start), ct);
        foreach (var read in Inputs(recipe))
            await writes.DecideAsync<Run>(Run.StreamId(run.Id), r => RecordInput.Decide(r, run.Id, read), ct);
        return run;
    }

    /// <summary>Makes the version and ends the run.</summary>
    public async Task<Outcome<CreateTrainingSet.Answer>> CommitAsync(
        NodeId dataset, Begun run, TrainingRecipe recipe, MadeFiles made, string? message, CancellationToken ct)
    {
        var body = new CommitVersion.Body(Run: run.Id, Message: message);
        var hash = recipe.Hash();
        NodeId[] inputs = [.. recipe.Inputs().Concat(recipe.Views.Select(v => v.View)).Distinct()];
        var written = await writes.DecideAsync<Dataset, Run>(
            dataset.StreamId, Run.StreamId(run.Id),
            (d, r) => Derived(CommitVersion.Decide(d, r, dataset, body, made.Content, digest: null), hash, inputs),
            ct,
            (rows, facts) =>
            {
                if (facts.OfType<VersionCommitted>().FirstOrDefault() is { } version)
                    ManifestStore.Store(rows, made.Content, made.Content.RootOn(version.Parent, version.Run, version.Message));
            });
        if (written.Decision is Decision.Refused refused)
            return Problem.Refused(refused);

        var ended = await writes.DecideAsync<Run>(
            Run.StreamId(run.Id), r => EndRun.Decide(r, new(run.Id, RunState.Completed, Reason: null)), ct);
        var state = written.State as Dataset ?? throw new InvalidOperationException("A decision that is not refused leaves a state.");
        var number = (written.Decision as Decision.Accepted)?.Facts.OfType<VersionCommitted>().FirstOrDefault()?.Number;
        return new CreateTrainingSet.Answer(
            dataset.WithVersion(number ?? state.Latest), number is not null, made.Content.ContentHash, hash, NodeId.Run(run.Id),
            made.Files.ToDictionary(f => PartOf(f.Path), f => f.Rows, StringComparer.Ordinal), made.LeftOut,
            Math.Max(written.Position, ended.Position));
    }

    public Task FailAsync(Begun run, string reason, CancellationToken ct)
    {
        var end = new EndRun.Command(run.Id, RunState.Failed, reason.Length > Limits.Prose ? reason[..Limits.Prose] : reason);
        return writes.DecideAsync<Run>(Run.StreamId(run.Id), r => EndRun.Decide(r, end), ct);
    }

    private static string PartOf(string path) => path[..^".parquet".Length];

    private static Decision Derived(Decision decision, string recipe, IReadOnlyList<NodeId> inputs) =>
        decision is Decision.Accepted { Facts: var facts } && facts.OfType<VersionCommitted>().FirstOrDefault() is { } version
            ? Decision.Accept([.. facts, new VersionDerived(version.Number, recipe, inputs)])
            : decision;

    private static IEnumerable<RunInputRead> Inputs(TrainingRecipe recipe)
    {
        yield return Read(recipe.Rows.Dataset, RowsRole);
        foreach (var view in recipe.Views)
            yield return Read(view.Source, view.As ?? view.View.Name);
    }

    private static RunInputRead Read(NodeId version, string role) => new(version, version.Version ?? "", role);
}
