using System.Diagnostics;
using System.Net.Http.Headers;
using Catalog.Server;
using Catalog.Server.Hosting;
using Npgsql;

namespace Catalog.Benchmarks;

/// <summary>
/// Whether taking events in stays as fast while the catalog grows: batches until there are so many events, and what each cost between one
/// size and the next, followers included. Other work on the machine shows in the rate, and little in the processor time.
/// </summary>
internal static class OpenLineageGrowthBenchmark
{
    private static readonly int[] s_sizes = [5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 2_000_000, 5_000_000];

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var folder, .. var rest])
        {
            Console.Error.WriteLine("Say where the events are: a folder with JSON files.");
            return 2;
        }

        var upTo = rest is [var count] ? int.Parse(count) : s_sizes[^1];
        var events = EventTemplate.Load(folder);
        var data = Directory.CreateTempSubdirectory("catalog-bench-");
        try
        {
            await using var server = await CatalogServer.StartAsync(
                new ServerOptions { DataFolder = data.FullName, Url = "http://127.0.0.1:0" });
            using var http = await ClientAsync(server);
            await using var database = NpgsqlDataSource.Create(Postgres(server).ConnectionString);
            Console.WriteLine(
                "| events stored | events/s | server and load, CPU µs an event | PostgreSQL, CPU µs an event | followers behind |");
            Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
            var stored = 0;
            foreach (var size in s_sizes.Where(s => s <= upTo))
            {
                var postgres = Postgres(server).ProcessId;
                var before = (Own: Environment.CpuUsage.TotalTime, Database: OpenLineageBenchmark.CpuOfChildren(postgres));
                var (watch, grown) = (Stopwatch.StartNew(), size - stored);
                await FillAsync(http, events, grown);
                stored = size;
                var own = (Environment.CpuUsage.TotalTime - before.Own).TotalMicroseconds / grown;
                var theirs = (OpenLineageBenchmark.CpuOfChildren(postgres) - before.Database).TotalMicroseconds / grown;
                Console.WriteLine(
                    $"| {size:N0} | {grown / watch.Elapsed.TotalSeconds:N0} | {own:N0} | {theirs:N0} | {await BehindAsync(database):N0} |");
            }

            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(HttpClient http, IReadOnlyList<EventTemplate> events, int count)
    {
        var left = count / OpenLineageBenchmark.Batch;
        await Task.WhenAll(Enumerable.Range(0, OpenLineageBenchmark.Connections).Select(writer => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await OpenLineageBenchmark.SendAsync(http, events, writer, OpenLineageBenchmark.Batch);
        })));
    }

    /// <summary>How many positions of the log the slowest of pages, search and tables has yet to take in.</summary>
    private static async Task<long> BehindAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select max(position) - min(position) from catalog.positions");
        return await command.ExecuteScalarAsync() is long behind ? behind : 0;
    }

    private static EmbeddedPostgres Postgres(CatalogServer server) =>
        server.Postgres ?? throw new InvalidOperationException("The benchmark runs on an embedded PostgreSQL.");

    private static async Task<HttpClient> ClientAsync(CatalogServer server)
    {
        var key = (await File.ReadAllTextAsync(Path.Combine(server.Data.Keys, "admin.key"))).Trim();
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }
}
