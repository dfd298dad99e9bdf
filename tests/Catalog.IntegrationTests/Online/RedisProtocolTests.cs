using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Catalog.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;
using Catalog.Wire.Lookup;
using Google.Protobuf;
using StackExchange.Redis;

namespace Catalog.IntegrationTests.Online;

/// <summary>Features by an ordinary client of Redis, and by bytes that no client would send.</summary>
public sealed class RedisProtocolTests(RedisProtocolTests.Served served) : IClassFixture<RedisProtocolTests.Served>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    public async Task A_row_is_a_hash(RedisProtocol protocol)
    {
        await using var redis = await ConnectAsync(protocol, served.Fresh.Api.Key ?? "");
        var db = redis.GetDatabase();

        var found = await db.HashGetAsync(
            $"{served.View}:ORD", ["delay", "@status", "@event_time", "@version", "@generation", "@position"]);

        Assert.Equal(Departures.AllLandings[10].Delay, double.Parse(found[0].ToString(), CultureInfo.InvariantCulture));
        Assert.Equal("present", found[1]);
        Assert.Equal(Departures.AllLandings[10].Landed.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), found[2]);
        Assert.Equal(NodeId.Dataset(served.Trips.Events.Namespace, served.Trips.Events.Name).WithVersion(1).ToString(), found[3]);
        Assert.StartsWith("generation:", found[4].ToString(), StringComparison.Ordinal);
        Assert.True(long.Parse(found[5].ToString(), CultureInfo.InvariantCulture) > 0);
        Assert.Equal(found[0], await db.HashGetAsync($"{served.View}:ORD", "delay"));
        Assert.Equal([new("delay", found[0])], await db.HashGetAllAsync($"{served.View}@1:ORD"));

        var none = await db.HashGetAsync($"{served.View}:XXX", ["delay", "@status", "@event_time"]);
        Assert.Equal([RedisValue.Null, "not_found", RedisValue.Null], none);
        Assert.Empty(await db.HashGetAllAsync($"{served.View}:XXX"));
    }

    [Fact]
    public async Task What_cannot_be_answered_is_an_error_that_says_why_and_the_connection_goes_on()
    {
        await using var redis = await ConnectAsync(RedisProtocol.Resp2, served.Fresh.Api.Key ?? "");
        var db = redis.GetDatabase();

        await FailsAsync("ERR feature_view.not_found", () => db.HashGetAsync("none/none:1", "delay"));
        await FailsAsync("ERR serving.feature_not_found", () => db.HashGetAsync($"{served.View}:ORD", "none"));
        await FailsAsync("ERR request.invalid: '@none'", () => db.HashGetAsync($"{served.View}:ORD", "@none"));
        await FailsAsync("ERR request.invalid", () => db.HashGetAsync(served.View, "delay"));
        await FailsAsync("ERR request.not_found: 'OBJECT'", () => db.ExecuteAsync("OBJECT", "b"));
        await FailsAsync("ERR request.invalid: HGET takes", () => db.ExecuteAsync("HGET", $"{served.View}:ORD"));
        await FailsAsync("ERR request", () => db.ExecuteAsync("CATALOG.LOOKUP", new byte[] { 1, 2, 3 }));
        Assert.False((await db.HashGetAsync($"{served.View}:JFK", "delay")).IsNull);
    }

    [Fact]
    public async Task The_compact_lookup_is_a_command()
    {
        await using var redis = await ConnectAsync(RedisProtocol.Resp3, served.Fresh.Api.Key ?? "");
        var request = new LookupRequest
        {
            Features = new FeatureNames { Val = { $"{served.View}:delay" } },
            Keys = { new KeyColumn { Name = "airport", Values = { ByteString.CopyFromUtf8("XXX"), ByteString.CopyFromUtf8("ORD") } } },
        };

        var reply = await redis.GetDatabase().ExecuteAsync("CATALOG.LOOKUP", request.ToByteArray());
        var answer = LookupAnswer.Parser.ParseFrom((byte[]?)reply);

        var row = (int)answer.Layout.RowBytes;
        Assert.Equal(2 * row, answer.Rows.Length);
        Assert.Equal(
            Departures.AllLandings[10].Delay, BitConverter.ToDouble(answer.Rows.Span[(row + (int)answer.Layout.Features[0].Offset)..]));
    }

    [Fact]
    public async Task Nothing_is_told_to_who_has_no_key_or_one_that_was_revoked()
    {
        var admin = served.Fresh.Api;
        var made = (await admin.PostAsync("/v1/keys", new { name = "inference", role = "reader", principal = "someone" })).Expect(201);
        using var client = await RawAsync();
        Assert.StartsWith("-NOAUTH ", await client.AskAsync("PING\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-NOAUTH ", await client.AskAsync($"HGETALL {served.View}:ORD\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-NOAUTH ", await client.AskAsync("HELLO 3\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS access.key_unknown", await client.AskAsync("AUTH secret\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-ERR access.purpose_unknown", await client.AskAsync("AUTH fun cat_x\r\n"), StringComparison.Ordinal);
        Assert.Equal("+OK", await client.AskAsync($"AUTH inference {made["key"].GetString()}\r\n"));
        Assert.Equal("+PONG", await client.AskAsync("ping\r\n"));

        (await admin.DeleteAsync($"/v1/keys/{made["id"].GetString()}")).Expect(200);

        await Eventually.True(
            async () => (await client.AskAsync($"HGETALL {served.View}:XXX\r\n"))
                .StartsWith("-WRONGPASS access.key_revoked", StringComparison.Ordinal),
            "the key is refused");
    }

    [Fact]
    public async Task Commands_come_in_pieces_and_many_at_once()
    {
        using var client = await RawAsync();
        var command = Command("HMGET", $"{served.View}:ORD", "@status", "@event_time");
        foreach (var one in Encoding.UTF8.GetBytes($"AUTH {served.Fresh.Api.Key}\r\n"))
            await client.SendAsync([one]);
        Assert.Equal("+OK", await client.LineAsync());

        await client.SendAsync([.. Enumerable.Repeat(command, 10_000).SelectMany(c => c)]);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.Equal("*2", await client.LineAsync());
            Assert.Equal("$7", await client.LineAsync());
            Assert.Equal("present", await client.LineAsync());
            Assert.Equal("$20", await client.LineAsync());
            Assert.Equal("2001-01-01T10:00:00Z", await client.LineAsync());
        }
    }

    [Theory]
    [InlineData("*1\r\n$4\r\nPINGxx\r\n", "-ERR request.malformed")]
    [InlineData("*x\r\n", "-ERR request.malformed")]
    [InlineData("*-5\r\n", "-ERR request.malformed")]
    [InlineData("*2\r\n:5\r\n", "-ERR request.malformed")]
    [InlineData("*2\r\n$-1\r\n", "-ERR request.too_large")]
    [InlineData("*99999999\r\n", "-ERR request.malformed")]
    [InlineData("*2\r\n$4\r\nPING\r\n$100000000\r\n", "-ERR request.too_large")]
    [InlineData("*1\r\n$2147483647\r\n", "-ERR request.too_large")]
    public async Task What_is_no_command_ends_the_connection_with_a_reason(string sent, string reason)
    {
        foreach (var isKnown in (bool[])[false, true])
        {
            using var client = await RawAsync();
            if (isKnown)
                Assert.Equal("+OK", await client.AskAsync($"AUTH {served.Fresh.Api.Key}\r\n"));
            Assert.StartsWith(reason, await client.AskAsync(sent), StringComparison.Ordinal);
            Assert.Equal("", await client.LineAsync());
        }
    }

    private static byte[] Command(params string[] words) => Encoding.UTF8.GetBytes(
        $"*{words.Length}\r\n{string.Concat(words.Select(w => $"${Encoding.UTF8.GetByteCount(w)}\r\n{w}\r\n"))}");

    private static async Task FailsAsync(string how, Func<Task> call) =>
        Assert.StartsWith(how, (await Assert.ThrowsAsync<RedisServerException>(call)).Message, StringComparison.Ordinal);

    private async Task<ConnectionMultiplexer> ConnectAsync(RedisProtocol protocol, string key) =>
        await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { served.Address.Host, served.Address.Port } },
            Password = key,
            Protocol = protocol,
        });

    private async Task<RawClient> RawAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(served.Address.Host, served.Address.Port, Ct);
        return new(client);
    }

    private sealed class RawClient(TcpClient client) : IDisposable
    {
        private readonly StreamReader _reader = new(client.GetStream());

        public async Task<string> AskAsync(string line)
        {
            await SendAsync(Encoding.UTF8.GetBytes(line));
            return await LineAsync();
        }

        public async Task SendAsync(byte[] bytes) => await client.GetStream().WriteAsync(bytes, Ct);

        /// <summary>Nothing where the connection has ended.</summary>
        public async Task<string> LineAsync() => await _reader.ReadLineAsync(Ct) ?? "";

        public void Dispose() => client.Dispose();
    }

    /// <summary>A server that speaks the protocol, and a view of delays as of eleven hours in.</summary>
    public sealed class Served : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private FreshServer? _fresh;
        private Departures? _trips;

        internal FreshServer Fresh => _fresh ?? throw new InvalidOperationException("Not started.");

        internal Departures Trips => _trips ?? throw new InvalidOperationException("Not started.");

        public string View => $"{Trips.Latest.Namespace}/delays";

        public Uri Address => Fresh.Server.RespAddress ?? throw new InvalidOperationException("No address.");

        public async ValueTask InitializeAsync()
        {
            var lake = Directory.CreateDirectory(_folder["lake"]).FullName;
            _fresh = await FreshServer.StartAsync(o => o with { RespUrl = "redis://127.0.0.1:0", Roots = [lake] });
            _trips = await Departures.RegisterAsync(_fresh.Server, _fresh.Api.Key ?? "", lake);
            await _trips.Catalog.Features.ApplyAsync(
            [
                new FeatureViewSpec(new(_trips.Latest.Namespace, "delays"), "team-flights", new FeatureDefinition(
                    [new("airport", [new("airport", "string", "at")])],
                    new(NodeId.Dataset(_trips.Events.Namespace, _trips.Events.Name), "landed", "created"),
                    [new("delay", "float64", "delay")])),
            ]);
            using var asked = Asked.At(_fresh.Server, _fresh.Api.Key ?? "");
            await asked.MaterializeAsync(new { node = $"feature-view:{View}", asOf = new DateTimeOffset(Departures.Start.AddHours(11)) });
        }

        public async ValueTask DisposeAsync()
        {
            if (_fresh is not null)
                await _fresh.DisposeAsync();
            _folder.Dispose();
        }
    }
}
