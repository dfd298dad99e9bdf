using System.Diagnostics;
using System.Net.Http.Headers;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.S3;

namespace Catalog.Benchmarks;

/// <summary>
/// Bulk reads of one object in ranges of 8 MiB: our store beside a bare HTTP client with signed addresses, at the same parallelism.
/// </summary>
internal static class S3Benchmark
{
    private const int MiB = 1024 * 1024;
    private const int RangeBytes = 8 * MiB;
    private const int Rounds = 7;

    /// <param name="args">The address of a bucket, and how many MiB the object has (256).</param>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var address, ..])
        {
            Console.Error.WriteLine("Say which bucket: s3 's3://bucket/prefix?endpoint=http://127.0.0.1:9000' [MiB].");
            return 2;
        }

        var size = (args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 256) * (long)MiB;
        var spool = Directory.CreateTempSubdirectory("catalog-s3-");
        var storage = S3Objects.Open(S3Address.Parse(address), spool.FullName);
        var key = $"benchmark-{Guid.CreateVersion7():N}";
        try
        {
            await FillAsync(storage.Objects, key, size);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            var url = (await storage.Urls.SignReadAsync(key, lifetime: null, CancellationToken.None)).Url;
            Console.WriteLine("| at once | store MB/s | HTTP MB/s | store / HTTP |");
            Console.WriteLine("| ---: | ---: | ---: | ---: |");
            foreach (var lanes in (int[])[1, 4, 8])
                await CompareAsync(storage.Objects, http, url, key, size, lanes);
            return 0;
        }
        finally
        {
            await storage.Objects.DeleteAsync(key, CancellationToken.None);
            spool.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(IObjectStore objects, string key, long size)
    {
        var bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        var start = Stopwatch.GetTimestamp();
        await objects.PutAsync(key, new MemoryStream(bytes), DigestOf(bytes), CancellationToken.None);
        Console.WriteLine($"Stored in parts at {size / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds:0} MB/s.");
        Console.WriteLine();
    }

    // Rounds of both take turns; the first of each warms up.
    private static async Task CompareAsync(IObjectStore objects, HttpClient http, Uri url, string key, long size, int lanes)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            ours.Add(await ReadAsync(size, lanes, (offset, buffer) => FromStoreAsync(objects, key, offset, buffer)));
            theirs.Add(await ReadAsync(size, lanes, (offset, buffer) => OverHttpAsync(http, url, offset, buffer)));
        }

        var (store, raw) = (Median(ours.Skip(1)), Median(theirs.Skip(1)));
        Console.WriteLine($"| {lanes} | {store:0} | {raw:0} | {store / raw:0.00} |");
    }

    /// <returns>Megabytes a second.</returns>
    private static async Task<double> ReadAsync(long size, int lanes, Func<long, Memory<byte>, Task> readAsync)
    {
        var next = -(long)RangeBytes;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Task.Run(async () =>
        {
            var buffer = new byte[RangeBytes];
            for (long offset; (offset = Interlocked.Add(ref next, RangeBytes)) < size;)
                await readAsync(offset, buffer.AsMemory(0, (int)Math.Min(RangeBytes, size - offset)));
        })));
        return size / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task FromStoreAsync(IObjectStore objects, string key, long offset, Memory<byte> buffer)
    {
        await using var range = await objects.OpenReadAsync(key, offset, buffer.Length, CancellationToken.None);
        await range.ReadExactlyAsync(buffer);
    }

    private static async Task OverHttpAsync(HttpClient http, Uri url, long offset, Memory<byte> buffer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url)
        {
            Headers = { Range = new RangeHeaderValue(offset, offset + buffer.Length - 1) },
        };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var range = await answer.Content.ReadAsStreamAsync();
        await range.ReadExactlyAsync(buffer);
    }

    private static double Median(IEnumerable<double> rounds)
    {
        double[] sorted = [.. rounds.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string DigestOf(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
