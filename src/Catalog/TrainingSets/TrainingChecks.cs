using Catalog.Features.Training;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Files;
using Finding = Catalog.TrainingSets.VerifyTrainingSet.Finding;

namespace Catalog.TrainingSets;

/// <summary>Files of a training set, in the order of their paths.</summary>
internal sealed record CommittedFiles(TableSchema? Schema, IReadOnlyList<FileEntry> Files)
{
    /// <summary>The content hash of a version of these files.</summary>
    public string Hash => ContentHash.Compute(Schema, Files);

    /// <summary>Other files, of the same schema.</summary>
    public CommittedFiles Like(IEnumerable<TrainingFile> files) => this with
    {
        Files = [.. files.OrderBy(f => f.Path, LogicalPath.Order).Select(f => new FileEntry(f.Path, Uri: "", f.Bytes, f.Rows, f.Sha256))],
    };
}

/// <summary>Compares training sets and what they were made of with what was committed.</summary>
internal sealed class TrainingChecks(VersionLookup versions, ManifestStore manifests, Verifier verifier)
{
    /// <summary>What the manifest says.</summary>
    public async Task<CommittedFiles> CommittedAsync(LocatedVersion set, CancellationToken ct)
    {
        var root = await manifests.LoadRootAsync(set.ManifestHash, ct);
        var files = new List<FileEntry>();
        await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            files.Add(file);
        return new(root.Schema, files);
    }

    /// <summary>Hashes the files of a training set, and of all that it was made of.</summary>
    public async Task<Outcome<IReadOnlyList<Finding>>> DamageAsync(LocatedVersion set, TrainingRecipe recipe, CancellationToken ct)
    {
        var findings = new List<Finding>();
        foreach (var node in recipe.Inputs().Prepend(set.Node))
        {
            var version = await versions.FindAsync(node, ct);
            if (!version.Succeeded)
                return version.Problem;
            var check = await verifier.CheckAsync(version.Value.ManifestHash, progress: null, ct);
            findings.AddRange(check.Findings.Select(f => new Finding(node, f.Path, Told(f.Problem))));
        }

        return findings;
    }

    /// <summary>Which files came out otherwise; and, where any did, what else is not as it was when they were made.</summary>
    public static IEnumerable<Finding> Differences(
        NodeId set, TrainingRecipe recipe, IReadOnlyList<FileEntry> committed, IReadOnlyList<FileEntry> made)
    {
        var differing = committed.Zip(made).Where(f => f.First.Sha256 != f.Second.Sha256).ToList();
        if (differing.Count == 0)
            return [];

        (string Was, string Is, string How)[] means =
        [
            (recipe.Engine, PointInTimeJoin.Engine, "joined by"), (recipe.Writer, ParquetFileWriter.Writer, "written by"),
            (recipe.Options, TrainingFiles.WriteOptions.ToString(), "written with"),
        ];
        return differing
            .Select(f => new Finding(
                set, f.First.Path,
                $"was {f.First.Sha256} with {f.First.Rows} rows, and was made as {f.Second.Sha256} with {f.Second.Rows}."))
            .Concat(means.Where(m => m.Was != m.Is).Select(m => new Finding(set, "", $"was {m.How} {m.Was}; here it is {m.Is}.")));
    }

    private static string Told(string problem) => problem switch
    {
        FileException.Changed => "has other bytes than those that were committed.",
        FileException.NotFound => "is no longer there.",
        _ => "cannot be read.",
    };
}
