using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Catalog.IntegrationTests.Hosting;
using Catalog.Storage.Hot;
using Catalog.Storage.Hot.Redis;

namespace Catalog.IntegrationTests.Online;

/// <summary>Generations in a real Redis beside the same ones mapped into memory.</summary>
public sealed class RedisGenerationsTests : IDisposable
{
    private const int Rows = 5_000;
    private static readonly Guid s_id = Guid.Parse("018f5c1e-0000-7000-8000-000000000001");

    private static readonly FeatureDefinition s_view = new(
        [new Entity("thing", [new EntityKey("id", "string", "id")])],
        new FeatureSource(NodeId.Dataset("t", "events"), "at"),
        [new("value", "float64", "value"), new("text", "string", "id")]);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_has_what_was_published_until_it_loses_it()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await RedisGenerations.ConnectAsync(server.Address);
        var generation = Build();
        Assert.Null(await redis.PartsOfAsync(s_id, Ct));

        Assert.True(await redis.PublishAsync(s_id, generation, DateTimeOffset.UnixEpoch, Ct));

        Assert.True(await FindsAllAsync(redis, generation));
        await server.CommandAsync("del", $"catalog:{s_id:N}:7");
        Assert.False(await FindsAllAsync(redis, generation));

        await redis.LostAsync(s_id, Ct);
        Assert.True(await redis.PublishAsync(s_id, generation, DateTimeOffset.UnixEpoch, Ct));
        Assert.True(await FindsAllAsync(redis, generation));
    }

    [Fact]
    public async Task What_nobody_wants_is_removed_and_nothing_else()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await RedisGenerations.ConnectAsync(server.Address);
        var (other, now) = (Guid.Parse("018f5c1e-0000-7000-8000-000000000002"), DateTimeOffset.UnixEpoch.AddHours(1));
        var generation = Build();
        await redis.PublishAsync(s_id, generation, now, Ct);
        await redis.PublishAsync(other, generation, now, Ct);
        await server.CommandAsync("set", "of-somebody-else", "1");

        await redis.WantAsync([s_id], now.AddMinutes(20), Ct);
        await redis.RemoveUnwantedAsync(now.AddMinutes(10), Ct);

        Assert.Null(await redis.PartsOfAsync(other, Ct));
        Assert.True(await FindsAllAsync(redis, generation));
        await redis.RemoveUnwantedAsync(now.AddMinutes(30), Ct);
        Assert.Equal("1", (await server.CommandAsync("dbsize")).Trim());
    }

    [Fact]
    public async Task A_cluster_that_lost_a_server_says_so_or_answers_right()
    {
        var nodes = await RedisServer.StartClusterAsync();
        try
        {
            await using var redis = await RedisGenerations.ConnectAsync(string.Join(',', nodes.Select(n => n.Address)));
            var generation = Build();
            await Eventually.True(() => PublishedAsync(redis, generation), "published to the cluster");
            Assert.True(await FindsAllAsync(redis, generation));
            foreach (var node in nodes)
                Assert.NotEqual("0", (await node.CommandAsync("dbsize")).Trim());

            await nodes[2].KillAsync();
            await Assert.ThrowsAsync<RedisStoreException>(() => FindsAllAsync(redis, generation));
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_is_down_is_told_at_once()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await RedisGenerations.ConnectAsync(server.Address);
        await server.KillAsync();

        await Assert.ThrowsAsync<RedisStoreException>(() => redis.PartsOfAsync(s_id, Ct));

        await server.StartAgainAsync();
        await Eventually.True(() => PublishedAsync(redis, Build()), "connected again");
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:6379,secret=hunter2,password=hunter2,nonsense=hunter2")]
    public void What_is_no_connection_string_is_refused_without_telling_it(string text)
    {
        var refused = Assert.Throws<FormatException>(() => RedisGenerations.Demand(text));

        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    private static async Task<bool> PublishedAsync(RedisGenerations redis, Generation generation)
    {
        try
        {
            return await redis.PublishAsync(s_id, generation, DateTimeOffset.UnixEpoch, Ct);
        }
        catch (RedisStoreException)
        {
            return false;
        }
    }

    /// <summary>Whether Redis has all of it; what it does not have is no answer, and what it answers is right.</summary>
    private static async Task<bool> FindsAllAsync(RedisGenerations redis, Generation generation)
    {
        var keys = new KeyBatch();
        keys.Reset(generation.Layout.Keys);
        for (var i = -200; i < Rows; i++)
        {
            keys.Part(System.Text.Encoding.UTF8.GetBytes($"key {i}"));
            keys.EndKey();
        }

        keys.AddMissing();
        var (wanted, found) = (new nint[keys.Count], new nint[keys.Count]);
        generation.Find(keys, wanted);
        using var shelf = new RowShelf();
        var parts = await redis.PartsOfAsync(s_id, Ct) ?? throw new InvalidOperationException("It is not there.");
        if (!await redis.FindAsync(s_id, parts, keys, generation.Layout, shelf, found, Ct))
            return false;
        Assert.Equal(Rows, found.Count(r => r != 0));
        for (var i = 0; i < keys.Count; i++)
        {
            Assert.Equal(wanted[i] != 0, found[i] != 0);
            Assert.True(found[i] == 0 || new HotRow(wanted[i]).Bytes.SequenceEqual(new HotRow(found[i]).Bytes));
        }

        GC.KeepAlive(generation);
        return true;
    }

    private Generation Build()
    {
        var at = new TimestampArray.Builder(new TimestampType(TimeUnit.Microsecond, "UTC"));
        var (ids, values) = (new StringArray.Builder(), new DoubleArray.Builder());
        for (var i = 0; i < Rows; i++)
        {
            ids.Append($"key {i}");
            at.Append(DateTimeOffset.UnixEpoch.AddSeconds(i));
            values.Append(i);
        }

        using var batch = new RecordBatch.Builder().Append("id", nullable: false, ids.Build())
            .Append("at", nullable: false, at.Build()).Append("value", nullable: false, values.Build()).Build();
        using var builder = new GenerationBuilder(s_view, new() { Folder = _folder.Path });
        builder.Add(RowSource.OfEvents(batch.Schema, s_view, "the test"), batch, origin: 0, long.MaxValue);
        var header = new GenerationHeader(NodeId.FeatureView("t", "view").WithVersion(1), s_view, [], 0, "test/1");
        return Generation.Open(builder.Finish(_folder["redis.gen"], header, CancellationToken.None).Path, sha256: null);
    }
}
