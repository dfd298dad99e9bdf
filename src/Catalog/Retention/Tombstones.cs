using Catalog.Datasets;
using Catalog.Manifests;
using Catalog.Platform.Store;
using Catalog.PolicyProjections;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Retention;

/// <summary>
/// Removes the lists of files, and the statistics in them, of versions that are not kept any more, and of what was made of those to show
/// part of them: what they listed is garbage then, unless another version has it. They are noted in the transaction of the fact that ends
/// the version; whoever is stopped before they are gone leaves that to the next.
/// </summary>
internal sealed class Tombstones(IDocumentStore store)
{
    /// <summary>Hashes of manifests, in one column, <c>manifest</c>.</summary>
    public const string Table = $"{CatalogStore.Schema}.tombstoned_manifest";

    private const string VersionTable = $"{CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias}";
    private const string ModelVersionTable = $"{CatalogStore.Schema}.mt_doc_page_model_version";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Table);
        table.AddColumn("manifest", "text").AsPrimaryKey();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>Notes manifests, an array of texts; for projections, in the transaction of the facts.</summary>
    public const string Note = $"insert into {Table} (manifest) select distinct m from unnest(?::text[]) as m on conflict do nothing";

    /// <summary>Removes what is noted.</summary>
    /// <param name="listed">
    /// Told, in the transaction, the SHA-256 of the files that were listed and may be garbage now; null where nobody wants to know.
    /// </param>
    /// <param name="ct">Stops before anything is.</param>
    public async Task SweepAsync(Func<NpgsqlTransaction, IReadOnlyList<string>, Task>? listed, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // A commit stores its manifest first, then the chunks, which others can have, too: whoever holds this waits for those that began
        // and is waited for by those that begin, so that no chunk goes that is just being used again.
        await RunAsync(connection, "set local lock_timeout = '30s'", [], ct);
        await RunAsync(connection, $"lock table {ManifestTables.ManifestTable} in share row exclusive mode", [], ct);
        var noted = await ReadAsync(connection, $"select manifest from {Table}", [], row => row.GetString(0), ct);
        if (noted.Count == 0)
            return;
        var manifests = await ReadAsync(
            connection,
            $"""
            select m from unnest($1) as m
            where not exists (select 1 from {VersionTable} o where o.data->>'manifestHash' = m)
              and not exists (select 1 from {ModelVersionTable} o where o.data->>'manifestHash' = m)
              and not exists (select 1 from {ProjectedVersions.TableName} o where o.manifest = m)
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
        await RunAsync(connection, $"delete from {Table} where manifest = any($1)", [Texts(manifests)], ct);
        if (listed is not null)
            await listed(transaction, [.. files.Distinct(StringComparer.Ordinal)]);
        await transaction.CommitAsync(ct);
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
