using Catalog.Access;
using Catalog.Datasets;
using Catalog.FeatureGenerations;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Predictions;

/// <summary>
/// Follows what a decision rests on: from the model's version to the run that trained it and to what that read; from the receipt to the
/// generations of features and to what they were made of; and from each dataset version on to what it was made of, if a run made it.
/// </summary>
internal sealed class PredictionChain(States states, IQuerySession pages, ManifestStore manifests, IDocumentStore store, Gate gate)
{
    /// <summary>So many dataset versions are told of; more are left out, and the answer says so.</summary>
    public const int MostVersions = 100;

    /// <summary>So many files of each.</summary>
    private const int MostFiles = 20;

    /// <param name="version">Of a model, by number.</param>
    /// <param name="seen">The receipt, if there is one.</param>
    /// <param name="ct">Stops.</param>
    public async Task<Chain> FollowAsync(NodeId version, SeenFeatures? seen, CancellationToken ct)
    {
        var model = await pages.LoadAsync<ModelVersionPage>(ModelVersionPages.Id(version.StreamId, version.VersionNumber ?? 0), ct);
        var trained = model is null ? [] : await InputsAsync(model.Run, ct);
        var generations = await GenerationsAsync(seen, ct);
        var (told, truncated) = await VersionsAsync(trained.Concat(generations.SelectMany(g => g.Sources)), ct);
        return new Chain(
            model is null ? null : NodeId.Run(model.Run), model?.ContentHash, trained, generations, told, truncated);
    }

    private async Task<IReadOnlyList<TracedGeneration>> GenerationsAsync(SeenFeatures? seen, CancellationToken ct)
    {
        var traced = new List<TracedGeneration>();
        foreach (var view in seen?.Views ?? [])
        {
            if (view.Generation is not { } generation || !gate.Lets(Act.Read, generation)
                || await pages.LoadAsync<FeatureGenerationPage>(generation.ToString(), ct) is not { Built: var built } page)
                continue;
            traced.Add(new TracedGeneration(
                generation, view.View, built.AsOf, page.BuiltAt, built.PushedThrough, built.Run is { } run ? NodeId.Run(run) : null,
                built.Sha256, [.. built.Sources.Select(s => s.Version)]));
        }

        return traced;
    }

    private async Task<(IReadOnlyList<TracedVersion> Told, bool Truncated)> VersionsAsync(
        IEnumerable<NodeId> from, CancellationToken ct)
    {
        var told = new List<TracedVersion>();
        var met = from.ToHashSet();
        var next = new Queue<NodeId>(met);
        while (next.TryDequeue(out var version))
        {
            if (told.Count == MostVersions)
                return (told, true);
            if (version.Kind != NodeKind.Dataset || !gate.Lets(Act.Read, version) || await TellAsync(version, ct) is not { } one)
                continue;
            told.Add(one);
            foreach (var earlier in one.MadeOf.Where(met.Add))
                next.Enqueue(earlier);
        }

        return (told, false);
    }

    private async Task<TracedVersion?> TellAsync(NodeId version, CancellationToken ct)
    {
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(version.StreamId, version.VersionNumber ?? 0), ct);
        if (page is null)
            return null;
        var files = new List<TracedFile>();
        if (page.ManifestHash is { } manifest)
        {
            var root = await manifests.LoadRootAsync(manifest, ct);
            await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct).Take(MostFiles).WithCancellation(ct))
                files.Add(new(file.Path, file.Bytes, file.Sha256));
        }

        return new TracedVersion(
            version, await PositionAsync(version, ct), page.ContentHash, page.ManifestHash, page.CommittedAt,
            page.Run is { } run ? NodeId.Run(run) : null, page.Run is { } made ? await InputsAsync(made, ct) : [],
            page.Files ?? files.Count, files);
    }

    private async Task<IReadOnlyList<NodeId>> InputsAsync(Guid run, CancellationToken ct) =>
        await states.LoadAsync<Run>(Run.StreamId(run), ct) is { } known
            ? [.. known.Inputs.Select(i => i.Dataset).Distinct().Order(NodeId.Order)]
            : [];

    /// <summary>Where in the log a version became known; null for one that only others told of.</summary>
    private async Task<long?> PositionAsync(NodeId version, CancellationToken ct) =>
        (await store.ReadAsync(
            $"""
            select min(seq_id) from {CatalogStore.Schema}.mt_events
            where stream_id = $1 and type in ('dataset_version_committed', 'dataset_version_observed') and (data ->> 'number')::bigint = $2
            """,
            [version.StreamId, version.VersionNumber ?? 0],
            row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0),
            ct))[0];
}

/// <summary>What a decision rests on.</summary>
/// <param name="TrainedBy">The run that made the model's version.</param>
/// <param name="ModelContentHash">Of the artifacts of the model's version.</param>
/// <param name="TrainedOn">What that run read.</param>
/// <param name="Generations">Of the features that it was decided with.</param>
/// <param name="Versions">Of datasets, each once, from near to far.</param>
/// <param name="Truncated">Whether there are more of them.</param>
internal sealed record Chain(
    NodeId? TrainedBy, string? ModelContentHash, IReadOnlyList<NodeId> TrainedOn, IReadOnlyList<TracedGeneration> Generations,
    IReadOnlyList<TracedVersion> Versions, bool Truncated);

/// <summary>Values of a view that a decision was made with.</summary>
/// <param name="Generation">Its node.</param>
/// <param name="View">By number.</param>
/// <param name="AsOf">The time that its values hold at.</param>
/// <param name="BuiltAt">When it was recorded.</param>
/// <param name="PushedThrough">Rows that were pushed up to this position are in it.</param>
/// <param name="Run">That computed it.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Sources">The dataset versions that it was made of.</param>
public sealed record TracedGeneration(
    NodeId Generation, NodeId View, DateTimeOffset AsOf, DateTimeOffset BuiltAt, long PushedThrough, NodeId? Run, string Sha256,
    IReadOnlyList<NodeId> Sources);

/// <summary>A dataset version that a decision rests on.</summary>
/// <param name="Version">By number.</param>
/// <param name="Position">In the log.</param>
/// <param name="ContentHash">Of its files; null while it is only observed.</param>
/// <param name="ManifestHash">Of the list of them.</param>
/// <param name="CommittedAt">When it entered the catalog.</param>
/// <param name="Run">That made it; null where it was brought as it is.</param>
/// <param name="MadeOf">What that run read.</param>
/// <param name="Files">How many there are.</param>
/// <param name="FirstFiles">The first 20, by path.</param>
public sealed record TracedVersion(
    NodeId Version, long? Position, string? ContentHash, string? ManifestHash, DateTimeOffset CommittedAt, NodeId? Run,
    IReadOnlyList<NodeId> MadeOf, long Files, IReadOnlyList<TracedFile> FirstFiles);

/// <param name="Path">In the version.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Of its bytes; empty while the version is only observed.</param>
public sealed record TracedFile(string Path, long Bytes, string Sha256);
