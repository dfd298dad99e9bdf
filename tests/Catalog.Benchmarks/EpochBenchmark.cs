using System.Diagnostics;
using Catalog.Storage.Columnar;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Objects.Local;
using Catalog.Storage.Objects.S3;

namespace Catalog.Benchmarks;

/// <summary>
/// Epochs of training over one table in a bucket: the first reads columns from there, the second from the cache on this machine's disk,
/// beside the same scan of the same file in the local store.
/// </summary>
internal static class EpochBenchmark
{
    private const int Rounds = 7;
    private const int Rows = 3_000_000;
    private const long CacheBytes = 4L << 30;

    /// <param name="args">The address of a bucket.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var address])
        {
            await Console.Error.WriteLineAsync("Say which bucket: epochs 's3://bucket/prefix?endpoint=http://127.0.0.1:9000'.");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("catalog-epochs-");
        try
        {
            var bucket = S3Objects.Open(S3Address.Parse(address), folder.CreateSubdirectory("spool").FullName).Objects;
            var file = await SyntheticTable.WriteAsync(folder.FullName, Rows, ParquetCompression.Zstd);
            var local = new ContentStore(LocalObjects.Open(folder.CreateSubdirectory("local").FullName));
            var stored = await StoreAsync(local, file);
            await StoreAsync(new ContentStore(bucket), file);
            await CompareAsync("all 16 columns", columns: null, bucket, local, stored, folder);
            await CompareAsync("3 of 16 columns", ["id", "d0", "s"], bucket, local, stored, folder);
            await bucket.DeleteAsync(ContentStore.KeyOf(stored.Sha256), CancellationToken.None);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(
        string title, IReadOnlyList<string>? columns, IObjectStore bucket, ContentStore local, StoredContent stored, DirectoryInfo folder)
    {
        var (first, second, beside) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var options = new CacheOptions(Path.Combine(folder.FullName, $"cache-{title.Length}-{round}"), CacheBytes);
            var clock = new EpochClock();
            using var cache = CachedObjectStore.Open(bucket, options, clock);
            var cached = new ContentStore(cache);
            var (far, here) = (await ScanAsync(cached, stored, columns), await ScanAsync(local, stored, columns));
            clock.Advance();
            var near = await ScanAsync(cached, stored, columns);

            // The first round warms up.
            if (round == 0)
                continue;
            first.Add(far);
            beside.Add(here);
            second.Add(near);
        }

        Console.WriteLine($"\n{title}, {stored.Bytes / 1e6:N0} MB of Parquet; the median of {Rounds} rounds");
        Report("first epoch, from the bucket", first, beside);
        Report("second epoch, from the cache", second, beside);
        Report("local store", beside, beside);
    }

    /// <returns>Milliseconds.</returns>
    private static async Task<double> ScanAsync(ContentStore objects, StoredContent stored, IReadOnlyList<string>? columns)
    {
        GC.Collect();
        var source = ParquetSource.Of("table.parquet", () => objects.OpenSeekable(stored.Sha256, stored.Bytes));
        var start = Stopwatch.GetTimestamp();
        var scan = await ColumnScan.OpenAsync([source], new ScanRequest { Columns = columns }, CancellationToken.None);
        var rows = 0L;
        await foreach (var batch in scan.ReadAsync())
        {
            using (batch)
                rows += batch.Length;
        }

        return rows == Rows
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds
            : throw new InvalidOperationException($"{rows} rows came out.");
    }

    private static async Task<StoredContent> StoreAsync(ContentStore objects, string file)
    {
        await using var content = File.OpenRead(file);
        return await objects.StoreAsync(content, sha256: null, CancellationToken.None);
    }

    private static void Report(string name, List<double> times, List<double> local) => Console.WriteLine(
        $"{name,-30} {Median(times),8:N0} ms ({times.Min():N0}..{times.Max():N0})"
        + $"  {Median(local) / Median(times),5:N2} of the local store");

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Epochs are further apart than a block counts as checked.</summary>
    private sealed class EpochClock : TimeProvider
    {
        private TimeSpan _ahead;

        public void Advance() => _ahead += TimeSpan.FromHours(1);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
    }
}
