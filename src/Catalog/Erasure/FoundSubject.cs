using Catalog.Features.Training;
using Catalog.Integrity;

namespace Catalog.Erasure;

/// <summary>Where a subject's data is in versions of datasets, and what was made of those.</summary>
/// <param name="Datasets">With versions that hold rows of the subject, or that are training sets of such versions.</param>
/// <param name="Downstream">Versions, models, deployments, views, services and generations that were made of them.</param>
/// <param name="Unsearched">Datasets that have files which are no tables.</param>
/// <param name="Truncated">Whether there was more downstream than can be listed.</param>
internal sealed record FoundSubject(
    IReadOnlyList<FoundDataset> Datasets, IReadOnlyList<NodeId> Downstream, IReadOnlyList<NodeId> Unsearched, bool Truncated)
{
    /// <summary>What can be erased: not held.</summary>
    public IEnumerable<FoundDataset> Free => Datasets.Where(d => d.Holds.Count == 0);

    public IEnumerable<NodeId> FreeVersions => Free.SelectMany(d => d.Versions.Select(v => d.Node.WithVersion(v.Number)));

    public IReadOnlyList<NodeId> OfKind(NodeKind kind) => [.. Downstream.Where(n => n.Kind == kind)];
}

/// <param name="Node">The dataset.</param>
/// <param name="Holds">Legal holds that are on it.</param>
/// <param name="Subject">By the columns of this dataset.</param>
/// <param name="IsPredictions">Whether it is a log of predictions, whose rows have the keys of entities as JSON.</param>
/// <param name="Versions">In the order of their numbers.</param>
internal sealed record FoundDataset(
    NodeId Node, IReadOnlyList<string> Holds, Subject Subject, bool IsPredictions, IReadOnlyList<FoundVersion> Versions);

/// <param name="Number">Of the version.</param>
/// <param name="ManifestHash">Of its list of files.</param>
/// <param name="Files">That have rows of the subject; none where it is only made of such.</param>
/// <param name="Recipe">Of a training set.</param>
internal sealed record FoundVersion(long Number, string ManifestHash, IReadOnlyList<FoundFile> Files, TrainingRecipe? Recipe)
{
    public long Rows => Files.Sum(f => f.Rows);
}

internal sealed record FoundFile(FileEntry File, long Rows);
