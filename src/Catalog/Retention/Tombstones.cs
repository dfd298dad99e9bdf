using Catalog.Datasets;
using Catalog.Manifests;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Retention;

/// <summary>
/// Removes the lists of files, and the statistics in them, of versions that are not kept any more: what they listed is garbage then, unless
/// another version has it. They are noted in the transaction of the fact that ends the version; whoever is stopped before they are gone
/// leaves that to the next.
/// </summary>
internal sealed class Tombstones(IDocumentStore store)
{
    public const string Table = $"{CatalogStore.Schema}.tombstoned_version";

    private const string VersionTable = $"{CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias}";
    private const string ModelVersionTable = $"{CatalogStore.Schema}.mt_doc_page_model_version";

    private static readonly SideTable s_noted = new(
        $"insert into {Table} (id) select * from unnest(?::text[]) on conflict do nothing", typeof(string));

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Table);
        table.AddColumn("id", "text").AsPrimaryKey();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>What a write on a dataset has to store beside the facts.</summary>
    /// <param name="dataset">Its stream.</param>
    public static Action<SideRows, IReadOnlyList<object>> Note(string dataset) => (rows, facts) =>
    {
        foreach (var gone in facts.OfType<VersionTombstoned>())
            rows.Add(s_noted, VersionPages.Id(dataset, gone.Number));
    };

    /// <summary>Removes what is noted.</summary>
    /// <returns>SHA-256 of the files that were listed and may be garbage now.</returns>
    public async Task<IReadOnlyList<string>> SweepAsync(CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // A commit stores its manifest first, then the chunks, which others can have, too: whoever holds this waits for those that began
        // and is waited for by those that begin, so that no chunk goes that is just being used again.
        await RunAsync(connection, $"lock table {ManifestTables.ManifestTable} in share row exclusive mode", [], ct);
        var noted = await ReadAsync(connection, $"select id from {Table}", [], row => row.GetString(0), ct);
        if (noted.Count == 0)
            return [];
        var manifests = await ReadAsync(
            connection,
            $"""
            select distinct v.data->'tombstone'->>'manifestHash' from {VersionTable} v
            where v.id = any($1) and v.data->'tombstone'->>'manifestHash' is not null
              and not exists (select 1 from {VersionTable} o where o.data->>'manifestHash' = v.data->'tombstone'->>'manifestHash')
              and not exists (select 1 from {ModelVersionTable} o where o.data->>'manifestHash' = v.data->'tombstone'->>'manifestHash')
            """,
            [Texts(noted)],
            row => row.GetString(0),
            ct);
        var chunks = await ReadAsync(
            connection,
            $"""
            with unused as (delete from {ManifestTables.ChunkUseTable} where manifest = any($1) returning chunk)
            select distinct u.chunk from unused u where not exists (
              select 1 from {ManifestTables.ChunkUseTable} o where o.chunk = u.chunk and not o.manifest = any($1))
            """,
            [Texts(manifests)],
            row => row.GetFieldValue<byte[]>(0),
            ct);
        var files = await ReadAsync(
            connection,
            $"delete from {ManifestTables.ChunkFileTable} where chunk = any($1) returning sha256",
            [Bytes(chunks)],
            row => Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)),
            ct);
        await RunAsync(connection, $"delete from {ManifestTables.ChunkTable} where hash = any($1)", [Bytes(chunks)], ct);
        await RunAsync(connection, $"delete from {ManifestTables.ManifestTable} where hash = any($1)", [Texts(manifests)], ct);
        await RunAsync(connection, $"delete from {Table} where id = any($1)", [Texts(noted)], ct);
        await transaction.CommitAsync(ct);
        return [.. files.Distinct(StringComparer.Ordinal)];
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] values, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] values, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        var found = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(read(reader));
        return found;
    }

    private static NpgsqlParameter Texts(IEnumerable<string> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Bytes(IEnumerable<byte[]> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
}
