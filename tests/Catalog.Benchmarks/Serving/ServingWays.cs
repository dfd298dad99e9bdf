using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using StackExchange.Redis;

namespace Catalog.Benchmarks.Serving;

/// <summary>Where the server of the benchmark answers, as it says when it is ready.</summary>
/// <param name="Generations">Two of the same view, with the same values.</param>
internal sealed record ServingPlace(Uri Http, Uri Grpc, Uri Redis, string Key, Uri Plain, IReadOnlyList<Guid> Generations)
{
    public static ServingPlace Of(string line) => line.Split('|') is [_, var http, var grpc, var redis, var key, var plain, .. var made]
        ? new(new(http), new(grpc), new(redis), key, new(plain), [.. made.Select(Guid.Parse)])
        : throw new InvalidOperationException("The server does not say where it is.");
}

/// <summary>A way to the values of keys.</summary>
internal sealed record ServingWay(string Name, Func<long[], Task> Read);

/// <summary>All ways that are compared.</summary>
internal sealed class ServingWays : IAsyncDisposable
{
    private readonly List<IDisposable> _open = [];
    private readonly List<IAsyncDisposable> _connections = [];

    private ServingWays()
    {
    }

    public required ServingWay Compact { get; init; }

    public required IReadOnlyList<ServingWay> OfManyRows { get; init; }

    public required IReadOnlyList<ServingWay> OfOneRow { get; init; }

    public static async Task<ServingWays> ConnectAsync(ServingPlace server, RedisPeer redis, FloatTable table)
    {
        var options = new ConfigurationOptions { EndPoints = { { server.Redis.Host, server.Redis.Port } }, Password = server.Key };
        var resp = await ConnectionMultiplexer.ConnectAsync(options);
        var ours = resp.GetDatabase();
        var lookup = await LookupCaller.ConnectAsync(server.Grpc, server.Key, table);
        var receipts = await LookupCaller.ConnectAsync(server.Grpc, server.Key, table, receipt: true);
        var command = await LookupCaller.ConnectAsync(ours, table);
        var feast = Client(server.Http, server.Key);
        var stj = Client(server.Plain, server.Key);
        var compact = new ServingWay("gRPC compact", lookup.ReadAsync);
        IReadOnlyList<ServingWay> both =
        [
            compact,
            new("gRPC compact, receipts", receipts.ReadAsync),
            new("compact, as RESP", command.ReadAsync),
            new("Feast JSON", keys => PostAsync(feast, keys)),
            new("System.Text.Json", keys => PostAsync(stj, keys)),
            new("Redis HMGET", keys => HashesAsync(redis.Database, keys, RedisPeer.HashOf, redis.Fields)),
            new("Redis MGET packed", keys => BlobsAsync(redis.Database, keys)),
        ];
        var ways = new ServingWays
        {
            Compact = compact,
            OfManyRows = both,
            OfOneRow = [.. both, new("HMGET, as RESP", keys => HashesAsync(ours, keys, k => $"bench/view:{k}", redis.Fields))],
        };
        ways._open.AddRange([lookup, receipts, command, feast, stj]);
        ways._connections.Add(resp);
        return ways;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _open)
            one.Dispose();
        foreach (var one in _connections)
            await one.DisposeAsync();
    }

    private static HttpClient Client(Uri address, string key)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static async Task PostAsync(HttpClient client, long[] keys)
    {
        using var body = new StringContent(
            $$$"""{"feature_service":"{{{FloatTable.Service}}}","entities":{"id":[{{{string.Join(',', keys)}}}]}}""",
            Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "get-online-features") { Content = body };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var content = await answer.Content.ReadAsStreamAsync();
        var piece = ArrayPool<byte>.Shared.Rent(64 * 1024);
        while (await content.ReadAsync(piece) > 0)
        {
        }

        ArrayPool<byte>.Shared.Return(piece);
    }

    private static async Task HashesAsync(IDatabase redis, long[] keys, Func<long, RedisKey> hashOf, RedisValue[] fields)
    {
        var values = await Task.WhenAll(keys.Select(k => redis.HashGetAsync(hashOf(k), fields)));
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
