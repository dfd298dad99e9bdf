using System.Diagnostics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using Catalog.Training;

namespace Catalog.Benchmarks;

/// <summary>
/// Epochs in a shuffled order beside the scan of the same file from its first row to its last: by one shard, by two side by side, and by
/// three, which is not a number that lanes can be divided by unless there are three. All columns are read, and every batch is looked at.
/// Then ten epochs, and the memory after each; and the same through a server.
/// </summary>
internal static class TrainingReadBenchmark
{
    private const int Rounds = 7;
    private const int Epochs = 10;
    private const int Rows = 3_000_000;
    private const int BatchRows = 8_192;
    private const long Seed = 20_261_126;

    /// <param name="args">A Parquet file, or none: then one of sixteen columns is made up.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        // The server's PostgreSQL may run as another user, who has to be able to enter.
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"catalog-training-{Environment.ProcessId}")).FullName;
        try
        {
            var path = args is [var file, ..] ? file : await SyntheticTable.WriteAsync(folder, Rows, ParquetCompression.Zstd);
            await File.ReadAllBytesAsync(path);
            ParquetSource[] files = [ParquetSource.File(path)];
            var index = await RowGroupIndex.ReadAsync(files, Environment.ProcessorCount, CancellationToken.None);
            var shape = OrderShape.Of(index.Rows.Count, index.TotalRows, index.Bytes);
            Console.WriteLine(
                $"{index.TotalRows:N0} rows in {index.Rows.Count} row groups, {index.Bytes / 1e6:N0} MB without compression; "
                + $"{shape.Lanes} lanes, windows of {shape.WindowRows:N0} rows");
            await CompareAsync(files, index, shape);
            await RepeatAsync(files, index, shape);
            await TrainingServeBenchmark.RunAsync(path, folder, CountAsync);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(ParquetSource[] files, RowGroupIndex index, OrderShape shape)
    {
        const string Scan = "in the file's order";
        var threes = OrderShape.Of(index.Rows.Count, index.TotalRows, index.Bytes, lanes: 3);
        Dictionary<string, Func<int, Task<long>>> reads = new(StringComparer.Ordinal)
        {
            [Scan] = _ => ScanAsync(files),
            ["shuffled, 1 shard"] = epoch => EpochAsync(files, index, shape, epoch, shards: 1),
            ["shuffled, 2 shards"] = epoch => EpochAsync(files, index, shape, epoch, shards: 2),
            ["shuffled, 3 shards"] = epoch => EpochAsync(files, index, shape, epoch, shards: 3),
            ["same, of 3 lanes"] = epoch => EpochAsync(files, index, threes, epoch, shards: 3),
        };
        var times = reads.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        var processor = reads.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, read) in reads)
            {
                GC.Collect();
                var before = Environment.CpuUsage.TotalTime;
                var watch = Stopwatch.StartNew();
                var rows = await read(round);
                if (rows != index.TotalRows)
                    throw new InvalidOperationException($"{rows} rows came out.");

                // The first round warms up.
                if (round == 0)
                    continue;
                times[name].Add(watch.Elapsed.TotalMilliseconds);
                processor[name].Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
            }
        }

        Console.WriteLine($"\nthe median of {Rounds} rounds, all shards in one process of {Environment.ProcessorCount} processors");
        foreach (var (name, all) in times)
        {
            Console.WriteLine(
                $"{name,-22} {Median(all),8:N0} ms ({all.Min():N0}..{all.Max():N0})"
                + $"  {Median(times[Scan]) / Median(all),5:N2} of the scan's speed"
                + $"  processor {Median(processor[name]),8:N0} ms  {Median(processor[Scan]) / Median(processor[name]),5:N2}");
        }
    }

    private static async Task RepeatAsync(ParquetSource[] files, RowGroupIndex index, OrderShape shape)
    {
        Console.WriteLine($"\n{Epochs} epochs of one shard");
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var watch = Stopwatch.StartNew();
            await EpochAsync(files, index, shape, epoch, shards: 1);
            Console.WriteLine(
                $"epoch {epoch,2}  {watch.Elapsed.TotalMilliseconds,8:N0} ms  working set {Environment.WorkingSet / 1e6,7:N0} MB"
                + $"  managed heap {GC.GetTotalMemory(forceFullCollection: false) / 1e6,7:N0} MB");
        }
    }

    private static async Task<long> ScanAsync(ParquetSource[] files)
    {
        var scan = await ColumnScan.OpenAsync(files, new ScanRequest { BatchRows = BatchRows }, CancellationToken.None);
        return await CountAsync(scan.ReadAsync());
    }

    private static async Task<long> EpochAsync(ParquetSource[] files, RowGroupIndex index, OrderShape shape, int epoch, int shards)
    {
        var order = new EpochOrder(new OrderKey("benchmark", filter: "", Seed, shape), index.Rows, epoch);
        var request = new ScanRequest { BatchRows = BatchRows, Parallelism = Math.Max(1, Environment.ProcessorCount / shards) };
        var counts = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => Task.Run(async () =>
        {
            var deal = new Deal(order.Rows, From: 0, shard, shards, Uneven.Keep);
            var scan = await EpochScan.OpenAsync(files, request, index, order, deal, CancellationToken.None);
            return await CountAsync(scan.ReadAsync());
        })));
        return counts.Sum();
    }

    private static async Task<long> CountAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        var (rows, sum) = (0L, 0L);
        await foreach (var next in batches)
        {
            using var batch = next;
            rows += batch.Length;
            foreach (var column in batch.Arrays)
                sum ^= Sum(column.Data);
        }

        return sum == 0 ? throw new InvalidOperationException("Every value is zero.") : rows;
    }

    /// <summary>Of the values as words: looks at each, and costs little beside what made them.</summary>
    private static long Sum(ArrayData column)
    {
        if (column.DataType is not FixedWidthType { BitWidth: var bits and >= 8 })
            return column.Buffers[1].Length;
        var bytes = column.Buffers[1].Span.Slice(column.Offset * bits / 8, column.Length * bits / 8);
        return System.Numerics.Tensors.TensorPrimitives.Sum(MemoryMarshal.Cast<byte, long>(bytes));
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
