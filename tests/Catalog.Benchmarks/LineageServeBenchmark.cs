using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Catalog.Server;
using Npgsql;

namespace Catalog.Benchmarks;

/// <summary>
/// A server with a large graph that came in as OpenLineage events: how soon it answers after a start, how long an answer of a thousand
/// nodes takes over HTTP, and how soon an event shows after it was acknowledged, alone and while others lose races.
/// </summary>
internal static class LineageServeBenchmark
{
    private const int Batch = 500;
    private const int Loads = 4;
    private const int Losers = 4;
    private const int Nodes = 1_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var runs = args is [var count] ? int.Parse(count) : 100_000;
        var data = Directory.CreateTempSubdirectory("catalog-bench-");
        try
        {
            var options = new ServerOptions { DataFolder = data.FullName, Url = "http://127.0.0.1:0" };
            await FillAsync(options, runs);
            for (var start = 0; start < 3; start++)
                await StartAsync(options, runs);
            File.Delete(Path.Combine(data.FullName, "lineage", "graph.snapshot"));
            await StartAsync(options, runs, from: "the log");
            await using var server = await CatalogServer.StartAsync(options);
            using var http = await ClientAsync(server);
            await CatchUpAsync(server);
            await AnswerAsync(http, runs);
            await ShowAsync(server, http);
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>Each run reads three of the datasets before it and completes another: some ten edges.</summary>
    private static async Task FillAsync(ServerOptions options, int runs)
    {
        await using var server = await CatalogServer.StartAsync(options);
        using var http = await ClientAsync(server);
        var watch = Stopwatch.StartNew();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Loads).Select(_ => Task.Run(async () =>
        {
            for (var batch = Interlocked.Increment(ref next); batch * Batch < runs; batch = Interlocked.Increment(ref next))
            {
                var events = Enumerable.Range(batch * Batch, Batch).Select(Event);
                await SendAsync(http, "/api/v1/lineage/batch", $"[{string.Join(',', events)}]");
            }
        })));
        var position = await SendAsync(http, "/api/v1/lineage", Event(runs));
        Console.WriteLine($"{runs:N0} runs stored in {watch.Elapsed.TotalSeconds:N1} s.");
        await ReachAsync(http, position);
        Console.WriteLine($"All in the graph after {watch.Elapsed.TotalSeconds:N1} s.");
    }

    private static async Task StartAsync(ServerOptions options, int runs, string from = "its snapshot")
    {
        var watch = Stopwatch.StartNew();
        await using var server = await CatalogServer.StartAsync(options);
        var served = watch.Elapsed;
        using var http = await ClientAsync(server);
        await AskAsync(http, runs, new MemoryStream());
        Console.WriteLine(
            $"From {from}: HTTP after {served.TotalSeconds:N2} s, lineage after {watch.Elapsed.TotalSeconds:N2} s, "
            + $"{GC.GetTotalMemory(forceFullCollection: true) / 1e6:N0} MB managed.");
    }

    /// <summary>Until pages, search and tables include all that was sent: they would compete for the processor.</summary>
    private static async Task CatchUpAsync(CatalogServer server)
    {
        var database = server.Postgres ?? throw new InvalidOperationException("The benchmark runs on an embedded PostgreSQL.");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("select max(position) - min(position) from catalog.positions");
        while (await command.ExecuteScalarAsync() is not 0L)
            await Task.Delay(TimeSpan.FromMilliseconds(100));
    }

    private static async Task AnswerAsync(HttpClient http, int runs)
    {
        var random = new Random(7);
        var bytes = 0L;

        // Each asker has one buffer: what the load itself leaves to the garbage collector would be measured with the server.
        var buffers = Enumerable.Range(0, Loads).Select(_ => new MemoryStream()).ToArray();
        async Task Ask(int asker) => bytes = await AskAsync(http, runs - (random.Next(1000) * 7) - asker, buffers[asker]);

        await Measure.RunAsync(2, TimeSpan.FromSeconds(3), Ask);
        foreach (var connections in new[] { 1, Loads })
        {
            var load = await Measure.RunAsync(connections, TimeSpan.FromSeconds(5), Ask);
            Console.WriteLine(
                $"{Nodes:N0} nodes over HTTP ({bytes:N0} bytes), {connections} at a time: "
                + $"p50 {load.P50:N2} ms, p99 {load.P99:N2} ms, {load.PerSecond:N0} a second.");
        }
    }

    private static async Task ShowAsync(CatalogServer server, HttpClient http)
    {
        var database = server.Postgres ?? throw new InvalidOperationException("The benchmark runs on an embedded PostgreSQL.");
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        foreach (var losers in new[] { 0, Losers })
        {
            using var stop = new CancellationTokenSource();
            var losing = Enumerable.Range(0, losers).Select(_ => LoseAsync(source, stop.Token)).ToList();
            var shown = new List<double>();
            for (var i = 0; i < 1_000; i++)
            {
                var position = await SendAsync(http, "/api/v1/lineage", Event(10_000_000 + (losers * 1_000_000) + i));
                var acknowledged = Stopwatch.GetTimestamp();
                await ReachAsync(http, position);
                shown.Add(Stopwatch.GetElapsedTime(acknowledged).TotalMilliseconds);
            }

            await stop.CancelAsync();
            var lost = (await Task.WhenAll(losing)).Sum();
            shown.Sort();
            Console.WriteLine(
                $"In the graph after the acknowledgement, {losers} writers losing {lost:N0} races meanwhile: "
                + $"p50 {shown[500]:N1} ms, p99 {shown[990]:N1} ms, at most {shown[^1]:N1} ms.");
        }
    }

    /// <summary>Takes numbers in the log and gives up after a moment, as a writer does who finds that another was faster.</summary>
    private static async Task<int> LoseAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        var lost = 0;
        while (!stop.IsCancellationRequested)
        {
            await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await using var command = new NpgsqlCommand(
                "select nextval('catalog.mt_events_sequence'), pg_current_xact_id(), pg_sleep(0.002)", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            await transaction.RollbackAsync(CancellationToken.None);
            lost++;
        }

        return lost;
    }

    private static async Task<long> AskAsync(HttpClient http, int run, MemoryStream body)
    {
        var node = Uri.EscapeDataString($"run:{IdOf(run)}");
        while (true)
        {
            using var answer = await http.GetAsync(
                $"/v1/lineage?node={node}&direction=both&granularity=version&limit={Nodes}", HttpCompletionOption.ResponseHeadersRead);
            body.SetLength(0);
            await answer.Content.CopyToAsync(body);
            if (!answer.IsSuccessStatusCode)
                continue; // the graph is not there yet
            return CountNodes(body.GetBuffer().AsSpan(0, (int)body.Length)) == Nodes
                ? body.Length
                : throw new InvalidOperationException("The answer has not a thousand nodes.");
        }
    }

    private static int CountNodes(ReadOnlySpan<byte> answer)
    {
        var nodes = 0;
        for (var reader = new Utf8JsonReader(answer); reader.Read();)
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 3 && reader.ValueTextEquals("depth"))
                nodes++;
        }

        return nodes;
    }

    private static async Task ReachAsync(HttpClient http, long position)
    {
        while (true)
        {
            using var answer = await http.GetAsync($"/v1/lineage?node=job%3Abench%2Fjob-1&depth=0&limit=1&atLeast={position}");
            if (answer.IsSuccessStatusCode)
                return;
        }
    }

    private static async Task<long> SendAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(path, content);
        return answer.IsSuccessStatusCode
            ? long.Parse(answer.Headers.GetValues("Catalog-Position").Single())
            : throw new InvalidOperationException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task<HttpClient> ClientAsync(CatalogServer server)
    {
        var key = (await File.ReadAllTextAsync(Path.Combine(server.Data.Keys, "admin.key"))).Trim();
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static string Event(int run)
    {
        var random = new Random(run);
        var inputs = Enumerable.Range(0, 3).Select(_ => $$"""{"namespace":"s3://bench","name":"tables/{{random.Next(1 + (run / 3))}}"}""");
        var time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(run);
        return $$"""
            {"eventType":"COMPLETE","eventTime":"{{time:O}}","producer":"https://example.org/bench",
             "run":{"runId":"{{IdOf(run)}}"},"job":{"namespace":"bench","name":"job-{{run % 10_000}}"},
             "inputs":[{{string.Join(',', inputs)}}],"outputs":[{"namespace":"s3://bench","name":"tables/{{run / 3}}"}]}
            """;
    }

    private static string IdOf(int run) => $"01939a2e-0000-7000-8000-{run:x12}";
}
