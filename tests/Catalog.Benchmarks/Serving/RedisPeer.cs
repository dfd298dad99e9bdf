using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Apache.Arrow;
using StackExchange.Redis;

namespace Catalog.Benchmarks.Serving;

/// <summary>A Redis on a free loopback port, filled as Feast fills it (a hash a key, a field a feature) and with packed rows.</summary>
internal sealed class RedisPeer : IAsyncDisposable
{
    private const int Ahead = 1_000;

    private readonly Process _process;
    private readonly ConnectionMultiplexer _redis;

    private readonly FloatTable _table;

    private RedisPeer(Process process, ConnectionMultiplexer redis, FloatTable table)
    {
        (_process, _redis, _table) = (process, redis, table);
        Fields = [.. Enumerable.Range(0, table.Features).Select(i => (RedisValue)$"f{i}")];
    }

    public IDatabase Database => _redis.GetDatabase();

    public RedisValue[] Fields { get; }

    public static async Task<RedisPeer> StartAsync(FloatTable table)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var process = Process.Start(new ProcessStartInfo("redis-server")
        {
            ArgumentList =
            {
                "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("redis-server does not start.");
        var options = ConfigurationOptions.Parse($"127.0.0.1:{port}");
        (options.AllowAdmin, options.AbortOnConnectFail, options.ConnectRetry) = (true, false, 50);
        var redis = await ConnectionMultiplexer.ConnectAsync(options);
        while (!redis.IsConnected)
            await Task.Yield();
        return new(process, redis, table);
    }

    public static RedisKey HashOf(long key) => $"h:{key}";

    public static RedisKey BlobOf(long key) => $"b:{key}";

    /// <summary>Seconds to write all rows, a hash each, in pipelines.</summary>
    public Task<double> LoadHashesAsync(IReadOnlyList<RecordBatch> batches) => LoadAsync(
        batches,
        (key, batch, row) => Database.HashSetAsync(
            HashOf(key),
            [.. Fields.Select((field, f) => new HashEntry(field, BitConverter.GetBytes(((FloatArray)batch.Column(f + 2)).Values[row])))]));

    /// <summary>Seconds to write all rows, packed, in pipelines.</summary>
    public Task<double> LoadBlobsAsync(IReadOnlyList<RecordBatch> batches)
    {
        var rows = _table.Packed(batches).ToDictionary(r => r.Key, r => r.Row);
        return LoadAsync(batches, (key, _, _) => Database.StringSetAsync(BlobOf(key), rows[key]));
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<double> LoadAsync(IReadOnlyList<RecordBatch> batches, Func<long, RecordBatch, int, Task> write)
    {
        var watch = Stopwatch.StartNew();
        var ahead = new List<Task>(Ahead);
        foreach (var batch in batches)
        {
            var keys = (Int64Array)batch.Column(0);
            for (var row = 0; row < batch.Length; row++)
            {
                ahead.Add(write(keys.Values[row], batch, row));
                if (ahead.Count < Ahead)
                    continue;
                await Task.WhenAll(ahead);
                ahead.Clear();
            }
        }

        await Task.WhenAll(ahead);
        return watch.Elapsed.TotalSeconds;
    }
}
