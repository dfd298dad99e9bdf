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

        var times = readers.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, reader) in readers)
                times[name].Add(await TimeAsync(() => reader(read)));
        }

        Print(title, readers.Keys.Zip(sums).ToList(), times);
    }

    private static async Task<double> TimeAsync(Func<Task<Sum>> read)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        await read();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Print(string title, IReadOnlyList<(string Name, Sum Sum)> sums, Dictionary<string, List<double>> times)
    {
        Console.WriteLine($"\n{title}");
        var ours = times["Catalog, native"].Order().ElementAt(Rounds / 2);
        foreach (var (name, sum) in sums)
        {
            var sorted = times[name].Order().ToArray();
            var median = sorted[Rounds / 2];
            Console.WriteLine(
                $"{name,-28} {median * 1_000,8:N1} ms ({sorted[0] * 1_000:N1}..{sorted[^1] * 1_000:N1})  {median / ours,5:N2}x"
                + $"  {sum.Rows / median / 1e6,6:N1} M rows/s  {sum.Rows:N0} rows  checksum {sum.Value:R}");
        }
    }
}

/// <summary>What is read: files, columns (null: all), a range of <c>id</c>, and the column whose sum shows that values were read.</summary>
internal sealed record ColumnRead(IReadOnlyList<string> Files, IReadOnlyList<string>? Columns, long? From, long? To, string Summed);

/// <summary>What came out.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct Sum(long Rows, double Value);
