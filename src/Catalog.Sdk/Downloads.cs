using System.Security.Cryptography;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>A file to be downloaded.</summary>
/// <param name="Path">In the version.</param>
/// <param name="Bytes">Size, where it is known.</param>
/// <param name="Sha256">Lower-case hexadecimal, where it is known.</param>
/// <param name="OpenAsync">Its bytes, which are checked as they are read.</param>
internal sealed record Download(string Path, long? Bytes, string? Sha256, Func<CancellationToken, Task<Stream>> OpenAsync);

/// <summary>Brings files into a folder, some at a time. A file appears under its name only when it is whole and right.</summary>
internal static class Downloads
{
    /// <summary>Files under their logical paths. A file that is there and right is left alone.</summary>
    /// <returns>The files' paths on this machine, in their order.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(
        IReadOnlyList<Download> files, string folder, int parallelism, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        IReadOnlyList<string> targets = [.. files.Select(f => VersionReader.SafePath(folder, f.Path))];
        var total = files.All(f => f.Bytes is not null) ? files.Sum(f => f.Bytes) : null;
        var count = new TransferCount(WorkStage.Downloading, files.Count, total, progress);
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = ct };
        await Parallel.ForAsync(0, files.Count, options, async (i, token) =>
        {
            if (await IsThereAsync(targets[i], files[i], token).ConfigureAwait(false))
                count.Moved(files[i].Bytes ?? 0);
            else
                await RunAsync(files[i], targets[i], count, token).ConfigureAwait(false);

            count.FileDone();
        }).ConfigureAwait(false);
        return targets;
    }

    /// <summary>One file, to a path.</summary>
    public static async Task RunAsync(Download file, string target, TransferCount count, CancellationToken ct)
    {
        // Opened first: a file that cannot be had leaves no folder behind.
        using var from = await file.OpenAsync(ct).ConfigureAwait(false);
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

    private static async Task<bool> IsThereAsync(string target, Download file, CancellationToken ct)
    {
        if (file.Sha256 is null || new FileInfo(target) is not { Exists: true } found || found.Length != file.Bytes)
            return false;

        var stream = new FileStream(target, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous);
        await using (stream.ConfigureAwait(false))
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct).ConfigureAwait(false)) == file.Sha256;
    }
}
