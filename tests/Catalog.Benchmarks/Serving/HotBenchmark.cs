using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Apache.Arrow;
using Catalog.Hot;
using Catalog.Storage.Hot;

namespace Catalog.Benchmarks.Serving;

/// <summary>
/// Lookups in this process, beside a dictionary of packed rows; and building a generation, beside the same rows into Redis.
/// One million keys with 50 float features; 100 random keys a lookup, whose 200 bytes each are copied out.
/// </summary>
internal static class HotBenchmark
{
    private const int KeysAtOnce = 100;
    private const int Rounds = 7;
    private static readonly FloatTable s_table = new(50);
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string[] rest)
    {
        var rows = rest is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 1_000_000;
        var folder = Directory.CreateTempSubdirectory("catalog-hot-bench-").FullName;
        try
        {
            var batches = s_table.Batches(rows);
            await BuildAsync(batches, folder, rows);
            var built = BuildOnce(batches, folder);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"file: {built.Bytes / (double)rows / (s_table.Features * sizeof(float)):0.000} bytes for each byte of payload"));
            Lookups(Generation.Open(built.Path, sha256: null), batches, rows);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BuiltGeneration BuildOnce(IReadOnlyList<RecordBatch> batches, string folder)
    {
        using var builder = new GenerationBuilder(s_table.View, new() { Folder = folder });
        var source = RowSource.OfEvents(batches[0].Schema, s_table.View, "the benchmark");
        foreach (var batch in batches)
            builder.Add(source, batch, origin: 0, long.MaxValue);
        return builder.Finish(Path.Combine(folder, "built.gen"), s_table.Header, CancellationToken.None);
    }

    private static async Task BuildAsync(IReadOnlyList<RecordBatch> batches, string folder, int rows)
    {
        await using var redis = await RedisPeer.StartAsync(s_table);
        var (ours, hashes, blobs) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < 5; round++)
        {
            ours.Add(Seconds(() => BuildOnce(batches, folder)));
            blobs.Add(await redis.LoadBlobsAsync(batches));
            if (round < 3)
                hashes.Add(await redis.LoadHashesAsync(batches));
        }

        var median = Median(ours);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"build {rows:N0} x {s_table.Features}: {median:0.00} s (best {ours.Min():0.00}); Redis, pipelined: hashes as Feast writes "
            + $"them {Median(hashes):0.00} s ({Median(hashes) / median:0.0} x), packed rows {Median(blobs):0.00} s "
            + $"({Median(blobs) / median:0.0} x)"));
    }

    private static void Lookups(Generation generation, IReadOnlyList<RecordBatch> batches, int rows)
    {
        var dictionary = new ConcurrentDictionary<long, byte[]>(Environment.ProcessorCount, rows);
        foreach (var (key, row) in s_table.Packed(batches))
            dictionary[key] = row;
        var (ours, peers) = (new List<double>(), new List<double>());
        var allocated = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(Rate(new OursReader(generation, rows), out allocated));
            peers.Add(Rate(new DictionaryReader(dictionary, rows), out _));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{KeysAtOnce} keys in process, one thread: {Median(ours):N0} lookups/s, {1e6 / Median(ours):0.00} us; "
            + $"ConcurrentDictionary {Median(peers):N0}/s, {1e6 / Median(peers):0.00} us: {Median(ours) / Median(peers):0.00} x; "
            + $"allocated a lookup: {allocated} B"));
    }

    private static double Rate(IReader reader, out long allocated)
    {
        for (var i = 0; i < 2_000; i++)
            reader.Read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var count = 0L;
        while (watch.Elapsed < s_time)
        {
            for (var i = 0; i < 100; i++)
                reader.Read();
            count += 100;
        }

        allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        return count / watch.Elapsed.TotalSeconds;
    }

    private static double Seconds(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private interface IReader
    {
        void Read();
    }

    private sealed class OursReader(Generation generation, int rows) : IReader
    {
        private readonly Random _random = new(1);
        private readonly KeyBatch _keys = new();
        private readonly nint[] _found = new nint[KeysAtOnce];
        private readonly byte[] _out = new byte[KeysAtOnce * s_table.Features * sizeof(float)];

        public void Read()
        {
            _keys.Reset(generation.Layout.Keys);
            for (var i = 0; i < KeysAtOnce; i++)
                _keys.Add(_random.Next(rows));
            generation.Find(_keys, _found);
            var at = 0;
            for (var i = 0; i < KeysAtOnce; i++)
            {
                var values = new HotRow(_found[i]).Slots(generation.Layout);
                values.CopyTo(_out.AsSpan(at));
                at += values.Length;
            }
        }
    }

    private sealed class DictionaryReader(ConcurrentDictionary<long, byte[]> dictionary, int rows) : IReader
    {
        private readonly Random _random = new(1);
        private readonly byte[] _out = new byte[KeysAtOnce * s_table.Features * sizeof(float)];

        public void Read()
        {
            var at = 0;
            for (var i = 0; i < KeysAtOnce; i++)
            {
                if (!dictionary.TryGetValue(_random.Next(rows), out var row))
                    continue;
                row.CopyTo(_out, at);
                at += row.Length;
            }
        }
    }
}
