using System.Runtime.CompilerServices;
using Apache.Arrow;
using Catalog.Storage.Columnar;

namespace Catalog.Benchmarks;

/// <summary>What is sent; whoever sends a batch disposes it.</summary>
internal sealed class WireSource(Func<CancellationToken, Task<(Schema Schema, IAsyncEnumerable<RecordBatch> Batches)>> open)
{
    /// <summary>Some batches in memory, over and over.</summary>
    public static WireSource OfMemory(IReadOnlyList<RecordBatch> batches, int count) =>
        new(_ => Task.FromResult((batches[0].Schema, RepeatAsync(batches, count))));

    /// <summary>A scan of a Parquet file.</summary>
    public static WireSource OfFile(string path) => new(async ct =>
    {
        var scan = await ColumnScan.OpenAsync([ParquetSource.File(path)], new ScanRequest(), ct);
        return (scan.Schema, scan.ReadAsync(ct));
    });

    public Task<(Schema Schema, IAsyncEnumerable<RecordBatch> Batches)> OpenAsync(CancellationToken ct) => open(ct);

    private static async IAsyncEnumerable<RecordBatch> RepeatAsync(
        IReadOnlyList<RecordBatch> batches, int count, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await Task.Yield();
        for (var i = 0; i < count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var batch = batches[i % batches.Count];
            yield return batch.SliceShared(0, batch.Length);
        }
    }
}
