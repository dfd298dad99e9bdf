using System.Security.Cryptography;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>The files of one version of a dataset or model. Every byte is checked against the manifest as it arrives.</summary>
public sealed class VersionReader
{
    private const int FilesPerPage = 1000;
    private readonly VersionCalls _calls;

    internal VersionReader(VersionCalls calls, NodeId node)
    {
        _calls = calls;
        Node = node;
        Name = QualifiedName.Of(node);
        Version = node.Version ?? throw new ArgumentException("A reader reads a version.", nameof(node));
    }

    /// <summary>The version, by its number: <c>dataset:demo/flights@3</c>.</summary>
    public NodeId Node { get; }

    public QualifiedName Name { get; }

    public VersionRef Version { get; }

    /// <summary>The version's files, ordered by path, read from the catalog as the caller goes on.</summary>
    public IAsyncEnumerable<VersionFile> Files(CancellationToken ct = default) => _calls.FilesAsync(Name, Version, FilesPerPage, ct);

    /// <summary>Opens a file. Reading to its end checks its SHA-256 and throws <c>file.changed</c> where it differs.</summary>
    public Task<Stream> OpenAsync(VersionFile file, CancellationToken ct = default) =>
        _calls.OpenAsync(Name, Version, file.Path, file.Sha256, ct);

    /// <summary>
    /// Opens a file by its logical path, without listing the version. It is checked against the hash that the server names for it.
    /// </summary>
    /// <exception cref="CatalogException"><c>file.not_in_version</c></exception>
    public Task<Stream> OpenAsync(string path, CancellationToken ct = default) => _calls.OpenAsync(Name, Version, path, sha256: null, ct);

    /// <summary>
    /// Reads columns of a dataset's version, decoded on the server, as Arrow batches. Bytes of files are checked where files are read
    /// whole; columns are taken out of them without that.
    /// </summary>
    /// <exception cref="CatalogException">
    /// <c>columns.none</c>: the version is no table of Parquet files; <c>scan.bad_columns</c>, <c>scan.bad_condition</c> and
    /// <c>request.invalid</c> for a query that cannot be met, with the column or place named.
    /// </exception>
    public Task<ColumnStream> OpenColumnsAsync(ColumnQuery? query = null, CancellationToken ct = default) =>
        ColumnStream.OpenAsync(_calls.Transport, _calls.Columns(Name, Version, query ?? new ColumnQuery()), Node, ct);

    /// <summary>Downloads all files into a folder, under their logical paths. A file that is there and right is left alone.</summary>
    /// <returns>The files' paths on this machine, in manifest order.</returns>
    /// <exception cref="CatalogException"><c>file.changed</c>; <c>client.path_unsafe</c> for a path that leaves the folder.</exception>
    public async Task<IReadOnlyList<string>> DownloadAsync(
        string folder, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var files = new List<VersionFile>();
        await foreach (var file in Files(ct).ConfigureAwait(false))
            files.Add(file);

        var targets = files.ConvertAll(f => SafePath(folder, f.Path));
        var total = files.TrueForAll(f => f.Bytes is not null) ? files.Sum(f => f.Bytes) : null;
        var count = new TransferCount(WorkStage.Downloading, files.Count, total, progress);
        var options = new ParallelOptions { MaxDegreeOfParallelism = _calls.Transport.Options.Parallelism, CancellationToken = ct };
        await Parallel.ForAsync(0, files.Count, options, async (i, token) =>
        {
            if (await IsThereAsync(targets[i], files[i], token).ConfigureAwait(false))
                count.Moved(files[i].Bytes ?? 0);
            else
                await DownloadAsync(files[i], targets[i], count, token).ConfigureAwait(false);

            count.FileDone();
        }).ConfigureAwait(false);
        return targets;
    }

    /// <summary>Downloads one file. It appears under its name only when it is whole and right.</summary>
    public async Task DownloadAsync(
        VersionFile file, string target, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var count = new TransferCount(WorkStage.Downloading, 1, file.Bytes, progress);
        await DownloadAsync(file, target, count, ct).ConfigureAwait(false);
        count.FileDone();
    }

    private async Task DownloadAsync(VersionFile file, string target, TransferCount count, CancellationToken ct)
    {
        // Opened first: a file that cannot be had leaves no folder behind.
        using var from = await OpenAsync(file, ct).ConfigureAwait(false);
        if (Path.GetDirectoryName(Path.GetFullPath(target)) is { } parent)
            Directory.CreateDirectory(parent);

        var partial = $"{target}.{Guid.CreateVersion7():N}.part";
        try
        {
            var to = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: true);
            await using (to.ConfigureAwait(false))
            {
                var block = new byte[128 * 1024];
                for (int read; (read = await from.ReadAsync(block, ct).ConfigureAwait(false)) > 0;)
                {
                    await to.WriteAsync(block.AsMemory(0, read), ct).ConfigureAwait(false);
                    count.Moved(read);
                }
            }

            File.Move(partial, target, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static async Task<bool> IsThereAsync(string target, VersionFile file, CancellationToken ct)
    {
        if (file.Sha256 is null || new FileInfo(target) is not { Exists: true } found || found.Length != file.Bytes)
            return false;

        var stream = new FileStream(target, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        await using (stream.ConfigureAwait(false))
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct).ConfigureAwait(false)) == file.Sha256;
    }

    /// <summary>A logical path is data from elsewhere: it must not lead out of the folder.</summary>
    internal static string SafePath(string folder, string path)
    {
        var root = Path.GetFullPath(folder);
        var target = Path.GetFullPath(Path.Combine(root, path));
        var inside = root.EndsWith(Path.DirectorySeparatorChar) ? root : root + Path.DirectorySeparatorChar;
        return target.StartsWith(inside, StringComparison.Ordinal)
            ? target
            : throw new CatalogException(null, "client.path_unsafe", $"The file '{path}' would be written outside of '{folder}'.");
    }
}
