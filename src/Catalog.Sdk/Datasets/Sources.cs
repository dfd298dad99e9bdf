using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Makes the files and folders of a commit's body out of sources, uploading what is not with the catalog yet.</summary>
internal sealed class Sources(ObjectClient objects, int parallelism)
{
    public async Task<(List<FileBody> Files, List<FolderBody> Folders)> PrepareAsync(
        IReadOnlyList<VersionSource> sources, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var uploads = sources.OfType<VersionSource.Upload>().SelectMany(Expand).ToList();
        var files = await UploadAsync(uploads, progress, ct).ConfigureAwait(false);
        var folders = new List<FolderBody>();
        foreach (var source in sources)
        {
            switch (source)
            {
                case VersionSource.InPlace f:
                    files.Add(new FileBody(f.Path, ToUri(f.Location), f.Sha256, Bytes: null));
                    break;
                case VersionSource.Stored s:
                    files.Add(new FileBody(s.Path, Uri: null, s.Sha256, s.Bytes));
                    break;
                case VersionSource.Folder f:
                    folders.Add(new FolderBody(ToUri(f.Location), f.Glob, f.Prefix));
                    break;
            }
        }

        return (files, folders);
    }

    /// <summary>A path becomes a <c>file://</c> URI, each part percent-encoded; a URI stays.</summary>
    internal static string ToUri(string location)
    {
        if (location.Contains("://", StringComparison.Ordinal))
            return location;

        var parts = Path.GetFullPath(location).Replace('\\', '/').Split('/').Select(Uri.EscapeDataString);
        return "file://" + string.Join('/', parts);
    }

    /// <summary>A folder is all the files below it, in an order that does not depend on the machine.</summary>
    private static IEnumerable<(FileInfo File, string Path)> Expand(VersionSource.Upload upload)
    {
        if (File.Exists(upload.LocalPath))
            return [(new FileInfo(upload.LocalPath), upload.Path ?? Path.GetFileName(upload.LocalPath))];
        if (!Directory.Exists(upload.LocalPath))
            throw new CatalogException(null, "client.file_not_found", $"There is no file or folder '{upload.LocalPath}'.");

        if (!Directory.EnumerateFiles(upload.LocalPath, "*", SearchOption.AllDirectories).Any())
            throw new CatalogException(null, "client.folder_empty", $"There are no files in '{upload.LocalPath}'.");

        var prefix = string.IsNullOrEmpty(upload.Path) ? "" : upload.Path.TrimEnd('/') + '/';
        return Directory.EnumerateFiles(upload.LocalPath, "*", SearchOption.AllDirectories)
            .Select(f => (new FileInfo(f), prefix + Path.GetRelativePath(upload.LocalPath, f).Replace('\\', '/')))
            .OrderBy(f => f.Item2, StringComparer.Ordinal);
    }

    private async Task<List<FileBody>> UploadAsync(
        List<(FileInfo File, string Path)> uploads, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var count = new TransferCount(WorkStage.Uploading, uploads.Count, uploads.Sum(u => u.File.Length), progress);
        var made = new FileBody[uploads.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = ct };
        await Parallel.ForAsync(0, uploads.Count, options, async (i, token) =>
        {
            var (file, path) = uploads[i];
            var stored = await objects.UploadAsync(file.FullName, count, token).ConfigureAwait(false);
            made[i] = new FileBody(path, Uri: null, stored.Sha256, stored.Bytes);
        }).ConfigureAwait(false);
        return [.. made];
    }
}
