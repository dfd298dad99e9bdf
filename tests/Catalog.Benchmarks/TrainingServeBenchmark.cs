using System.Diagnostics;
using Apache.Arrow;
using Catalog.Sdk;
using Catalog.Server;

namespace Catalog.Benchmarks;

/// <summary>
/// The same through a server and the SDK, as a training job reads: columns in the version's order beside an epoch in a shuffled one, from
/// one connection or shared by several. Server and clients are on the same processors.
/// </summary>
internal static class TrainingServeBenchmark
{
    private const int Rounds = 5;
    private const int BatchRows = 8_192;
    private const string Scan = "in the version's order";
    private static readonly QualifiedName s_name = new("bench", "rows");

    /// <param name="file">Parquet.</param>
    /// <param name="folder">For the server.</param>
    /// <param name="sum">Looks at every value of a batch.</param>
    public static async Task RunAsync(string file, string folder, Func<IAsyncEnumerable<RecordBatch>, Task<long>> sum)
    {
        await using var server = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = Path.Combine(folder, "data"), Url = "http://127.0.0.1:0" }, _ => { });
        var key = (await File.ReadAllTextAsync(Path.Combine(server.Data.Keys, "admin.key"))).Trim();
        using var catalog = new CatalogClient(server.Address, key);
        await catalog.Datasets.RegisterAsync(s_name, new Registration("team"));
        await catalog.Datasets.CommitAsync(s_name, NewVersion.Of(file));
        var version = await catalog.Datasets.ReadAsync(s_name, 1);

        Dictionary<string, Func<int, Task<long>>> reads = new(StringComparer.Ordinal)
        {
            [Scan] = _ => ColumnsAsync(version, sum),
            ["shuffled, 1 shard"] = epoch => EpochAsync(version, epoch, shards: 1, sum),
            ["shuffled, 2 shards"] = epoch => EpochAsync(version, epoch, shards: 2, sum),
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
                await read(round);

                // The first round warms up.
                if (round == 0)
                    continue;
                times[name].Add(watch.Elapsed.TotalMilliseconds);
                processor[name].Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
            }
        }

        Console.WriteLine($"\nthrough a server and the SDK, the median of {Rounds} rounds");
        foreach (var (name, all) in times)
        {
            Console.WriteLine(
                $"{name,-22} {Median(all),8:N0} ms ({all.Min():N0}..{all.Max():N0})"
                + $"  {Median(times[Scan]) / Median(all),5:N2} of the scan's speed"
                + $"  processor {Median(processor[name]),8:N0} ms  {Median(processor[Scan]) / Median(processor[name]),5:N2}");
        }
    }

    private static async Task<long> ColumnsAsync(VersionReader version, Func<IAsyncEnumerable<RecordBatch>, Task<long>> sum)
    {
        await using var columns = await version.OpenColumnsAsync(new ColumnQuery { BatchRows = BatchRows });
        return await sum(columns.BatchesAsync());
    }

    private static async Task<long> EpochAsync(
        VersionReader version, int epoch, int shards, Func<IAsyncEnumerable<RecordBatch>, Task<long>> sum)
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, shards).Select(shard => Task.Run(async () =>
        {
            await using var read = await version.OpenTrainingReadAsync(
                new TrainingQuery { Seed = 1, Epoch = epoch, Shard = shard, Shards = shards, BatchRows = BatchRows });
            return await sum(read.BatchesAsync());
        })));
        return counts.Sum();
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
