using Catalog.Training;

namespace Catalog.Storage.Columnar;

/// <summary>The row groups of the files of a version, as their footers tell: what an order is computed from.</summary>
public sealed class RowGroupIndex
{
    private readonly int[] _firsts;
    private readonly long[] _bytes;

    private RowGroupIndex(int[] firsts, int[] rows, long[] bytes) =>
        (_firsts, Rows, _bytes, TotalRows, Bytes) = (firsts, rows, bytes, rows.Sum(r => (long)r), bytes.Sum());

    /// <summary>Of each row group, files one after the other.</summary>
    public IReadOnlyList<int> Rows { get; }

    /// <summary>Of all row groups, before compression, as Parquet encodes them.</summary>
    public long Bytes { get; }

    /// <summary>Of all row groups.</summary>
    public long TotalRows { get; }

    /// <summary>How much memory this takes.</summary>
    public long Size => (Rows.Count * (sizeof(int) + sizeof(long))) + (_firsts.Length * sizeof(int));

    /// <summary>Reads the footers of all files, several at a time.</summary>
    /// <exception cref="Files.FileException">A file cannot be read, or is no sound Parquet.</exception>
    /// <exception cref="ScanException"><see cref="ScanException.Unsupported"/>: a row group has too many rows.</exception>
    public static async Task<RowGroupIndex> ReadAsync(IReadOnlyList<ParquetSource> files, int parallelism, CancellationToken ct)
    {
        var read = new (int[] Rows, long[] Bytes)[files.Count];
        await Parallel.ForAsync(0, files.Count, Options(parallelism, ct), async (i, token) =>
        {
            var file = await ParquetFile.OpenAsync(files[i], token);
            read[i] = ([.. file.Groups.Select(g => RowsOf(g, file))], [.. file.Groups.Select(g => g.Chunks.Sum(c => c.UncompressedBytes))]);
        });
        var firsts = new int[files.Count + 1];
        for (var i = 0; i < files.Count; i++)
            firsts[i + 1] = firsts[i] + read[i].Rows.Length;
        return new(firsts, [.. read.SelectMany(r => r.Rows)], [.. read.SelectMany(r => r.Bytes)]);
    }

    /// <summary>
    /// How many rows of each row group meet the conditions of a request: reads the columns that are compared, and no others.
    /// </summary>
    /// <exception cref="Files.FileException">A file cannot be read or is damaged.</exception>
    /// <exception cref="ScanException">The request cannot be met, or a file has other columns than the first.</exception>
    public async Task<IReadOnlyList<int>> CountAsync(
        IReadOnlyList<ParquetSource> files, ScanRequest request, CancellationToken ct, IParquetEngine? engine = null)
    {
        if (request.Where.Count == 0)
            return Rows;

        var compared = request with { Columns = [.. request.Where.Select(c => c.Column).Distinct(StringComparer.Ordinal)] };
        var plan = new ScanPlan(files, await ParquetFile.OpenAsync(files[0], ct), compared, new ScanCounters());
        var counts = new int[Rows.Count];
        await Parallel.ForAsync(0, files.Count, Options(request.Parallelism, ct), async (i, token) =>
        {
            var file = await plan.OpenAsync(i, token);
            for (var group = 0; group < file.RowGroups; group++)
                counts[_firsts[i] + group] = await CountAsync(engine ?? ParquetEngines.Default, plan, file, group, token);
        });
        return counts;
    }

    internal (int File, int RowGroup) Locate(int unit)
    {
        var found = Array.BinarySearch(_firsts, unit);
        var file = found >= 0 ? found : ~found - 1;

        // Of files without row groups, which begin where the next one does, the last is meant.
        while (_firsts[file + 1] <= unit)
            file++;
        return (file, unit - _firsts[file]);
    }

    internal long BytesOf(int unit) => _bytes[unit];

    /// <summary>The rows of a row group are in memory at one time, and what a footer says of their number is nobody's promise.</summary>
    private static int RowsOf(RowGroupLayout group, ParquetFile file) => group.Rows <= OrderShape.MaxWindowRows
        ? (int)group.Rows
        : throw new ScanException(
            ScanException.Unsupported,
            $"'{file.Name}' has a row group of {group.Rows} rows; at most {OrderShape.MaxWindowRows} can be put in another order.");

    private static ParallelOptions Options(int parallelism, CancellationToken ct) =>
        new() { MaxDegreeOfParallelism = parallelism, CancellationToken = ct };

    private static async Task<int> CountAsync(IParquetEngine engine, ScanPlan plan, ParquetFile file, int group, CancellationToken ct)
    {
        var columns = plan.ColumnsOf(file);
        if (!plan.CanMatch(file, group, columns))
            return 0;

        var rows = 0;
        await using var reader = await engine.OpenAsync(file, columns, ScanRequest.DefaultBatchRows, ct);
        await foreach (var next in reader.ReadAsync(group, ct))
        {
            using var batch = next;
            rows += RowFilter.Count(plan.Tests, batch);
        }

        return rows;
    }
}
