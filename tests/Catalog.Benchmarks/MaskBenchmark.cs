using System.Diagnostics;
using System.IO.Pipelines;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;

namespace Catalog.Benchmarks;

/// <summary>
/// The body of an Arrow answer, made of Parquet and thrown away, with and without masks on some of its columns: what masking adds where no
/// wire is slower than it. Rounds of all take turns; the time is that of all processors, too.
/// </summary>
internal static class MaskBenchmark
{
    private const int Rounds = 9;
    private const int Rows = 3_000_000;

    private static readonly (string Name, ColumnMask[] Masks)[] s_flights =
    [
        ("no masks", []),
        ("null, null", [new("destination", Mask.Null), new("origin", Mask.Null)]),
        ("redact, redact", [new("destination", Mask.Redact), new("origin", Mask.Redact)]),
        ("last-four, last-four", [new("destination", Mask.LastFour), new("origin", Mask.LastFour)]),
        ("bucket, year", [new("date", Mask.Year), new("delay", Mask.Bucket)]),
        ("hash, null", [new("destination", Mask.Null), new("origin", Mask.Hash)]),
        ("hash, hash", [new("destination", Mask.Hash), new("origin", Mask.Hash)]),
    ];

    private static readonly (string Name, ColumnMask[] Masks)[] s_features =
    [
        ("no masks", []),
        ("null, redact", [new("d0", Mask.Null), new("s", Mask.Redact)]),
        ("null, last-four", [new("d0", Mask.Null), new("s", Mask.LastFour)]),
        ("bucket, year", [new("d5", Mask.Bucket), new("ts", Mask.Year)]),
        ("null, hash of 200 texts", [new("d0", Mask.Null), new("s", Mask.Hash)]),
        ("null, hash of numbers that differ", [new("d0", Mask.Null), new("id", Mask.Hash)]),
    ];

    /// <param name="args">The flights as Parquet, or none: then only a table that is made up is read.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("catalog-masks-");
        try
        {
            if (args is [var flights, ..])
                await CompareAsync("flights", flights, s_flights);
            await CompareAsync(
                $"{Rows:N0} x 16", await SyntheticTable.WriteAsync(folder.FullName, Rows, ParquetCompression.Zstd), s_features);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(string title, string file, (string Name, ColumnMask[] Masks)[] ways)
    {
        await File.ReadAllBytesAsync(file);
        var times = ways.Select(_ => new List<(double Wall, double Processor)>()).ToList();
        for (var round = 0; round <= Rounds; round++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                GC.Collect();
                var processor = Environment.CpuUsage.TotalTime;
                var watch = Stopwatch.StartNew();
                await ReadAsync(file, ways[way].Masks);
                if (round > 0) // the first warms up
                    times[way].Add((watch.Elapsed.TotalMilliseconds, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds));
            }
        }

        Console.WriteLine($"\n{title}: medians of {Rounds} rounds, on {Environment.ProcessorCount} processors");
        var (wall, cpu) = (Median(times[0].Select(t => t.Wall)), Median(times[0].Select(t => t.Processor)));
        foreach (var ((name, _), all) in ways.Zip(times))
        {
            var (mine, work) = (Median(all.Select(t => t.Wall)), Median(all.Select(t => t.Processor)));
            Console.WriteLine($"{name,-36} {mine,7:N0} ms {mine / wall - 1,7:P0}   processor {work,7:N0} ms {work / cpu - 1,7:P0}");
        }
    }

    private static async Task ReadAsync(string file, ColumnMask[] masked)
    {
        var obligations = new AccessObligations(masked, Mask.None, []);
        var key = new byte[32];
        var scan = await ColumnScan.OpenBySchemaAsync(
            [ParquetSource.File(file)],
            schema => ColumnMasks.Of(schema, obligations, key) is { } masks
                ? new() { Project = masks.Apply, ProjectedSchema = _ => masks.Schema }
                : new(),
            CancellationToken.None);
        await using var batches = scan.ReadAsync().GetAsyncEnumerator();
        var to = PipeWriter.Create(Stream.Null);
        await ArrowBody.WriteAsync(to, scan.Schema, batches, await batches.MoveNextAsync(), ColumnCompression.None, CancellationToken.None);
        await to.CompleteAsync();
    }

    private static double Median(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return sorted[sorted.Length / 2];
    }
}
