using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Concurrency;

/// <summary>Shared commits that fail: which writes are tried again, together or alone, and which must not be.</summary>
public sealed class ContendedCommitTests(ServerFixture shared) : IDisposable
{
    private const int Writers = 16;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_write_that_keeps_losing_races_is_told_so_and_holds_nobody_up()
    {
        var api = await shared.ApiAsync();
        var (losing, other) = (await New.RunAsync(api), await New.RunAsync(api));
        await using var trap = await Trap.OnAsync(
            shared.Database, losing, "raise exception 'somebody else was faster' using errcode = '23505';");

        var lost = LogAsync(api, losing);
        await Eventually.True(async () => await trap.CountAsync() > 0, "the write is tried");
        (await LogAsync(api, other)).Expect(201);

        Assert.False(lost.IsCompleted, "The write that loses was done before the one that waited for its turn.");
        Assert.Contains("kept writing to the same thing first", (await lost).ExpectProblem(503, "catalog.busy")["detail"].GetString());
        Assert.Equal(1, await shared.CountFactsOnAsync($"run:{losing}"));
    }

    [Fact]
    public async Task Writes_on_what_another_server_changed_go_through_together()
    {
        await Requires.PostgresAsync();
        using var log = new LogLines();
        await using var postgres = await PostgresAsync();
        await using var first = await ServeAsync("first", postgres.ConnectionString, log);
        await using var second = await ServeAsync("second", postgres.ConnectionString);
        var key = await KeyFile.ReadAsync(_folder["first"]);
        using var one = new Api(first.Address, key);
        using var two = new Api(second.Address, key);
        var runs = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => New.RunAsync(one)));

        // What the first server remembers of the runs is overtaken now.
        foreach (var run in runs)
            (await LogAsync(two, run)).Expect(201);
        var answers = await Task.WhenAll(runs.Select(run => Task.Run(() => LogAsync(one, run))));

        Assert.All(answers, a => a.Expect(201));
        Assert.Equal(0, log.Count(LogLines.TakenApart));
    }

    [Fact]
    public async Task A_commit_whose_outcome_is_unknown_is_not_tried_again()
    {
        await Requires.PostgresAsync();
        using var log = new LogLines();
        await using var postgres = await PostgresAsync();
        await using var server = await ServeAsync("data", postgres.ConnectionString + ";Command Timeout=1", log);
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        var runs = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => New.RunAsync(api)));
        await using var trap = await Trap.OnAsync(postgres.ConnectionString, runs[^1], "perform pg_sleep(10);");

        var answers = await Task.WhenAll(runs.Select(run => Task.Run(() => LogAsync(api, run))));

        answers[^1].ExpectProblem(503, "catalog.database_unavailable");
        Assert.Equal(1, await trap.CountAsync());
        Assert.Equal(0, log.Count(LogLines.TakenApart));
        for (var i = 0; i < Writers; i++)
        {
            var facts = await Sql.ReadAsync<long>(
                postgres.ConnectionString, $"select count(*) from catalog.mt_events where stream_id = 'run:{runs[i]}'");
            Assert.Equal(answers[i].Code == 201 ? 2 : 1, facts);
        }
    }

    private static Task<Answer> LogAsync(Api api, Guid run) =>
        api.PostAsync($"/v1/runs/{run}/metrics", new { points = new[] { new { key = "loss", value = 0.5, step = 1 } } });

    private Task<CatalogServer> ServeAsync(string name, string database, LogLines? log = null) => CatalogServer.StartAsync(
        new ServerOptions { DataFolder = _folder[name], Database = database, Url = "http://127.0.0.1:0" },
        log is null ? null : log.AddTo,
        TestContext.Current.CancellationToken);

    private Task<EmbeddedPostgres> PostgresAsync() =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder["database"] },
            NullLogger.Instance,
            TestContext.Current.CancellationToken);

    /// <summary>
    /// Makes PostgreSQL do something whenever one run is written, and counts how often it came to that, whatever becomes of the
    /// transaction.
    /// </summary>
    private sealed class Trap(string database, string name) : IAsyncDisposable
    {
        public static async Task<Trap> OnAsync(string database, Guid run, string act)
        {
            var name = $"trap_{run:N}";
            await Sql.RunAsync(
                database,
                $"""
                create sequence {name};
                create function {name}() returns trigger language plpgsql as $$ begin perform nextval('{name}'); {act} return new; end $$;
                create trigger {name} before insert on catalog.stream_state
                    for each row when (new.id = 'run:{run}') execute function {name}();
                """);
            return new Trap(database, name);
        }

        public Task<long> CountAsync() =>
            Sql.ReadAsync<long>(database, $"select case when is_called then last_value else 0 end from {name}");

        public async ValueTask DisposeAsync() =>
            await Sql.RunAsync(database, $"drop trigger {name} on catalog.stream_state; drop function {name}(); drop sequence {name};");
    }
}
