using System.Net.Sockets;
using System.Text;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Changes;

/// <summary>The change feed as HTTP tells it: lines and events, where it begins and ends, and what it leaves out.</summary>
public sealed class ChangeFeedTests(ServerFixture server)
{
    [Fact]
    public async Task Lines_tell_the_log_from_a_position_to_its_end_and_say_where_to_go_on()
    {
        var api = await server.ApiAsync();
        var before = await EndAsync();
        var dataset = await New.DatasetAsync(api);

        var answer = (await api.GetAsync($"/v1/changes?after={before}&types=dataset_registered")).Expect(200);

        Assert.Equal("application/x-ndjson", answer.ContentType);
        var change = Assert.Single(answer.Lines, l => l.TryGetProperty("stream", out var s) && s.GetString() == dataset.Node);
        Assert.Equal("dataset_registered", change.GetProperty("type").GetString());
        Assert.Equal("admin", change.GetProperty("principal").GetString());
        Assert.Equal(dataset.Name, change.GetProperty("data").GetProperty("name").GetString());
        Assert.InRange(change.GetProperty("time").GetDateTimeOffset(), DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow());
        Assert.NotEqual(Guid.Empty, change.GetProperty("id").GetGuid());
        var end = answer.Lines[^1].GetProperty("end");
        Assert.True(end.GetProperty("position").GetInt64() >= change.GetProperty("position").GetInt64());
        Assert.False(end.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task Pages_of_a_few_put_together_are_the_log()
    {
        var api = await server.ApiAsync();
        var before = await EndAsync();
        for (var i = 0; i < 5; i++)
            await New.DatasetAsync(api);
        var end = await EndAsync();

        var found = new List<long>();
        for (var after = before; after < end;)
        {
            var page = (await api.GetAsync($"/v1/changes?after={after}&limit=2")).Expect(200).Lines;
            found.AddRange(page.SkipLast(1).Select(l => l.GetProperty("position").GetInt64()));
            Assert.InRange(page.Count, 1, 3);
            after = page[^1].GetProperty("end").GetProperty("position").GetInt64();
        }

        Assert.Equal(await PositionsAsync(before, end), found.Where(p => p <= end));
    }

    [Fact]
    public async Task A_reader_of_server_sent_events_comes_back_with_the_last_id_and_misses_nothing()
    {
        var api = await server.ApiAsync();
        var before = await EndAsync();
        using var reader = new EventReader(server.Server.Address, api.Key);
        var found = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            await New.DatasetAsync(api);

            // Left in the middle of a stream that would go on for ever: as when a browser loses its connection.
            await foreach (var (name, data) in reader.ReadAsync($"?after={before}"))
            {
                Assert.Equal("message", name);
                found.Add(data.GetProperty("position").GetInt64());
                break;
            }
        }

        Assert.Equal((await PositionsAsync(before, await EndAsync())).Take(4), found);
    }

    [Fact]
    public async Task A_follower_is_told_what_comes_while_it_waits()
    {
        var api = await server.ApiAsync();
        using var reader = new EventReader(server.Server.Address, api.Key);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var events =
            reader.ReadAsync($"?after={await EndAsync()}&types=dataset_registered", limit.Token).GetAsyncEnumerator(limit.Token);
        var next = events.MoveNextAsync().AsTask();

        var dataset = await New.DatasetAsync(api);

        while (await next && events.Current.Data.GetProperty("stream").GetString() != dataset.Node)
            next = events.MoveNextAsync().AsTask();
        Assert.Equal(dataset.Node, events.Current.Data.GetProperty("stream").GetString());
    }

    [Fact]
    public async Task Facts_about_keys_are_for_administrators_and_hold_no_hash()
    {
        var admin = await server.ApiAsync();
        var before = await EndAsync();
        var (reader, principal) = await server.ApiAsync("reader");
        await New.DatasetAsync(admin);

        var shown = (await admin.GetAsync($"/v1/changes?after={before}")).Expect(200);
        var left = (await reader.GetAsync($"/v1/changes?after={before}")).Expect(200);

        var issued = shown.Lines.Single(l => l.TryGetProperty("data", out var d)
            && d.TryGetProperty("principal", out var p) && p.GetString() == principal);
        Assert.Equal("key_issued", issued.GetProperty("type").GetString());
        Assert.False(issued.GetProperty("data").TryGetProperty("secretHash", out _));
        Assert.DoesNotContain("key:", left.Text, StringComparison.Ordinal);
        Assert.Contains("dataset_registered", left.Text, StringComparison.Ordinal);
        Assert.Single((await reader.GetAsync($"/v1/changes?after={before}&types=key_issued,key_revoked")).Expect(200).Lines);
    }

    [Fact]
    public async Task A_follower_whose_key_is_revoked_is_told_so_and_nothing_more()
    {
        var admin = await server.ApiAsync();
        var key = (await admin.PostAsync("/v1/keys", new { name = New.Name("follower"), role = "reader" })).Expect(201);
        using var reader = new EventReader(server.Server.Address, key["key"].GetString());
        await using var events = reader.ReadAsync($"?after={await EndAsync()}&types=dataset_registered").GetAsyncEnumerator();
        (await admin.PostAsync("/v1/datasets", new { @namespace = "feed", name = New.Name("first"), owner = "team" })).Expect(201);

        // Once something came, it follows: a key that is revoked before is refused at once, and that is another story.
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        (await admin.DeleteAsync($"/v1/keys/{key["id"].GetString()}")).Expect(200);

        // Other tests register datasets, too.
        while (events.Current.Name != "problem")
            Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("access.key_revoked", events.Current.Data.GetProperty("code").GetString());
        Assert.False(await events.MoveNextAsync());
    }

    [Theory]
    [InlineData("?types=dataset_registered,no_such_fact", "types", "no_such_fact")]
    [InlineData("?types=", "types", "''")]
    [InlineData("?after=-1", "after", "whole number")]
    [InlineData("?after=x", "after", "whole number")]
    [InlineData("?limit=0", "limit", "whole number")]
    [InlineData("?follow=perhaps", "follow", "true or false")]
    public async Task What_is_no_question_is_refused_by_its_name(string query, string field, string says)
    {
        var api = await server.ApiAsync();
        var problem = (await api.GetAsync("/v1/changes" + query)).ExpectProblem(400, "request.invalid");
        Assert.Contains(says, problem["errors"].GetProperty(field)[0].GetString(), StringComparison.Ordinal);
        (await api.GetAsync("/v1/changes", ("Last-Event-ID", "seven"))).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_position_that_the_log_has_not_come_to_is_refused()
    {
        var api = await server.ApiAsync();
        (await api.GetAsync("/v1/changes?after=999999999999")).ExpectProblem(400, "catalog.position_unknown");
    }

    [Fact]
    public async Task Readers_that_read_nothing_hold_up_nobody_and_take_little_memory()
    {
        const int Facts = 200;
        const int Characters = 90_000;
        const int Readers = 10;
        var api = await server.ApiAsync();
        var (dataset, start) = (await New.DatasetAsync(api), await EndAsync());
        for (var i = 0; i < Facts; i++)
        {
            var documentation = $"{i:000}" + new string('x', Characters);
            (await api.PutAsync($"{dataset.Url}/description", new { documentation })).Expect(200);
        }

        var memory = GC.GetTotalMemory(forceFullCollection: true);
        using var idle = await StalledAsync(api, Readers, start);

        var before = await EndAsync();
        var other = await New.DatasetAsync(api);
        var answer = (await api.GetAsync($"/v1/changes?after={before}")).Expect(200);

        Assert.Contains(other.Node, answer.Text, StringComparison.Ordinal);
        var taken = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Assert.True(taken < Facts * Characters * Readers / 4, $"{Readers} readers took {taken:N0} bytes.");
        Assert.Equal(Facts, (await api.GetAsync($"/v1/changes?after={start}&types=dataset_described")).Expect(200).Lines.Count(
            l => l.TryGetProperty("stream", out var s) && s.GetString() == dataset.Node));
    }

    /// <summary>Connections that ask for all that follows, and read not a byte of it.</summary>
    private async Task<Connections> StalledAsync(Api api, int readers, long after)
    {
        var all = new Connections();
        for (var i = 0; i < readers; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
            all.Add(socket);
            await socket.ConnectAsync(server.Server.Address.Host, server.Server.Address.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"GET /v1/changes?follow=true&after={after} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.Key}\r\n\r\n"));
        }

        return all;
    }

    private Task<long> EndAsync() => Sql.ReadAsync<long>(server.Database, "select max(seq_id) from catalog.mt_events");

    private Task<long[]> PositionsAsync(long after, long to) => Sql.ReadAsync<long[]>(
        server.Database,
        $"select array_agg(seq_id order by seq_id) from catalog.mt_events where seq_id > {after} and seq_id <= {to}");

    private sealed class Connections : List<Socket>, IDisposable
    {
        public void Dispose() => ForEach(s => s.Dispose());
    }
}
