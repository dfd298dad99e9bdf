using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using StackExchange.Redis;

namespace Catalog.Benchmarks.Serving;

/// <summary>
/// Lookups over loopback: the compact gRPC call and Feast's JSON, beside Redis with hashes read as Feast reads them (HMGET, pipelined) and
/// with packed rows (MGET), and beside a plain server with System.Text.Json. Closed loop; each round runs all of them, one after the other.
/// </summary>
internal static class ServingBenchmark
{
    private const int Rounds = 5;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string[] rest)
    {
        var rows = rest is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 1_000_000;
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath ?? "dotnet")
        {
            ArgumentList = { ServingServer.Argument, rows.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("The server does not start.");
        try
        {
            var ready = (await process.StandardOutput.ReadLineAsync() ?? "").Split('|');
            await using var redis = await RedisPeer.StartAsync();
            var batches = FloatTable.Batches(rows);
            await redis.LoadBlobsAsync(batches);
            await redis.LoadHashesAsync(batches);
            await MeasureAsync(new Uri(ready[1]), new Uri(ready[2]), ready[3], new Uri(ready[4]), redis.Database, rows);
            return 0;
        }
        finally
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }
    }

    private static async Task MeasureAsync(Uri http, Uri grpc, string key, Uri plain, IDatabase redis, int rows)
    {
        using var lookup = await LookupCaller.ConnectAsync(grpc, key);
        using var receipts = await LookupCaller.ConnectAsync(grpc, key, receipt: true);
        using var feast = Client(http, key);
        using var stj = Client(plain, key);
        foreach (var (count, connections) in new[] { (100, 1), (100, 8), (1, 1), (1, 8) })
        {
            (string Name, Func<long[], Task> Read)[] ways =
            [
                ("gRPC compact", lookup.ReadAsync),
                ("gRPC compact, receipts", receipts.ReadAsync),
                ("Feast JSON", keys => PostAsync(feast, keys)),
                ("System.Text.Json", keys => PostAsync(stj, keys)),
                ("Redis HMGET", keys => HashesAsync(redis, keys)),
                ("Redis MGET packed", keys => BlobsAsync(redis, keys)),
            ];
            await CompareAsync($"{count} rows, {connections} at once", ways, count, connections, rows);
        }
    }

    private static async Task CompareAsync(
        string what, (string Name, Func<long[], Task> Read)[] ways, int count, int connections, int rows)
    {
        var runs = ways.ToDictionary(w => w.Name, _ => new List<Load>(), StringComparer.Ordinal);
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var (name, read) in ways)
            {
                var random = Enumerable.Range(0, connections).Select(i => new Random(i + round)).ToArray();
                var load = await Measure.RunAsync(
                    connections, round < 0 ? s_time / 4 : s_time, writer => read(Keys(random[writer], count, rows)));
                if (round >= 0)
                    runs[name].Add(load);
            }
        }

        Console.WriteLine(what);
        foreach (var (name, loads) in runs)
        {
            var median = Measure.Median(loads);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-24} {median.PerSecond,9:N0}/s  p50 {median.P50,7:0.000} ms  p99 {median.P99,7:0.000} ms"));
        }
    }

    private static long[] Keys(Random random, int count, int rows)
    {
        var keys = new long[count];
        for (var i = 0; i < count; i++)
            keys[i] = random.Next(rows);
        return keys;
    }

    private static HttpClient Client(Uri address, string key)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static string Features { get; } =
        string.Join(',', Enumerable.Range(0, FloatTable.Features).Select(i => $"\"bench/view:f{i}\""));

    private static async Task PostAsync(HttpClient client, long[] keys)
    {
        using var body = new StringContent(
            $$$"""{"features":[{{{Features}}}],"entities":{"id":[{{{string.Join(',', keys)}}}]}}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("get-online-features", body);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task HashesAsync(IDatabase redis, long[] keys)
    {
        var values = await Task.WhenAll(keys.Select(k => redis.HashGetAsync(RedisPeer.HashOf(k), RedisPeer.Fields)));
        if (values.Any(v => v.Any(f => f.IsNull)))
            throw new InvalidOperationException("A key is missing.");
    }

    private static async Task BlobsAsync(IDatabase redis, long[] keys)
    {
        var values = await redis.StringGetAsync([.. keys.Select(RedisPeer.BlobOf)]);
        if (values.Any(v => v.IsNull))
            throw new InvalidOperationException("A key is missing.");
    }
}
