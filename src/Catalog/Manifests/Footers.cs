using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.Manifests;

/// <summary>What the Parquet footers of files say.</summary>
/// <param name="Rows">By logical path.</param>
/// <param name="Table">What they say together, or why they are no table together; null for no files.</param>
internal sealed record FootersRead(IReadOnlyDictionary<string, long> Rows, Outcome<TableFacts>? Table);

/// <summary>
/// Reads the Parquet footers of many files and joins what they say. Of all those footers only a few are in memory at a time.
/// </summary>
internal sealed class Footers(AllowedRoots roots, IObjectStore objects)
{
    private const int AtOnce = 64;

    /// <summary>Reads every file's footer; no data is scanned.</summary>
    /// <param name="files">In the order of their paths.</param>
    /// <param name="stamps">What files in place were when they were hashed, by logical path, where that was in this request.</param>
    /// <exception cref="FileException">A file is not sound Parquet, or not the one that was hashed.</exception>
    public async Task<FootersRead> ReadAsync(
        IReadOnlyCollection<FileEntry> files, IReadOnlyDictionary<string, FileStamp> stamps, CancellationToken ct)
    {
        var rows = new Dictionary<string, long>(files.Count, StringComparer.Ordinal);
        var table = new TableJoin();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        foreach (var few in files.Chunk(AtOnce))
        {
            var footers = new ParquetFooter[few.Length];
            await Parallel.ForEachAsync(Enumerable.Range(0, few.Length), options, async (i, token) =>
                footers[i] = await ReadAsync(few[i], stamps.GetValueOrDefault(few[i].Path), token));
            foreach (var (file, footer) in few.Zip(footers))
            {
                rows.Add(file.Path, footer.Rows);
                table.Add(file.Path, footer.Schema, footer.Statistics, footer.Rows);
            }
        }

        return new FootersRead(rows, table.Result());
    }

    /// <summary>What a table says once files were added to it, from what both say already.</summary>
    public static Outcome<TableFacts> Merge(TableFacts before, long? rowsBefore, TableFacts added, long? rowsAdded)
    {
        var table = new TableJoin();
        table.Add("the version before", before.Schema, before.Statistics, rowsBefore);
        table.Add("the files added", added.Schema, added.Statistics, rowsAdded);
        return table.Result() ?? throw new InvalidOperationException("Two tables make one, or none.");
    }

    /// <summary>What one file's footer says now.</summary>
    /// <exception cref="FileException">The file is not sound Parquet, or cannot be read.</exception>
    /// <exception cref="ObjectStoreException">The object is not there, or the store is in trouble.</exception>
    public Task<ParquetFooter> ReadAsync(FileEntry file, CancellationToken ct) => ReadAsync(file, stamp: null, ct);

    private async Task<ParquetFooter> ReadAsync(FileEntry file, FileStamp? stamp, CancellationToken ct)
    {
        if (ContentStore.TryParseUri(file.Uri, out var sha256))
            return await ParquetFooter.ReadAsync(objects, ContentStore.KeyOf(sha256), file.Path, ct);
        if (stamp is not null)
            return await roots.ReadUnchangedAsync(stamp, file.Path, stream => ParquetFooter.ReadAsync(stream, file.Path, ct));
        await using var stream = roots.OpenRead(file.Uri);
        return await ParquetFooter.ReadAsync(stream, file.Path, ct);
    }
}
