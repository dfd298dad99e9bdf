using Catalog.Datasets;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.PolicyProjections;
using Marten;

namespace Catalog.Lineage;

/// <summary>
/// Files as nodes of lineage. They are not in the graph, which a version of a hundred thousand files would drown: they are looked up in
/// manifests where a walk ends at a version that no run made, or begins at a file. A file is part of versions, or shows what policies let
/// somebody see of them, or both.
/// </summary>
internal sealed class FilesInLineage(IQuerySession session, ManifestStore manifests)
{
    /// <summary>Of one version; more are left out, and the answer says so.</summary>
    public const int MaxShown = 100;

    /// <summary>That a file is part of; as many as an answer has nodes.</summary>
    private const int MaxVersions = LineageBounds.MaxLimit;

    public async Task<bool> IsKnownAsync(NodeId file, CancellationToken ct) =>
        (await manifests.FindManifestsAsync(file.Name, 1, ct)).Length > 0;

    /// <summary>The manifests that list a file.</summary>
    public Task<string[]> ManifestsOfAsync(NodeId file, CancellationToken ct) => manifests.FindManifestsAsync(file.Name, MaxVersions, ct);

    /// <summary>The versions that a file is part of.</summary>
    public async Task<IReadOnlyList<NodeId>> VersionsOfAsync(NodeId file, CancellationToken ct)
    {
        var used = await ManifestsOfAsync(file, ct);
        var datasets = await session.Query<VersionPage>().Where(v => v.ManifestHash!.IsOneOf(used)).Select(v => v.Id).ToListAsync(ct);
        var models = await session.Query<ModelVersionPage>().Where(v => v.ManifestHash.IsOneOf(used)).Select(v => v.Id).ToListAsync(ct);
        return [.. datasets.Concat(models).Select(NodeId.Parse)];
    }

    /// <summary>The versions of which a file shows what policies let somebody see.</summary>
    public async Task<IReadOnlyList<NodeId>> ProjectedFromAsync(NodeId file, CancellationToken ct)
    {
        var shown = await ProjectedVersions.OfManifestsAsync(session.DocumentStore, await ManifestsOfAsync(file, ct), ct);
        return [.. shown.Select(p => p.Version).Distinct()];
    }

    /// <summary>The files of dataset versions, by version, and whether some were left out.</summary>
    public async Task<(IReadOnlyList<(NodeId Version, NodeId File)> Found, bool Cut)> OfAsync(
        IReadOnlyCollection<NodeId> versions, CancellationToken ct)
    {
        var found = new List<(NodeId Version, NodeId File)>();
        var cut = false;
        var pages = await session.LoadManyAsync<VersionPage>(ct, versions.Select(v => v.ToString()).ToArray());
        foreach (var page in pages)
        {
            if (page.ManifestHash is not { } manifest)
                continue;
            var (root, version) = (await manifests.LoadRootAsync(manifest, ct), NodeId.Parse(page.Id));
            cut |= root.Chunks.Sum(c => c.Files) > MaxShown;
            await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct).Take(MaxShown).WithCancellation(ct))
                found.Add((version, NodeId.File(file.Sha256)));
        }

        return (found, cut);
    }
}
