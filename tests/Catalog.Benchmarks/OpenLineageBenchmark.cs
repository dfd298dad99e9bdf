using System.Net.Http.Headers;
using System.Security.Cryptography;
using Catalog.Server;
using Npgsql;
using NpgsqlTypes;

namespace Catalog.Benchmarks;

/// <summary>
/// OpenLineage events over HTTP, each of a run of its own, beside a hand-written Npgsql insert of the same bytes with the same hash as
/// primary key: one transaction for each request, by as many connections, in the same PostgreSQL, round by round in turn.
/// </summary>
internal static class OpenLineageBenchmark
{
    internal const int Connections = 8;
    internal const int Batch = 500;
    private const int Rounds = 3;
    private const string RawTable = "create schema raw; create table raw.event (hash bytea primary key, body bytea not null)";

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var folder, .. var rest])
        {
            Console.Error.WriteLine("Say where the events are: a folder with JSON files.");
            return 2;
        }

        var time = TimeSpan.FromSeconds(rest is [var seconds, ..] ? double.Parse(seconds) : 4);
        int[] sizes = rest is [_, var only] ? [int.Parse(only)] : [1, Batch];
        var events = EventTemplate.Load(folder);
        var data = Directory.CreateTempSubdirectory("catalog-bench-");
        try
        {
            var options = new ServerOptions { DataFolder = data.FullName, Url = "http://127.0.0.1:0" };
            await using var server = await CatalogServer.StartAsync(options);
            var database = server.Postgres ?? throw new InvalidOperationException("The benchmark runs on an embedded PostgreSQL.");
            await using var raw = NpgsqlDataSource.Create(database.ConnectionString + ";Max Auto Prepare=20;Auto Prepare Min Usages=2");
            await using (var table = raw.CreateCommand(RawTable))
                await table.ExecuteNonQueryAsync();
            var key = (await File.ReadAllTextAsync(Path.Combine(data.FullName, "keys", "admin.key"))).Trim();
            using var sockets = new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Connections };
            using var http = new HttpClient(sockets) { BaseAddress = server.Address };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

            Console.WriteLine($"{events.Count} different events, {events.Average(e => e.Bytes):N0} bytes on average.");
            Console.WriteLine(
                "| events a request | catalog events/s | p50 ms | p99 ms | raw events/s | p50 ms | p99 ms | catalog / raw "
                + "| server and load, CPU µs an event | PostgreSQL, CPU µs an event |");
            Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (var size in sizes)
                await CompareAsync(
                    database.ProcessId, size, time, w => SendAsync(http, events, w, size), w => InsertAsync(raw, events, w, size));

            await SizeAsync(raw);
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(int postgres, int size, TimeSpan time, Func<int, Task> catalog, Func<int, Task> raw)
    {
        await Measure.RunAsync(Connections, TimeSpan.FromSeconds(2), catalog);
        await Measure.RunAsync(Connections, TimeSpan.FromSeconds(1), raw);
        var (ours, theirs) = (new List<Load>(), new List<Load>());
        var (own, database, events) = (TimeSpan.Zero, TimeSpan.Zero, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var before = (Own: Environment.CpuUsage.TotalTime, Database: CpuOfChildren(postgres));
            ours.Add(await Measure.RunAsync(Connections, time, catalog));
            own += Environment.CpuUsage.TotalTime - before.Own;
            database += CpuOfChildren(postgres) - before.Database;
            events += ours[^1].PerSecond * time.TotalSeconds * size;
            theirs.Add(await Measure.RunAsync(Connections, time, raw));
        }

        var (a, b) = (Measure.Median(ours), Measure.Median(theirs));
        Console.WriteLine(
            $"| {size} | {a.PerSecond * size:N0} | {a.P50:N2} | {a.P99:N1} | {b.PerSecond * size:N0} | {b.P50:N2} | {b.P99:N1} "
            + $"| {a.PerSecond / b.PerSecond:N2} | {own.TotalMicroseconds / events:N0} | {database.TotalMicroseconds / events:N0} |");
    }

    /// <summary>
    /// CPU time of a process's children so far, those that have ended included, from Linux's /proc in ticks of 10 ms: other work on the
    /// machine does not show in it.
    /// </summary>
    internal static TimeSpan CpuOfChildren(int parent) => TimeSpan.FromMilliseconds(10 * Directory.EnumerateDirectories("/proc")
        .Where(d => int.TryParse(Path.GetFileName(d), out _))
        .Select(d => (
            IsParent: d == $"/proc/{parent}",
            Fields: Attempt(() => File.ReadAllText(Path.Combine(d, "stat"))) is var stat
                ? stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) : []))
        .Where(p => p.Fields.Length > 14 && (p.IsParent || p.Fields[1] == $"{parent}"))
        .Sum(p => p.IsParent
            ? long.Parse(p.Fields[13]) + long.Parse(p.Fields[14])
            : long.Parse(p.Fields[11]) + long.Parse(p.Fields[12])));

    private static string Attempt(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }

    private static async Task SizeAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            """
            select (select count(*) from catalog.mt_events where type = 'openlineage_received'),
                   sum(pg_total_relation_size(c.oid)) filter (where c.relname = 'openlineage_body'),
                   sum(pg_total_relation_size(c.oid)) filter (where c.relname in ('mt_events', 'mt_streams', 'stream_state')),
                   (select sum(bytes) from catalog.openlineage_body)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'catalog' and c.relkind = 'r'
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var stored = (decimal)reader.GetInt64(0);
        Console.WriteLine(
            $"On disk, indexes included, for each of {stored:N0} events of {reader.GetInt64(3) / stored:N0} bytes: "
            + $"{reader.GetDecimal(2) / stored:N0} bytes of log and states, {reader.GetDecimal(1) / stored:N0} of bodies.");
    }

    /// <summary>
    /// Each writer has one buffer: what the load itself leaves to the garbage collector would be measured with the server.
    /// </summary>
    internal static async Task SendAsync(HttpClient http, IReadOnlyList<EventTemplate> events, int writer, int size)
    {
        var body = s_buffers[writer] ??= new MemoryStream();
        body.SetLength(0);
        for (var i = 0; i < size; i++)
        {
            if (size > 1)
                body.Write(i == 0 ? "["u8 : ","u8);
            events[Next(writer) % events.Count].WriteTo(body);
        }

        if (size > 1)
            body.Write("]"u8);
        using var content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
        using var answer = await http.PostAsync(size == 1 ? "/api/v1/lineage" : "/api/v1/lineage/batch", content);
        if ((int)answer.StatusCode is not (201 or 204))
            throw new InvalidOperationException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task InsertAsync(NpgsqlDataSource source, IReadOnlyList<EventTemplate> events, int writer, int size)
    {
        var bodies = Enumerable.Range(0, size).Select(_ => events[Next(writer) % events.Count].Fresh()).ToArray();
        var hashes = bodies.Select(b => SHA256.HashData(b)).ToArray();
        await using var command = source.CreateCommand("insert into raw.event select * from unnest($1, $2) on conflict do nothing");
        foreach (var column in new[] { hashes, bodies })
            command.Parameters.Add(new NpgsqlParameter { Value = column, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync();
    }

    private static readonly int[] s_next = new int[Connections];

    private static readonly MemoryStream?[] s_buffers = new MemoryStream?[Connections];

    private static int Next(int writer) => s_next[writer]++ + writer * 7;
}
