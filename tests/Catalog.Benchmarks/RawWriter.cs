using Npgsql;
using NpgsqlTypes;

namespace Catalog.Benchmarks;

/// <summary>
/// The peer: one hand-written, prepared Npgsql transaction per write on tables of the same shape. It reads the stream's version and state,
/// appends the event if the version is still that, and stores the state (and for a commit the version's page, manifest and chunk).
/// </summary>
internal sealed class RawWriter
{
    private static readonly string[] Tables =
    [
        "mt_streams", "mt_events", "stream_state", "mt_doc_page_version", "manifest", "manifest_chunk",
        "manifest_chunk_file", "manifest_chunk_use",
    ];

    private const string Hash = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c";

    private const string EventJson =
        """
        {"points":[{"key":"loss","value":0.25,"step":1,"time":"2026-01-01T00:00:00+00:00"},
        {"key":"auc","value":0.75,"step":1,"time":"2026-01-01T00:00:00+00:00"}]}
        """;

    private const string CommitJson =
        $$"""
        {"number":1,"parent":null,"contentHash":"{{Hash}}","manifestHash":"{{Hash}}","files":1,"bytes":1,"rows":null,"format":null,
        "schema":null,"schemaChange":{"level":"none","changes":[],"isBreaking":false},"run":null,"message":null,"idempotencyKey":null,
        "requestDigest":null}
        """;

    private const string StateJson =
        $$"""
        {"id":"run:0","job":"job:bench/job-0","state":"running","codeRevision":null,"inputs":[],"outputs":[],"parameters":{},"tags":[],
        "latest":1,"latestContent":"{{Hash}}"}
        """;

    private readonly NpgsqlDataSource _source;
    private readonly string[] _streams = [.. Enumerable.Range(0, 64).Select(i => $"raw:{Guid.CreateVersion7():N}-{i}")];
    private long _next;

    private RawWriter(NpgsqlDataSource source) => _source = source;

    public static async Task<RawWriter> CreateAsync(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 50, AutoPrepareMinUsages = 2 };
        var writer = new RawWriter(NpgsqlDataSource.Create(builder));
        await writer.ExecuteAsync("create schema if not exists raw; create sequence if not exists raw.mt_events_sequence");
        foreach (var table in Tables)
            await writer.ExecuteAsync($"create table raw.{table} (like catalog.{table} including all)");
        return writer;
    }

    /// <summary>Brings both logs to a number of stored events, spread over streams of a hundred.</summary>
    public async Task FillAsync(long events)
    {
        foreach (var schema in new[] { "catalog", "raw" })
        {
            var there = await ScalarAsync($"select coalesce(max(seq_id), 0) from {schema}.mt_events");
            await ExecuteAsync($"""
                insert into {schema}.mt_streams (id, version, type, timestamp, created, tenant_id, is_archived)
                select 'filler:' || s, 100, 'filler', now(), now(), '*DEFAULT*', false
                from generate_series({there / 100}, {events / 100}) s on conflict do nothing
                """);
            await ExecuteAsync($"""
                insert into {schema}.mt_events
                  (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
                select n, gen_random_uuid(), 'filler:' || n / 100, n % 100 + 1, '{EventJson}', 'run_metrics_logged', now(), '*DEFAULT*',
                  'Catalog.Jobs.RunMetricsLogged, Catalog', false
                from generate_series({there + 1}, {events}) n
                """);
            await ExecuteAsync($"select setval('{schema}.mt_events_sequence', {Math.Max(there, events)})");
            await ExecuteAsync($"analyze {schema}.mt_events; analyze {schema}.mt_streams");
        }

        await ExecuteAsync($"update catalog.mt_event_progression set last_seq_id = {events} where last_seq_id < {events}");
        await ExecuteAsync("checkpoint");
    }

    public Task AppendRunEventAsync(int writer) => WriteAsync(_streams[writer], "run_metrics_logged", EventJson, commit: false);

    public Task CommitVersionAsync(int writer) =>
        WriteAsync($"{_streams[writer]}-d", "dataset_version_committed", CommitJson, commit: true);

    private async Task WriteAsync(string stream, string type, string json, bool commit)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var version = await ReadAsync(connection, stream);

        await using var batch = new NpgsqlBatch(connection, transaction);
        Add(
            batch,
            version == 0
                ? """
                  insert into raw.mt_streams (id, version, type, timestamp, created, tenant_id, is_archived)
                  values ($1, $2, 'run', now(), now(), '*DEFAULT*', false)
                  """
                : "update raw.mt_streams set version = $2, timestamp = now() where id = $1 and version = $2 - 1",
            stream,
            version + 1);
        Add(
            batch,
            """
            insert into raw.mt_events
              (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived, user_name, correlation_id,
               causation_id)
            values (nextval('raw.mt_events_sequence'), $1, $2, $3, $4, $5, now(), '*DEFAULT*', 'x', false, 'bench', 'bench', 'bench')
            """,
            Guid.CreateVersion7(),
            stream,
            version + 1,
            Json(json),
            type);
        Add(
            batch,
            """
            insert into raw.stream_state (id, version, revision, data) values ($1, $2, 1, $3)
            on conflict (id) do update set version = excluded.version, data = excluded.data
            """,
            stream,
            version + 1,
            Json(StateJson));
        if (commit)
            AddCommit(batch, stream, version + 1);
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static async Task<long> ReadAsync(NpgsqlConnection connection, string stream)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, "select version from raw.mt_streams where id = $1", stream);
        Add(batch, "select data from raw.stream_state where id = $1", stream);
        await using var reader = await batch.ExecuteReaderAsync();
        var version = await reader.ReadAsync() ? reader.GetInt64(0) : 0;
        await reader.NextResultAsync();
        if (await reader.ReadAsync())
            _ = reader.GetString(0);
        return version;
    }

    private void AddCommit(NpgsqlBatch batch, string stream, long version)
    {
        var hash = BitConverter.GetBytes(Interlocked.Increment(ref _next) % 2);
        Upsert(batch, "mt_doc_page_version", $"{stream}@{version}", CommitJson);
        Add(batch, "insert into raw.manifest (hash, root) values ($1, $2) on conflict do nothing", $"{stream}-{version}", Json(CommitJson));
        Add(batch, "insert into raw.manifest_chunk (hash, files, body) values ($1, 1, $2) on conflict do nothing", hash, new byte[150]);
        Add(batch, "insert into raw.manifest_chunk_file (sha256, chunk) values ($1, $2) on conflict do nothing", hash, hash);
        Add(
            batch,
            "insert into raw.manifest_chunk_use (chunk, manifest) values ($1, $2) on conflict do nothing",
            hash,
            $"{stream}-{version}");
    }

    private static void Upsert(NpgsqlBatch batch, string table, string id, string json) => Add(
        batch,
        $"""
        insert into raw.{table} (id, data, mt_last_modified, mt_version, mt_dotnet_type)
        values ($1, $2, now(), gen_random_uuid(), 'x')
        on conflict (id) do update set data = excluded.data, mt_last_modified = now()
        """,
        id,
        Json(json));

    private static NpgsqlParameter Json(string json) => new() { Value = json, NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync() ?? 0L);
    }
}
