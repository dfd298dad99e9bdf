using System.Text;
using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Server;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>The tables of what OpenLineage events tell.</summary>
public sealed class ReportedTests(ServerFixture server)
{
    private const string Schema = "shuffled";
    private static readonly string?[] s_types = ["START", "RUNNING", "OTHER", "COMPLETE", "FAIL", null, "ABORT", "COMPLETE"];

    [Fact]
    public async Task The_tables_are_the_same_in_whatever_order_and_batches_events_come()
    {
        await server.ApiAsync();
        var events = Events();
        Assert.InRange(events.Count, 50, 100_000);

        var random = new Random(20261125);
        var expected = await TablesAsync([.. events.Chunk(7)]);
        Assert.All(expected, table => Assert.NotEqual("[]", table));
        for (var round = 0; round < 12; round++)
        {
            var shuffled = events.Concat(random.GetItems(events.ToArray(), 20)).ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(expected, await TablesAsync([.. shuffled.Chunk(random.Next(1, 60))]));
        }
    }

    [Fact]
    public async Task The_tables_can_be_made_anew_from_the_log()
    {
        await Requires.PostgresAsync();
        using var folder = new TemporaryFolder();
        await using var own = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = folder["data"], Url = "http://127.0.0.1:0" }, ct: Ct);
        using var api = new Api(own.Address, await KeyFile.ReadAsync(folder["data"]));
        foreach (var fixture in Sent.Fixtures)
            (await api.SendAsync(Sent.Single, fixture)).Expect(201);
        var progress = own.Services.GetRequiredService<ProjectionProgress>();
        Assert.Null(await progress.WaitForAllAsync(await progress.FindEndAsync(Ct), Ct));
        var database = own.Postgres?.ConnectionString ?? "";
        var before = await AllAsync(database);

        await Sql.RunAsync(database, "update catalog.openlineage_run set job = 'job:wrong/wrong'");
        using var daemon = await own.Services.GetRequiredService<IDocumentStore>().BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync(ReportedPages.Name, Ct);

        Assert.Equal(before, await AllAsync(database));
    }

    [Fact]
    public async Task Waiting_for_pages_of_our_own_does_not_wait_for_what_others_report()
    {
        await server.ApiAsync();
        var progress = server.Server.Services.GetRequiredService<ProjectionProgress>();

        Assert.Contains("openlineage:All", progress.Shards);
        Assert.DoesNotContain("openlineage:All", progress.Pages);
        Assert.DoesNotContain("search:All", progress.Pages);
        Assert.Equal(progress.Shards.Length - 2, progress.Pages.Length);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<string[]> AllAsync(string database) => await Task.WhenAll(
        ReportedTables.All.Select(t => Sql.ReadAsync<string>(database, $"select json_agg(t order by t::text)::text from {t.Name} t")));

    /// <summary>
    /// The fixtures and a few runs whose events contradict each other, overlap, and share times; each with a position of its own.
    /// </summary>
    private static List<(long Position, OpenLineageReceived Event)> Events()
    {
        var bodies = Sent.Fixtures.Concat(
            from run in Enumerable.Range(0, 6)
            from step in Enumerable.Range(0, 8)
            select Telling(run, step));
        return
        [
            .. bodies.Select(b => OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(b)))
                .SelectMany(r => r.Event is { } read ? [(read, r.Hash)] : Array.Empty<(OpenLineageEvent, string)>())
                .Select((r, i) => ((long)i + 1, new OpenLineageReceived(r.Item2, Late: i % 5 == 0, r.Item1))),
        ];
    }

    /// <summary>Times repeat, so that the hash decides; facets come, go and change.</summary>
    private static string Telling(int run, int step) => JsonSerializer.Serialize(new
    {
        eventTime = $"2026-11-24T10:0{step / 3}:00Z",
        eventType = s_types[step],
        producer = "https://example.org",
        run = new
        {
            runId = $"run-{run}",
            facets = new
            {
                nominalTime = step % 2 == 0 ? new { nominalStartTime = $"2026-11-2{step}T00:00:00Z" } : null,
                parent = step % 3 == 0
                    ? new { run = new { runId = $"run-{(run + 1) % 3}" }, job = new { @namespace = "shuffled", name = $"parent-{step}" } }
                    : null,
            },
        },
        job = new
        {
            @namespace = "shuffled",
            name = $"job-{run % 2}",
            facets = new { jobType = step % 2 == 0 ? new { processingType = step < 4 ? "BATCH" : "STREAMING", integration = "X" } : null },
        },
        inputs = new[] { new { @namespace = "shuffled", name = $"in-{step % 2}", facets = Facets(step) } },
        outputs = new[] { new { @namespace = "shuffled", name = $"out-{run % 2}", facets = Facets(step + run) } },
    });

    private static Dictionary<string, object> Facets(int step) => step switch
    {
        0 => [],
        1 or 4 => new() { ["schema"] = new { fields = new[] { new { name = $"column-{step}" } } } },
        2 => new() { ["schema"] = new { _deleted = true } },
        3 => new() { ["lifecycleStateChange"] = new { lifecycleStateChange = "DROP" } },
        5 => new()
        {
            ["lifecycleStateChange"] = new
            {
                lifecycleStateChange = "RENAME",
                previousIdentifier = new { @namespace = "shuffled", name = "old" },
            },
        },
        _ => new() { ["datasetType"] = new { datasetType = $"TYPE-{step}" } },
    };

    /// <summary>All tables as JSON, filled in a schema of their own by the statements that the projection uses.</summary>
    private async Task<string[]> TablesAsync(IReadOnlyList<(long Position, OpenLineageReceived Event)[]> batches)
    {
        await using var connection = new NpgsqlConnection(server.Database);
        await connection.OpenAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await RunAsync(connection, $"create schema {Schema}");
        foreach (var table in ReportedTables.All)
            await RunAsync(connection, $"create table {Here(table.Name)} (like {table.Name} including all)");
        foreach (var batch in batches)
        {
            var rows = new ReportedRows();
            foreach (var (position, received) in batch)
                rows.Add(position, received);
            foreach (var table in ReportedTables.All.Where(t => rows.Of(t).Count > 0))
                await RunAsync(connection, Here(Numbered(table.Sql)), table.Arrays(rows.Of(table)));
        }

        var tables = new List<string>();
        foreach (var table in ReportedTables.All)
        {
            await using var command = new NpgsqlCommand(
                $"select coalesce(json_agg(t order by t::text), '[]')::text from {Here(table.Name)} t", connection);
            tables.Add(await command.ExecuteScalarAsync(Ct) as string ?? "");
        }

        return [.. tables];
    }

    private static string Here(string sql) =>
        sql.Replace($"{CatalogStore.Schema}.openlineage", $"{Schema}.openlineage", StringComparison.Ordinal);

    /// <summary>Marten numbers the parameters of a statement by itself.</summary>
    private static string Numbered(string sql)
    {
        var parts = sql.Split('?');
        return parts[0] + string.Concat(parts.Skip(1).Select((part, i) => $"${i + 1}{part}"));
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(Ct);
    }
}
