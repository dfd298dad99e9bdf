using Catalog.Access;
using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Manifests;
using Catalog.Platform;

namespace Catalog.PolicyProjections;

/// <summary>Why files are not those of the version: policies show the caller less, and these are made of what they show.</summary>
/// <param name="Hash">What is shown of which content; the same for all who are shown the same.</param>
/// <param name="Masked">Columns whose values are not shown as they are.</param>
/// <param name="Filtered">Whether rows have to meet something to be shown.</param>
public sealed record FilesProjection(string Hash, IReadOnlyList<ProjectedMask> Masked, bool Filtered);

/// <summary>One page of files of a version.</summary>
/// <param name="Items">In the order of their paths.</param>
/// <param name="Next">Pass as <c>after</c> to go on; null at the end.</param>
/// <param name="Projection">What they show of the version; null where they are its own.</param>
public sealed record FilesPage<T>(IReadOnlyList<T> Items, string? Next, FilesProjection? Projection);

/// <summary>The files that somebody is shown of a version.</summary>
/// <param name="Version">Whose manifest lists them: its own, or that of a projection.</param>
/// <param name="Made">The projection; null where they are the version's own.</param>
internal sealed record ShownVersion(LocatedVersion Version, VersionProjected? Made)
{
    /// <summary>What a sentence about these files ends with: others have other files.</summary>
    public string ForCaller => Made is null ? "" : " for you";

    public FilesProjection? Projection => Made is null ? null : new(Made.Projection, Made.Masked, Made.Filtered);
}

/// <summary>
/// Chooses which files somebody is shown of a version: its own where nothing binds them, and else those of a projection that meets what
/// binds them.
/// </summary>
internal sealed class ShownVersions(ProjectionBuilds builds, ManifestStore manifests, MaskKey maskKey, Gate gate)
{
    private const int MostChanges = 3;

    /// <param name="version">By number.</param>
    /// <param name="may">What the gate answered to whoever asked to read its data.</param>
    /// <param name="ct">Stops waiting; what is being made is made all the same.</param>
    public async Task<Outcome<ShownVersion>> OfAsync(LocatedVersion version, GateAnswer may, CancellationToken ct)
    {
        if (may.Denial is null && !may.Obligations.IsNone && !await IsTableAsync(version, ct))
            return GateAnswer.Whole;

        // Making one takes its time, and policies may have changed meanwhile: then it is another that is shown.
        for (var changes = 0; changes < MostChanges; changes++)
        {
            if (may.Denial is { } no)
                return no;
            if (may.Obligations.IsNone)
                return new ShownVersion(version, Made: null);
            var key = await maskKey.GetAsync(ct);
            var projection = ProjectionIdentity.Of(version.ContentHash, may.Obligations, key.Span);
            if (await builds.FindAsync(version, projection, ct) is { } found)
                return Shown(version, found);
            var made = await builds.MakeAsync(version, projection, may.Obligations, ct);
            var before = may.Obligations;
            may = gate.Foresee(version.Node, version.Tags);
            if (may.Denial is null && may.Obligations.Equals(before))
                return Shown(version, made);
        }

        return Problem.Of("catalog.busy", $"What is shown of '{version.Node}' changed while its files were made; try again shortly.");
    }

    /// <summary>Whether there are columns to be masked, and rows to be left out.</summary>
    public async Task<bool> IsTableAsync(LocatedVersion version, CancellationToken ct) =>
        version.Node.Kind == NodeKind.Dataset
        && await manifests.LoadRootAsync(version.ManifestHash, ct) is { Schema: not null, Chunks.Count: > 0 };

    private static ShownVersion Shown(LocatedVersion version, ProjectedVersion projected) => new(
        version with { ManifestHash = projected.Made.ManifestHash, ContentHash = projected.Made.ContentHash }, projected.Made);
}
