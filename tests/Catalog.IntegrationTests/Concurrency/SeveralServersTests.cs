using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Concurrency;

/// <summary>Two server processes on one database.</summary>
public sealed class SeveralServersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task They_start_together_on_an_empty_database_and_share_one_dataset()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        var starting = new[] { StartAsync("a", postgres), StartAsync("b", postgres) };
        using var first = await starting[0];
        using var second = await starting[1];
        var key = File.Exists(_folder["a/keys/admin.key"]) ? await KeyFile.ReadAsync(_folder["a"]) : await KeyFile.ReadAsync(_folder["b"]);
        using var one = new Api(first.Address, key);
        using var two = new Api(second.Address, key);
        var dataset = await New.DatasetAsync(one);

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() =>
            (i % 2 == 0 ? one : two).PostAsync(
                dataset.Versions, new { files = new[] { new { uri = New.File(_folder["files"], $"{i}.txt", $"content {i}") } } }))));

        Assert.All(answers, a => a.Expect(201));
        Assert.Equal(Enumerable.Range(1, 24).Select(n => (long)n), answers.Select(a => a.Version).Order());
    }

    [Fact]
    public async Task When_the_leader_is_killed_the_other_goes_on_with_the_pages_within_two_seconds_and_nothing_is_lost_or_doubled()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        using var leader = await StartAsync("a", postgres);
        await Eventually.True(leader.LeadsAsync, "the first server runs the projections");
        using var follower = await StartAsync("b", postgres);
        using var api = new Api(follower.Address, await KeyFile.ReadAsync(_folder["a"]));
        var run = await New.RunAsync(api);
        using var writing = new MetricWriter(api, run);
        await Eventually.True(
            async () => writing.Written > 25 && await CountShownAsync(api, run) > 0, "the leader's pages follow the writer");
        Assert.False(await follower.LeadsAsync());

        await leader.KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        var after = (await api.PostAsync($"/v1/runs/{run}/parameters", new { values = new { killed = "yes" } })).Expect(201);
        (await api.GetAsync($"/v1/runs?atLeast={after.Position}")).Expect(200);
        var pause = TimeProvider.System.GetElapsedTime(killed);

        Assert.True(pause < TimeSpan.FromSeconds(2), $"Pages went on {pause} after the kill.");
        Assert.True(await follower.LeadsAsync());
        var before = writing.Written;
        await Eventually.True(() => writing.Written > before + 25, "the writer goes on");
        var last = await writing.EndAsync();
        (await api.GetAsync($"/v1/runs?atLeast={last}")).Expect(200);
        Assert.Equal(writing.Written, await CountShownAsync(api, run));
        Assert.Equal(
            await Sql.ReadAsync<long>(postgres.ConnectionString, $"SELECT count(*) FROM catalog.mt_events WHERE stream_id = 'run:{run}'"),
            (await api.GetAsync($"/v1/runs/{run}")).Expect(200)["streamVersion"].GetInt64());
    }

    [Fact]
    public async Task When_the_leader_is_killed_the_other_goes_on_with_the_tables_of_lineage()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        using var leader = await StartAsync("a", postgres);
        await Eventually.True(leader.LeadsAsync, "the first server leads");
        using var follower = await StartAsync("b", postgres);
        using var api = new Api(follower.Address, await KeyFile.ReadAsync(_folder["a"]));
        var before = await New.RunAsync(api);
        await Eventually.True(() => IsInTablesAsync(postgres, before), "the leader writes what the other was told");

        await leader.KillAsync();
        var after = await New.RunAsync(api);

        await Eventually.True(() => IsInTablesAsync(postgres, after), "the other writes now");
        Assert.True(await IsInTablesAsync(postgres, before));
    }

    private static async Task<bool> IsInTablesAsync(EmbeddedPostgres postgres, Guid run) => await Sql.ReadAsync<long>(
        postgres.ConnectionString, $"select count(*) from lineage.edges where target = 'run:{run}' and relation = 'ran'") == 1;

    /// <summary>Points of the series as the run's page has them: a fact folded twice would be counted twice.</summary>
    private static async Task<long> CountShownAsync(Api api, Guid run)
    {
        var page = await api.GetAsync($"/v1/runs/{run}");
        return page.Code == 200 && page["metrics"].TryGetProperty("loss", out var loss) ? loss.GetProperty("count").GetInt64() : 0;
    }

    private Task<ServerProcess> StartAsync(string name, EmbeddedPostgres postgres)
    {
        Directory.CreateDirectory(_folder["files"]);
        return ServerProcess.StartAsync(_folder[name], _folder["files"], postgres.ConnectionString);
    }

    private Task<EmbeddedPostgres> PostgresAsync() =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);

    /// <summary>Logs one point after the other until it is ended.</summary>
    private sealed class MetricWriter : IDisposable
    {
        private readonly CancellationTokenSource _ending = new();
        private readonly Task<long> _writing;
        private long _written;

        public MetricWriter(Api api, Guid run) => _writing = Task.Run(() => WriteAsync(api, run));

        public long Written => Interlocked.Read(ref _written);

        /// <returns>The position of the last point.</returns>
        public async Task<long> EndAsync()
        {
            await _ending.CancelAsync();
            return await _writing;
        }

        public void Dispose()
        {
            _ending.Cancel();
            _ending.Dispose();
        }

        private async Task<long> WriteAsync(Api api, Guid run)
        {
            for (var position = 0L; ;)
            {
                if (_ending.IsCancellationRequested)
                    return position;
                var step = Written;
                var points = new[] { new { key = "loss", value = 1.0, step } };
                position = (await api.PostAsync($"/v1/runs/{run}/metrics", new { points })).Expect(201).Position;
                Interlocked.Increment(ref _written);
            }
        }
    }
}
