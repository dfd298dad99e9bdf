using System.Diagnostics;

namespace Catalog.Benchmarks;

/// <summary>What one load run showed.</summary>
/// <param name="PerSecond">Writes acknowledged in a second, all writers together.</param>
/// <param name="P50">Half the writes took less, in milliseconds.</param>
/// <param name="P99">All but a hundredth took less, in milliseconds.</param>
internal sealed record Load(double PerSecond, double P50, double P99);

/// <summary>Closed-loop load: each writer sends its next write when the one before is durable.</summary>
internal static class Measure
{
    public static async Task<Load> RunAsync(int writers, TimeSpan time, Func<int, Task> writeAsync)
    {
        var latencies = new List<double>[writers];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var mine = latencies[writer] = [];
            while (watch.Elapsed < time)
            {
                var start = Stopwatch.GetTimestamp();
                await writeAsync(writer);
                mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        })));
        var seconds = watch.Elapsed.TotalSeconds;
        double[] all = [.. latencies.SelectMany(l => l).Order()];
        return new Load(all.Length / seconds, all[all.Length / 2], all[Math.Min(all.Length - 1, all.Length * 99 / 100)]);
    }

    /// <summary>
    /// Open-loop load: requests begin when they are due, whether those before have ended or not, and their latency is told from when they
    /// were due. So a server that stalls is charged for all that it kept waiting.
    /// </summary>
    public static async Task<Load> RunOpenAsync(int perSecond, TimeSpan time, Func<Task> readAsync)
    {
        var latencies = new double[(int)(perSecond * time.TotalSeconds)];
        var running = new Task[latencies.Length];
        var start = Stopwatch.GetTimestamp();
        await Task.Run(() =>
        {
            for (var i = 0; i < latencies.Length; i++)
            {
                var due = start + (long)((double)i / perSecond * Stopwatch.Frequency);
                while (Stopwatch.GetTimestamp() < due)
                    Thread.Yield();
                running[i] = ReadAsync(i, due);
            }
        });
        await Task.WhenAll(running);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Array.Sort(latencies);
        return new Load(latencies.Length / seconds, latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100]);

        async Task ReadAsync(int i, long due)
        {
            await readAsync();
            latencies[i] = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
        }
    }

    /// <summary>The run with the median throughput.</summary>
    public static Load Median(IEnumerable<Load> runs)
    {
        Load[] sorted = [.. runs.OrderBy(r => r.PerSecond)];
        return sorted[sorted.Length / 2];
    }
}
