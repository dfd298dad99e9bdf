using System.Buffers;
using System.Data;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Catalog.Auditing;
using Catalog.Garbage;
using Catalog.Platform.Store;
using Catalog.Storage.Objects;
using Marten;
using Npgsql;

namespace Catalog.Platform.Backups;

/// <summary>
/// Writes a backup as one consistent picture: all tables in one snapshot, and the objects that were there when it was taken or later.
/// </summary>
internal sealed class BackupWriter(IDocumentStore store, IObjectStore objects, TimeProvider clock)
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Streams the archive; <paramref name="to"/> need not be seekable.</summary>
    public async Task WriteAsync(Stream to, bool includeObjects, CancellationToken ct)
    {
        await using var archive = await ZipArchive.CreateAsync(to, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, ct);
        var picture = await WriteTablesAsync(archive, ct);
        var (count, bytes) = await WriteObjectsAsync(archive, includeObjects, ct);

        var description = picture with { Objects = count, ObjectBytes = bytes, ObjectsIncluded = includeObjects };
        await using var entry = await archive.CreateEntry(BackupDescription.EntryName).OpenAsync(ct);
        await JsonSerializer.SerializeAsync(entry, description, JsonSerializerOptions.Web, ct);
    }

    /// <summary>
    /// The picture of the database. Its transaction ends here: an object that a version has is never removed, so those listed later cover
    /// it, and a snapshot that stayed open while they stream to a slow reader would hold back vacuum.
    /// </summary>
    private async Task<BackupDescription> WriteTablesAsync(ZipArchive archive, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);

        var position = await ScalarAsync<long>(connection, $"select coalesce(max(seq_id), 0) from {CatalogStore.Schema}.mt_events", ct);
        var sequence = await ScalarAsync<long>(connection, $"select last_value from {CatalogStore.Schema}.mt_events_sequence", ct);
        var catalog = await ScalarAsync<string>(
            connection, $"select data->>'catalogId' from {StateTable.Name} where id = '{CatalogState.Stream}'", ct);

        var tables = new List<BackupTable>();
        foreach (var (name, columns) in await BackupTables.ListAsync(connection, ct))
            tables.Add(await WriteTableAsync(archive, connection, name, columns, ct));
        return new BackupDescription(
            BackupDescription.Current,
            Guid.CreateVersion7(),
            Guid.Parse(catalog),
            clock.GetUtcNow(),
            position,
            sequence,
            tables,
            Objects: 0,
            ObjectBytes: 0,
            ObjectsIncluded: false);
    }

    private static async Task<BackupTable> WriteTableAsync(
        ZipArchive archive, NpgsqlConnection connection, string name, IReadOnlyList<string> columns, CancellationToken ct)
    {
        await using var entry = await archive.CreateEntry($"{BackupDescription.TableFolder}{name}.copy", CompressionLevel.Fastest)
            .OpenAsync(ct);
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            $"copy {BackupTables.CopyTarget(name, columns)} to stdout (format binary)", ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var bytes = 0L;
            for (int read; (read = await copy.ReadAsync(buffer, ct)) > 0; bytes += read)
            {
                hash.AppendData(buffer, 0, read);
                await entry.WriteAsync(buffer.AsMemory(0, read), ct);
            }

            return new BackupTable(name, columns, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<(long Count, long Bytes)> WriteObjectsAsync(ZipArchive archive, bool include, CancellationToken ct)
    {
        var (count, bytes) = (0L, 0L);
        await using (var inventory = await archive.CreateEntry(BackupDescription.InventoryName, CompressionLevel.Fastest).OpenAsync(ct))
        {
            await foreach (var stored in objects.ListAsync(ContentStore.KeyPrefix, after: null, ct))
            {
                await JsonSerializer.SerializeAsync(inventory, new BackupObject(stored.Key, stored.Bytes), JsonSerializerOptions.Web, ct);
                await inventory.WriteAsync("\n"u8.ToArray(), ct);
                count++;
                bytes += stored.Bytes;
            }
        }

        if (!include)
            return (count, bytes);
        await foreach (var stored in objects.ListAsync(ContentStore.KeyPrefix, after: null, ct))
        {
            await using var entry = await archive.CreateEntry(BackupDescription.ObjectFolder + stored.Key, CompressionLevel.NoCompression)
                .OpenAsync(ct);
            await using var content = await objects.OpenReadAsync(stored.Key, offset: 0, length: null, ct);
            await content.CopyToAsync(entry, ct);
        }

        return (count, bytes);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(ct) ?? throw new InvalidOperationException($"No answer to: {sql}"));
    }
}

/// <summary>The tables that a backup holds.</summary>
internal static class BackupTables
{
    /// <summary>Tables that say something of this database only, or are derived.</summary>
    private static readonly string[] s_left =
    [
        CatalogStore.StampTable, CatalogStore.FactTypeTable, RestorationMark.Table, StoreMarks.Table, SightTable.Name, SightTable.Progress,
    ];

    /// <summary>All tables of our schema with their plain (not generated) columns, by name.</summary>
    public static async Task<IReadOnlyList<(string Name, IReadOnlyList<string> Columns)>> ListAsync(
        NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select c.relname::text, array_agg(a.attname::text order by a.attnum)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
            where n.nspname = $1
              and c.oid not in (select to_regclass(name) from unnest($2) name where to_regclass(name) is not null)
              and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            group by c.relname order by c.relname
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = CatalogStore.Schema });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = s_left });
        var tables = new List<(string, IReadOnlyList<string>)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            tables.Add((reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        return tables;
    }

    /// <summary>Which table of ours refers to which by a foreign key.</summary>
    public static async Task<IReadOnlyList<(string From, string To)>> ReferencesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select source.relname::text, target.relname::text
            from pg_constraint k join pg_class source on source.oid = k.conrelid join pg_class target on target.oid = k.confrelid
              join pg_namespace n on n.oid = source.relnamespace
            where k.contype = 'f' and n.nspname = $1
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = CatalogStore.Schema });
        var references = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            references.Add((reader.GetString(0), reader.GetString(1)));
        return references;
    }

    public static string CopyTarget(string table, IReadOnlyList<string> columns) =>
        $"{CatalogStore.Schema}.{Quote(table)} ({string.Join(", ", columns.Select(Quote))})";

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
