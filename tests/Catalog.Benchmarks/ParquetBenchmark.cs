using System.Diagnostics;
using Catalog.Storage.Columnar;

namespace Catalog.Benchmarks;

/// <summary>
/// Reads columns by our scan, by its engines bare, and by DuckDB: the same rows of the same files, the same checksum, taken in turns.
/// Medians of five; files are read once before.
/// </summary>
internal static class ParquetBenchmark
{
    private const int Rounds = 5;
    private const int Rows = 3_000_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("catalog-parquet-").FullName;
        try
        {
            foreach (var compression in (ParquetCompression[])[ParquetCompression.Snappy, ParquetCompression.Zstd])
            {
                var file = await SyntheticTable.WriteAsync(folder, Rows, compression);
                var name = $"{Rows:N0} x 16, {compression}";
                await CompareAsync($"{name}, all columns", new([file], Columns: null, From: null, To: null, "d0"));
                await CompareAsync($"{name}, 3 columns", new([file], ["id", "d0", "s"], From: null, To: null, "d0"));
                await CompareAsync($"{name}, 100,000 rows in 2 row groups", new([file], Columns: null, 1_200_000, 1_299_999, "d0"));
            }

            if (args is [var flights, ..])
                await CompareAsync("flights, all columns", new([flights], Columns: null, From: null, To: null, "delay"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(string title, ColumnRead read)
    {
        Dictionary<string, Func<ColumnRead, Task<Sum>>> readers = new(StringComparer.Ordinal)
        {
            ["Catalog, native"] = r => ColumnReaders.CatalogAsync(r, ParquetEngines.Native),
            ["Catalog, managed"] = r => ColumnReaders.CatalogAsync(r, ParquetEngines.Managed),
            ["ParquetSharp, 2 readers"] = ColumnReaders.ParquetSharpAsync,
            ["ParquetSharp, UseThreads"] = ColumnReaders.ParquetSharpThreadsAsync,
            ["Parquet.Net, 1 reader"] = ColumnReaders.ParquetNetAsync,
            ["DuckDB to Arrow, 2 threads"] = ColumnReaders.DuckDbAsync,
        };
        foreach (var file in read.Files)
            await File.ReadAllBytesAsync(file);
        var sums = new List<Sum>();
        foreach (var reader in readers.Values)
            sums.Add(await reader(read));

        var times = readers.Keys.ToDictionary(k => k, _ => new List<Time>(), StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, reader) in readers)
                times[name].Add(await TimeAsync(() => reader(read)));
        }

        Print(title, readers.Keys.Zip(sums).ToList(), times);
    }

    /// <summary>Time by the clock, and of all processors, which others on the machine disturb less.</summary>
    private static async Task<Time> TimeAsync(Func<Task<Sum>> read)
    {
        GC.Collect();
        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await read();
        return new(watch.Elapsed.TotalMilliseconds, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
    }

    private static void Print(string title, IReadOnlyList<(string Name, Sum Sum)> sums, Dictionary<string, List<Time>> times)
    {
        Console.WriteLine($"\n{title}");
        var ours = Median(times["Catalog, native"]);
        foreach (var (name, sum) in sums)
        {
            var median = Median(times[name]);
            Console.WriteLine(
                $"{name,-28} {median.Clock,8:N1} ms ({times[name].Min(t => t.Clock):N1}..{times[name].Max(t => t.Clock):N1})"
                + $"  {median.Clock / ours.Clock,5:N2}x  processor {median.Processor,8:N1} ms  {median.Processor / ours.Processor,5:N2}x"
                + $"  {sum.Rows / median.Clock / 1e3,6:N1} M rows/s  {sum.Rows:N0} rows  checksum {sum.Value:R}");
        }
    }

    private static Time Median(IReadOnlyList<Time> times) => new(
        times.Select(t => t.Clock).Order().ElementAt(Rounds / 2), times.Select(t => t.Processor).Order().ElementAt(Rounds / 2));

    /// <summary>In milliseconds.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Time(double Clock, double Processor);
}

/// <summary>What is read: files, columns (null: all), a range of <c>id</c>, and the column whose sum shows that values were read.</summary>
internal sealed record ColumnRead(IReadOnlyList<string> Files, IReadOnlyList<string>? Columns, long? From, long? To, string Summed);

/// <summary>What came out.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct Sum(long Rows, double Value);
