using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Catalog.Lineage.Reported;
using Catalog.Search;
using Catalog.Server;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Catalog.Benchmarks;

/// <summary>
/// Searches among many datasets with columns, tags and descriptions, over HTTP; beside <c>ILIKE '%…%'</c> on bare names, which is what
/// Marquez does, and the answer of which is no ranking and knows no columns.
/// </summary>
internal static class SearchBenchmark
{
    private const int Rounds = 30;
    private const int Events = 20_000;
    private const string Peer = "select node from bench_name where name ilike $1 order by name limit 20";

    private static readonly (string What, string Text)[] s_questions =
    [
        ("a name", "finance_invoice_daily_17"),
        ("words of a name", "invoice daily"),
        ("words of name and column", "clickstream session duration"),
        ("a column", "customer_segment"),
        ("a mistyped word", "invioce"),
        ("two mistyped words", "clikstream sesion"),
        ("nothing alike", "xylophone"),
        ("a letter", "e"),
        ("in every name: a beginning", "da"),
        ("in every dataset: a column", "id"),
        ("in every description", "owned"),
        ("forty words", string.Join(' ', Enumerable.Range(0, 40).Select(i => $"w{i:000}"))),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args is [var given, ..] ? int.Parse(given) : 100_000;
        var folder = Directory.CreateTempSubdirectory("catalog-bench-");
        try
        {
            await using var server = await CatalogServer.StartAsync(
                new ServerOptions { DataFolder = folder.FullName, Url = "http://127.0.0.1:0" }, _ => { });
            await using var connection = new NpgsqlConnection(server.Postgres?.ConnectionString);
            await connection.OpenAsync();
            var filling = Stopwatch.StartNew();
            await FillAsync(connection, count);
            Console.WriteLine($"Filled in {filling.Elapsed.TotalSeconds:N0} s.");
            using var http = new HttpClient { BaseAddress = server.Address };
            var key = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "keys", "admin.key"));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());

            Console.WriteLine($"| {count:N0} datasets: search for | found | first page p50 | p99 ms | ILIKE p50 | p99 ms |");
            Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
            foreach (var (what, text) in s_questions)
                await CompareAsync(http, connection, what, text);
            foreach (var (what, text) in s_questions)
                await ExplainAsync(connection, what, text);
            if (args is [_, var events])
                await TakeInAsync(server, http, events);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(HttpClient http, NpgsqlConnection connection, string what, string text)
    {
        var found = 0;
        var ours = await TimeAsync(async () =>
        {
            using var answer = await http.GetAsync($"/v1/search?limit=20&q={Uri.EscapeDataString(text)}");
            found = (await answer.Content.ReadAsStringAsync()).Split("\"score\"").Length - 1;
        });
        var theirs = await TimeAsync(async () =>
        {
            await using var command = new NpgsqlCommand(Peer, connection);
            command.Parameters.Add(new NpgsqlParameter { Value = $"%{text}%" });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
            }
        });
        Console.WriteLine($"| {what} | {found} | {ours.P50:N1} | {ours.P99:N1} | {theirs.P50:N1} | {theirs.P99:N1} |");
    }

    private static async Task<(double P50, double P99)> TimeAsync(Func<Task> ask)
    {
        var times = new List<double>(Rounds);
        for (var round = -3; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await ask();
            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return (times[Rounds / 2], times[^1]);
    }

    /// <summary>How fast events of others are taken in, beside the flat tables of what they tell.</summary>
    private static async Task TakeInAsync(CatalogServer server, HttpClient http, string folder)
    {
        var templates = EventTemplate.Load(folder);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var some in Enumerable.Range(0, Events).Chunk(1_000))
        {
            var bodies = some.Select(i =>
            {
                var body = new MemoryStream();
                templates[i * 7 % templates.Count].WriteTo(body, start.AddMilliseconds(i));
                return Encoding.UTF8.GetString(body.ToArray());
            });
            using var content = new StringContent($"[{string.Join(',', bodies)}]", Encoding.UTF8, "application/json");
            (await http.PostAsync("/api/v1/lineage/batch", content)).EnsureSuccessStatusCode();
        }

        using var daemon = await server.Services.GetRequiredService<IDocumentStore>().BuildProjectionDaemonAsync();
        Console.WriteLine("| projection | events a second |");
        Console.WriteLine("| --- | ---: |");
        foreach (var name in new[] { SearchPages.Name, ReportedPages.Name })
        {
            var began = Stopwatch.GetTimestamp();
            await daemon.RebuildProjectionAsync(name, CancellationToken.None);
            Console.WriteLine($"| {name} | {Events / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} |");
        }
    }

    /// <summary>Which indexes the plans of a search use, and what of them is a scan of everything.</summary>
    private static async Task ExplainAsync(NpgsqlConnection connection, string what, string text)
    {
        var question = new SearchQuestion(text);
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(connection, SearchIndex.Settings);
        foreach (var tier in new[] { SearchTier.Exact, SearchTier.Name, SearchTier.Words })
        {
            await using var command = new SearchStatement(question, tier, new Dictionary<string, IReadOnlyList<string>>())
                .ToCommand(connection, after: null, count: 21);
            command.CommandText = $"explain (analyze, costs off, timing off) {command.CommandText}";
            var plan = new List<string>();
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    plan.Add(reader.GetString(0).Trim());
            }

            var scans = plan.Where(l => l.Contains(" Scan on", StringComparison.Ordinal) || l.Contains("Time", StringComparison.Ordinal));
            Console.WriteLine($"{what}, {tier}: {string.Join("; ", scans)}");
        }
    }

    private static async Task FillAsync(NpgsqlConnection connection, int count)
    {
        await RunAsync(connection, "create table bench_name (node text primary key, name text not null)");
        foreach (var some in Enumerable.Range(0, count).Select(Dataset).Chunk(2_000))
        {
            SearchRow[] rows = [.. some.Select(SearchRow.Of)];
            await RunAsync(connection, Numbered(SearchTables.WriteSql), SearchTables.Values(rows));
            await RunAsync(connection, Numbered(SearchTables.WordsSql), SearchTables.Dictionary(rows));
            await RunAsync(
                connection, "insert into bench_name select * from unnest($1, $2)", rows.Select(r => r.Node).ToArray(),
                rows.Select(r => r.Name).ToArray());
        }

        await RunAsync(connection, $"vacuum analyze {SearchTables.Entries}");
        await RunAsync(connection, $"vacuum analyze {SearchTables.Words}");
        await RunAsync(connection, "vacuum analyze bench_name");
    }

    private static readonly string[] s_areas =
    [
        "finance", "clickstream", "marketing", "logistics", "payments", "telemetry", "support", "inventory", "pricing", "fraud", "weather",
        "recommendation", "billing", "identity", "search", "mobility", "energy", "clinical", "satellite", "warehouse",
    ];

    private static readonly string[] s_things =
    [
        "invoice", "session", "customer", "order", "shipment", "refund", "sensor", "ticket", "product", "campaign", "subscription", "route",
        "device", "vehicle", "patient", "image", "embedding", "forecast", "feature", "label", "transaction", "review", "supplier",
        "contract",
    ];

    private static readonly string[] s_ends =
        ["daily", "hourly", "raw", "clean", "snapshot", "v2", "training", "features", "archive", "agg"];

    private static readonly string[] s_aspects =
    [
        "segment", "duration", "amount", "country", "currency", "status", "score", "created_at", "updated_at", "type", "category", "count",
        "latitude", "longitude", "version", "hash", "priority", "channel", "region", "temperature",
    ];

    private static SearchEntry Dataset(int i)
    {
        var random = new Random(i);
        var (area, thing, end) = (Pick(s_areas), Pick(s_things), Pick(s_ends));
        return SearchEntry.Of(NodeId.Dataset($"s3://lake-{i % 40}", $"{area}_{thing}_{end}_data_{i}")) with
        {
            Owner = $"team-{area}",
            Description =
                $"The {end} {thing} data of {area}, owned by the {area} team; made from the {Pick(s_things)} stream, see runbook {i}.",
            Columns = ["id", .. Enumerable.Range(0, 19).Select(_ => $"{Pick(s_things)}_{Pick(s_aspects)}").Distinct()],
            Tags = [end, i % 3 == 0 ? "pii" : "public", $"tier-{i % 4}"],
        };

        string Pick(string[] of) => of[random.Next(of.Length)];
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Marten numbers the parameters of a statement by itself.</summary>
    private static string Numbered(string sql)
    {
        var parts = sql.Split('?');
        return parts[0] + string.Concat(parts.Skip(1).Select((part, i) => $"${i + 1}{part}"));
    }
}
