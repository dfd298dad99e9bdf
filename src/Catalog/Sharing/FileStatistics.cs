using System.Runtime.CompilerServices;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Microsoft.Extensions.Caching.Memory;

namespace Catalog.Sharing;

/// <summary>
/// Statistics of single files. Manifests hold those of whole versions, so these are read from the files' footers, and remembered: what a
/// hash names does not change. Where a file cannot be read its statistics are not known, and whoever reads the file is told why.
/// </summary>
internal sealed class FileStatistics(Footers footers) : IDisposable
{
    private const int AtOnce = 32;

    /// <summary>Footers that one answer reads at most: a version may have a hundred thousand files.</summary>
    private const int MaxFooters = 1_000;

    private const long RememberedColumns = 500_000;
    private readonly MemoryCache _remembered = new(new MemoryCacheOptions { SizeLimit = RememberedColumns });

    /// <summary>Each file with its statistics by column path; null where they are not known.</summary>
    public async IAsyncEnumerable<(FileEntry File, IReadOnlyDictionary<string, ColumnStatistics>? Statistics)> ReadAsync(
        IAsyncEnumerable<FileEntry> files, [EnumeratorCancellation] CancellationToken ct)
    {
        var left = MaxFooters;
        await foreach (var few in files.Chunk(AtOnce).WithCancellation(ct))
        {
            var known = Array.ConvertAll(few, Recall);
            int[] unread = [.. Enumerable.Range(0, few.Length).Where(i => known[i] is null).Take(left)];
            left -= unread.Length;
            await Parallel.ForEachAsync(unread, ct, async (i, token) => known[i] = await TryReadAsync(few[i], token));
            for (var i = 0; i < few.Length; i++)
                yield return (few[i], known[i]);
        }
    }

    public void Dispose() => _remembered.Dispose();

    // Where a file in place lies is part of its name, since its bytes can be changed behind the catalog's back.
    private static (string, string) NameOf(FileEntry file) => (file.Sha256, file.Uri);

    private IReadOnlyDictionary<string, ColumnStatistics>? Recall(FileEntry file) =>
        _remembered.TryGetValue(NameOf(file), out IReadOnlyDictionary<string, ColumnStatistics>? known) ? known : null;

    private async Task<IReadOnlyDictionary<string, ColumnStatistics>?> TryReadAsync(FileEntry file, CancellationToken ct)
    {
        try
        {
            var footer = await footers.ReadAsync(file, ct);
            if (footer.Rows != file.Rows)
                return null;
            using var entry = _remembered.CreateEntry(NameOf(file));
            entry.Size = footer.Statistics.Count + 1;
            entry.Value = footer.Statistics;
            return footer.Statistics;
        }
        catch (Exception e) when (e is FileException or ObjectStoreException)
        {
            return null;
        }
    }
}
