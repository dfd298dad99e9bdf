using System.Collections.Concurrent;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.IntegrationTests.Changes;

/// <summary>Clients that follow the log while servers race, end and are killed: each fact once, in order.</summary>
public sealed class FollowingTests : IDisposable
{
    private const int Writers = 8;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A writer that takes its time between taking a number and being done, and every other time gives up.</summary>
    private const string SlowWriter =
        """
        do $$ declare fact catalog.mt_events; number bigint; begin
            perform pg_current_xact_id();
            number := nextval('catalog.mt_events_sequence');
            perform pg_sleep(0.03);
            if number % 2 = 0 then raise exception 'somebody else was faster'; end if;
            select * into fact from catalog.mt_events where type = 'catalog_created' limit 1;
            fact.seq_id := number; fact.id := gen_random_uuid(); fact.version := 1000000 + number;
            insert into catalog.mt_events values (fact.*);
        end $$
        """;

    [Fact]
    public async Task Nothing_is_missed_or_told_twice_while_eight_writers_lose_races_to_each_other()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        using var first = await StartAsync("a", postgres);
        using var second = await StartAsync("b", postgres);
        var key = await KeyFile.ReadAsync(_folder["a"]);
        using var one = new Api(first.Address, key);
        using var two = new Api(second.Address, key);
        var dataset = await New.DatasetAsync(one);
        using var ending = new CancellationTokenSource();
        var told = new ConcurrentQueue<long>();
        using var client = new CatalogClient(second.Address, key);
        var following = FollowAsync(client, told, ending.Token);
        var resuming = ResumeAsync(client, ending.Token);

        var racing = Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(() => RaceAsync(i % 2 == 0 ? one : two, dataset, i))));
        await Task.WhenAll(WriteSlowlyAsync(postgres, racing), WriteSlowlyAsync(postgres, racing));
        await racing;

        var all = await PositionsAsync(postgres);
        await Eventually.True(() => told.Count >= all.Length, "the follower was told all there is");
        await ending.CancelAsync();
        await following;
        Assert.True(all[^1] > all.Length, "no race was lost, so nothing was shown");
        Assert.Equal(all, told);
        Assert.Equal(all, await resuming);
    }

    [Fact]
    public async Task A_client_goes_on_by_itself_after_the_server_was_killed_and_started_again()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        using var killed = await StartAsync("a", postgres);
        using var api = await killed.ApiAsync();
        await New.DatasetAsync(api);
        using var ending = new CancellationTokenSource();
        var told = new ConcurrentQueue<long>();
        using var client = new CatalogClient(killed.Address, api.Key ?? "");
        var following = FollowAsync(client, told, ending.Token);
        await Eventually.True(() => !told.IsEmpty, "the follower is told something");

        await killed.KillAsync();
        using var again = await StartAsync("a", postgres, killed.Address);
        await New.DatasetAsync(api);

        var all = await PositionsAsync(postgres);
        await Eventually.True(() => told.Count >= all.Length, "the follower was told what came after");
        await again.StopAsync();
        await ending.CancelAsync();
        await following;
        Assert.Equal(all, told);
    }

    [Fact]
    public async Task A_server_that_stops_lets_its_followers_go_at_once()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        using var server = await StartAsync("a", postgres);
        using var reader = new EventReader(server.Address, await KeyFile.ReadAsync(_folder["a"]));
        await using var events = reader.ReadAsync("?after=0").GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        var began = TimeProvider.System.GetTimestamp();
        await server.StopAsync();
        var took = TimeProvider.System.GetElapsedTime(began);

        var last = events.Current.Name;
        while (await events.MoveNextAsync())
            last = events.Current.Name;
        Assert.Equal("end", last);
        Assert.True(took < TimeSpan.FromSeconds(8), $"The stop took {took}.");
    }

    private static async Task FollowAsync(CatalogClient client, ConcurrentQueue<long> told, CancellationToken ct)
    {
        try
        {
            await foreach (var change in client.Changes.ReadAsync(options: new ChangeOptions { Follow = true }, ct: ct))
                told.Enqueue(change.Position);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // As asked.
        }
    }

    /// <summary>Reads a few at a time and begins anew behind the last, until told to end; then once more, to the end.</summary>
    private static async Task<List<long>> ResumeAsync(CatalogClient client, CancellationToken ending)
    {
        var told = new List<long>();
        for (var isLast = false; !isLast;)
        {
            isLast = ending.IsCancellationRequested;
            var few = new ChangeOptions { Limit = isLast ? null : 7 };
            await foreach (var change in client.Changes.ReadAsync(told.LastOrDefault(), few, CancellationToken.None))
                told.Add(change.Position);
        }

        return told;
    }

    private static async Task RaceAsync(Api api, DatasetName dataset, int writer)
    {
        for (var i = 0; i < 25; i++)
        {
            var tagged = await api.PutAsync($"{dataset.Url}/tags/t{writer}-{i}");
            Assert.True(tagged.Code is 200 or 201 or 503, tagged.Text);

            // The same new stream, for all of them.
            var made = await api.PostAsync(
                "/v1/datasets", new { @namespace = dataset.Namespace, name = $"race-{i}", owner = $"team-{writer}" });
            Assert.True(made.Code is 201 or 409 or 503, made.Text);
        }
    }

    private static async Task WriteSlowlyAsync(EmbeddedPostgres postgres, Task until)
    {
        while (!until.IsCompleted)
        {
            try
            {
                await Sql.RunAsync(postgres.ConnectionString, SlowWriter);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.RaiseException)
            {
                // It gave up, and its number is dead.
            }
        }
    }

    private static Task<long[]> PositionsAsync(EmbeddedPostgres postgres) =>
        Sql.ReadAsync<long[]>(postgres.ConnectionString, "select array_agg(seq_id order by seq_id) from catalog.mt_events");

    private Task<ServerProcess> StartAsync(string name, EmbeddedPostgres postgres, Uri? url = null)
    {
        Directory.CreateDirectory(_folder["files"]);
        return ServerProcess.StartAsync(_folder[name], _folder["files"], postgres.ConnectionString, url);
    }

    private Task<EmbeddedPostgres> PostgresAsync() =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);
}
