using Catalog.Datasets;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Serving.Materialization;

/// <summary>A dataset version that a generation is made of.</summary>
/// <param name="Version">By number.</param>
/// <param name="Source">As the generation records it.</param>
/// <param name="Tags">Of the dataset, for the gate.</param>
/// <param name="Files">In the version's order.</param>
/// <param name="IsPushed">Whether it is of rows that were pushed.</param>
internal sealed record PinnedSource(
    NodeId Version, GenerationSource Source, IReadOnlyCollection<string> Tags, IReadOnlyList<FileEntry> Files, bool IsPushed);

/// <summary>Pins the versions that a generation is made of.</summary>
internal sealed class GenerationSources(VersionLookup versions, IQuerySession pages, ManifestStore manifests, IDocumentStore store)
{
    /// <param name="version">With a number or an alias; without one, the latest.</param>
    /// <param name="isPushed">Whether it is of rows that were pushed.</param>
    public async Task<Outcome<PinnedSource>> PinAsync(NodeId version, bool isPushed, CancellationToken ct)
    {
        var found = await versions.FindAsync(version, ct);
        if (!found.Succeeded)
            return found.Problem;
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(found.Value.Node.StreamId, found.Value.Number), ct)
            ?? throw new InvalidOperationException($"{found.Value.Node} has no page.");
        var files = new List<FileEntry>();
        await foreach (var file in manifests.ReadFilesAsync(await manifests.LoadRootAsync(found.Value.ManifestHash, ct), after: null, ct))
            files.Add(file);
        if (files.Count == 0)
            return Problem.Of("columns.none", $"'{found.Value.Node}' has no files, and so no columns.");
        var position = await FindPositionAsync(found.Value.Node, ct);
        return new PinnedSource(
            found.Value.Node, new(found.Value.Node, page.ContentHash ?? "", position), found.Value.Tags, files, isPushed);
    }

    /// <summary>
    /// The files that come on top of an earlier version's: none of those was changed or left out, and all that are new come behind them.
    /// Null where that is not so.
    /// </summary>
    public static IReadOnlyList<FileEntry>? Added(IReadOnlyList<FileEntry> earlier, IReadOnlyList<FileEntry> later) =>
        later.Count >= earlier.Count && earlier.Zip(later).All(f => f.First.Path == f.Second.Path && f.First.Sha256 == f.Second.Sha256)
            ? [.. later.Skip(earlier.Count)]
            : null;

    /// <summary>Where in the log the files of a version became known.</summary>
    private async Task<long> FindPositionAsync(NodeId version, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            select max(seq_id) from {CatalogStore.Schema}.mt_events
            where stream_id = $1 and type in ('dataset_version_committed', 'dataset_version_sealed') and (data ->> 'number')::bigint = $2
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = version.StreamId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version.VersionNumber ?? 0 });
        return await command.ExecuteScalarAsync(ct) is long position
            ? position
            : throw new InvalidOperationException($"The log has no fact that made '{version}'.");
    }
}
