using Catalog.Garbage;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.TrainingSets;

/// <summary>A training set whose files are in the object store.</summary>
internal sealed record MadeFiles(IReadOnlyList<TrainingFile> Files, Content Content, long LeftOut);

/// <summary>Writes the files of a training set, and brings them to the object store: they wait on a disk, without names.</summary>
internal sealed class TrainingUploads(ContentStore objects, UnusedObjects unused, Intake intake, TrainingSettings settings)
{
    /// <exception cref="SplitLeakException">Values are in two parts that are to be in one.</exception>
    public async Task<MadeFiles> WriteAsync(OpenRecipe open, IProgress<TrainingProgress>? progress, CancellationToken ct)
    {
        var files = new TrainingFiles(open);
        var waiting = files.Parts.Select(_ => NamelessFile.Open(settings.Folder, "training-set")).ToArray();
        try
        {
            var written = await files.WriteAsync(part => waiting[part], progress, ct);
            foreach (var (file, bytes) in written.Zip(waiting))
                await StoreAsync(file, bytes, ct);
            return new(written, await ContentOfAsync(written, open, ct), files.LeftOut);
        }
        finally
        {
            foreach (var file in waiting)
                await file.DisposeAsync();
        }
    }

    private async Task StoreAsync(TrainingFile file, FileStream bytes, CancellationToken ct)
    {
        // Kept before it is there: bytes that were there already may be due to be freed.
        await unused.KeepAsync([file.Sha256], ct);
        bytes.Position = 0;
        await objects.StoreAsync(bytes, file.Sha256, ct);
        await unused.KeepAsync([file.Sha256], ct);
    }

    private async Task<Content> ContentOfAsync(IReadOnlyList<TrainingFile> files, OpenRecipe open, CancellationToken ct)
    {
        FileSource[] stored = [.. files.Select(f => new FileSource(f.Path, Sha256: f.Sha256, Bytes: f.Bytes))];
        var read = await intake.ReadAsync(stored, dirs: null, Content.Parquet, progress: null, ct);
        var whole = read.Succeeded ? Intake.Whole(read.Value) : read.Problem;
        return whole.Succeeded ? whole.Value with { Recipe = open.Recipe.ToText() } : throw new ProblemException(whole.Problem);
    }
}
