using System.Diagnostics;

namespace Catalog.Benchmarks;

/// <summary>Ways to send the same bytes, in turns.</summary>
/// <param name="title">What is sent.</param>
/// <param name="bytes">How much that is.</param>
/// <param name="server">The other process, whose processor time counts, too.</param>
/// <param name="beside">What every way is set beside.</param>
internal sealed class WireComparison(string title, long bytes, Process server, IReadOnlyList<string> beside)
{
    private const int Rounds = 7;

    public async Task RunAsync(Dictionary<string, Func<Task<long>>> ways)
    {
        var speeds = ways.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        var processor = ways.Keys.ToDictionary(k => k, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, read) in ways)
            {
                GC.Collect();
                var before = ProcessorTime();
                var start = Stopwatch.GetTimestamp();
                await read();
                var took = Stopwatch.GetElapsedTime(start);

                // The first round warms up.
                if (round == 0)
                    continue;
                speeds[name].Add(bytes / 1e6 / took.TotalSeconds);
                processor[name].Add((ProcessorTime() - before).TotalMilliseconds / (bytes / 1e9));
            }
        }

        Print(speeds, processor);
    }

    private void Print(Dictionary<string, List<double>> speeds, Dictionary<string, List<double>> processor)
    {
        Console.WriteLine($"\n{title}, {bytes / 1e6:N0} MB; the median of {Rounds} rounds\n");
        Console.WriteLine(
            $"| way | MB/s | slowest..fastest |{string.Concat(beside.Select(b => $" / {b} |"))} processors, ms a GB |");
        Console.WriteLine($"| --- | ---: | ---: |{string.Concat(beside.Select(_ => " ---: |"))} ---: |");
        foreach (var (name, all) in speeds)
        {
            var ratios = beside.Select(b => $" {Median(all) / Median(speeds[b]):N2} |");
            Console.WriteLine(
                $"| {name} | {Median(all):N0} | {all.Min():N0}..{all.Max():N0} |{string.Concat(ratios)} {Median(processor[name]):N0} |");
        }
    }

    /// <summary>Of both processes, which others on the machine disturb less than the time by the clock.</summary>
    private TimeSpan ProcessorTime()
    {
        server.Refresh();
        return server.TotalProcessorTime + Environment.CpuUsage.TotalTime;
    }

    private static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
