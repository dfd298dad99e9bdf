using System.Diagnostics;
using System.Globalization;
using Catalog.Sdk;

namespace Catalog.Benchmarks.Serving;

/// <summary>
/// Lookups over loopback, beside Redis with hashes read as Feast reads them (HMGET, pipelined) and with packed rows (MGET), and beside a
/// plain server with System.Text.Json. Closed loop, and open loop with latencies told from when a request was due; each round runs all
/// ways, one after the other.
/// </summary>
internal static class ServingBenchmark
{
    private const int Rounds = 5;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string[] rest)
    {
        var rows = rest is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 1_000_000;
        var flipsOnly = rest is [_, _, "flips"];
        var table = new FloatTable(rest is [_, var features, ..] ? int.Parse(features, CultureInfo.InvariantCulture) : 50);
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath ?? "dotnet")
        {
            ArgumentList =
            {
                ServingServer.Argument, rows.ToString(CultureInfo.InvariantCulture), table.Features.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("The server does not start.");
        try
        {
            var server = ServingPlace.Of(await process.StandardOutput.ReadLineAsync() ?? "");
            await using var redis = await RedisPeer.StartAsync(table);
            var batches = table.Batches(rows);
            await redis.LoadBlobsAsync(batches);
            await redis.LoadHashesAsync(batches);
            await using var ways = await ServingWays.ConnectAsync(server, redis, table);
            if (!flipsOnly)
                await MeasureAsync(ways, rows);
            await MeasureFlipsAsync(ways, server, rows);
            return 0;
        }
        finally
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    private static async Task MeasureAsync(ServingWays ways, int rows)
    {
        foreach (var (count, connections) in new[] { (100, 1), (100, 8), (1, 1), (1, 8) })
        {
            await CompareAsync(
                $"{count} rows, {connections} at once", count == 1 ? ways.OfOneRow : ways.OfManyRows,
                (way, round, time) => ClosedLoopAsync(way, round, time, count, connections, rows));
        }

        foreach (var (count, perSecond) in new[] { (100, 200), (1, 4_000) })
        {
            await CompareAsync(
                $"{count} rows, open loop, {perSecond:N0}/s", count == 1 ? ways.OfOneRow : ways.OfManyRows,
                (way, round, time) => OpenLoopAsync(way, round, time, count, perSecond, rows));
        }
    }

    private static Task MeasureFlipsAsync(ServingWays ways, ServingPlace server, int rows) => CompareAsync(
        "100 rows, 8 at once, flips", [ways.Compact with { Name = "no flips" }, ways.Compact with { Name = "a flip a second" }],
        async (way, round, time) =>
        {
            using var over = new CancellationTokenSource();
            var flips = way.Name == "no flips" ? Task.CompletedTask : FlipAsync(server, over.Token);
            var load = await ClosedLoopAsync(way, round, time * 5, 100, 8, rows);
            await over.CancelAsync();
            await flips;
            return load;
        });

    private static Task<Load> ClosedLoopAsync(ServingWay way, int round, TimeSpan time, int count, int connections, int rows)
    {
        var random = Enumerable.Range(0, connections).Select(i => new Random(i + round)).ToArray();
        return Measure.RunAsync(connections, time, caller => way.Read(Keys(random[caller], count, rows)));
    }

    private static Task<Load> OpenLoopAsync(ServingWay way, int round, TimeSpan time, int count, int perSecond, int rows)
    {
        var random = new Random(round);
        return Measure.RunOpenAsync(perSecond, time, () => way.Read(Keys(random, count, rows)));
    }

    private static async Task CompareAsync(
        string what, IReadOnlyList<ServingWay> ways, Func<ServingWay, int, TimeSpan, Task<Load>> runAsync)
    {
        var runs = ways.ToDictionary(w => w.Name, _ => new List<Load>(), StringComparer.Ordinal);
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var way in ways)
            {
                var load = await runAsync(way, round, round < 0 ? s_time / 4 : s_time);
                if (round >= 0)
                    runs[way.Name].Add(load);
            }
        }

        Console.WriteLine(what);
        foreach (var (name, loads) in runs)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-24} {Median(loads, l => l.PerSecond),9:N0}/s  p50 {Median(loads, l => l.P50),7:0.000} ms  "
                + $"p99 {Median(loads, l => l.P99),7:0.000} ms"));
        }
    }

    /// <summary>Goes from one generation to the other and back, once a second.</summary>
    private static async Task FlipAsync(ServingPlace server, CancellationToken over)
    {
        using var catalog = new CatalogClient(server.Http, server.Key);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var flip = 0; !over.IsCancellationRequested; flip++)
        {
            await catalog.Features.Generations.ActivateAsync([server.Generations[flip % 2]], ct: CancellationToken.None);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static long[] Keys(Random random, int count, int rows)
    {
        var keys = new long[count];
        for (var i = 0; i < count; i++)
            keys[i] = random.Next(rows);
        return keys;
    }

    private static double Median(IEnumerable<Load> loads, Func<Load, double> of)
    {
        double[] sorted = [.. loads.Select(of).Order()];
        return sorted[sorted.Length / 2];
    }
}
