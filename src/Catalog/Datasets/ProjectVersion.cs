namespace Catalog.Datasets;

/// <summary>
/// Files were made of a version that show of it what policies let somebody see, for all whom the same policies bind. What the policies say
/// stands in the policies, and what was left out or masked nowhere.
/// </summary>
/// <param name="Number">Of the version.</param>
/// <param name="Projection">What was shown of which content: a keyed hash, lower-case hex.</param>
/// <param name="ContentHash">SHA-256 of schema and files of the projection (docs/integrity.md), lower-case hex.</param>
/// <param name="ManifestHash">SHA-256 of its manifest, which is stored beside the log.</param>
/// <param name="Files">Number of files.</param>
/// <param name="Bytes">Sum of the files' sizes.</param>
/// <param name="Rows">That are shown.</param>
/// <param name="Masked">Columns whose values are not shown as they are, in the order of the columns.</param>
/// <param name="Filtered">Whether rows have to meet something to be shown.</param>
public sealed record VersionProjected(
    long Number,
    string Projection,
    string ContentHash,
    string ManifestHash,
    long Files,
    long Bytes,
    long Rows,
    IReadOnlyList<ProjectedMask> Masked,
    bool Filtered);

/// <param name="Column">Its path.</param>
/// <param name="Mask">What is shown instead, in a word: <c>hash</c>, <c>redact</c>, …</param>
public sealed record ProjectedMask(string Column, string Mask);

/// <summary>
/// Records that files were made of a version which show part of it. Like its verification this is no change of the dataset, and may be said
/// of one that was retired: its versions can still be read. That it is said once for each projection of a version is held by
/// <see cref="PolicyProjections.ProjectedVersions"/>.
/// </summary>
internal static class ProjectVersion
{
    public static Decision Decide(Dataset? state, NodeId dataset, VersionProjected projected) => state switch
    {
        null => Decision.Refuse("dataset.not_found", $"There is no '{dataset}'."),
        _ when projected.Number < 1 || projected.Number > state.Latest =>
            Decision.Refuse("version.not_found", $"'{dataset}' has no version {projected.Number}."),
        _ when state.Tombstoned.Contains(projected.Number) => Decision.Refuse(
            "version.expired", $"The files of '{dataset}@{projected.Number}' are not kept any more."),
        _ when state.Observed.Contains(projected.Number) => Decision.Refuse(
            "version.not_sealed", $"'{dataset}@{projected.Number}' is only observed: its files are not known until it is sealed."),
        _ => Decision.Accept(projected),
    };
}
