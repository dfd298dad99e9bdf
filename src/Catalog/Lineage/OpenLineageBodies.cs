using System.Buffers;
using System.Data;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.CompilerServices;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Lineage;

/// <summary>
/// OpenLineage events as they were sent, whole, beside the log: compressed bytes and not jsonb, which would reorder members and refuses
/// U+0000. A body can be erased; its hash stays, so that the event is not taken again and the log still verifies.
/// </summary>
internal sealed class OpenLineageBodies(IDocumentStore store)
{
    public const string TableName = $"{CatalogStore.Schema}.openlineage_body";

    private static readonly SideTable s_bodies = new(
        $"insert into {TableName} (hash, body, bytes) select * from unnest($1, $2, $3) on conflict do nothing returning hash",
        typeof(byte[]), typeof(byte[]), typeof(int));

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(TableName);
        table.AddColumn("hash", "bytea").AsPrimaryKey();
        table.AddColumn("body", "bytea");
        table.AddColumn("bytes", "integer").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>The body of an event, of which there is one in the log for each hash.</summary>
    public static Claim Claim(string hash, ReadOnlySpan<byte> body) =>
        new(s_bodies, Convert.FromHexString(hash), Compress(body), body.Length);

    /// <summary>The event as it was sent; null when there is none of this hash or it was erased.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(string hash, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"select body, bytes from {TableName} where hash = $1 and body is not null", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Convert.FromHexString(hash), NpgsqlDbType = NpgsqlDbType.Bytea });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
            return null; // not in a conditional expression: null would be an empty body there
        return Decompress(reader.GetFieldValue<byte[]>(0), reader.GetInt32(1));
    }

    /// <summary>Several events as they were sent, one after the other in the order asked for; null for those that were erased.</summary>
    public async IAsyncEnumerable<(string Hash, ReadOnlyMemory<byte>? Body)> ReadAsync(
        IReadOnlyCollection<string> hashes, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await foreach (var one in ReadAsync(connection, hashes, ct))
            yield return one;
    }

    /// <inheritdoc cref="ReadAsync(IReadOnlyCollection{string}, CancellationToken)"/>
    public static async IAsyncEnumerable<(string Hash, ReadOnlyMemory<byte>? Body)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> hashes, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select hash, body, bytes from unnest($1) with ordinality asked (hash, place) join {TableName} using (hash) order by place
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = hashes.Select(Convert.FromHexString).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct);
        while (await reader.ReadAsync(ct))
        {
            var hash = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0));
            var body = await reader.IsDBNullAsync(1, ct) ? null : reader.GetFieldValue<byte[]>(1);
            yield return (hash, body is null ? default(ReadOnlyMemory<byte>?) : Decompress(body, reader.GetInt32(2)));
        }
    }

    /// <summary>All events as they were sent, in the order of their hashes.</summary>
    public async IAsyncEnumerable<(string Hash, ReadOnlyMemory<byte> Body)> ReadAllAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"select hash, body, bytes from {TableName} where body is not null order by hash", connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct);
        while (await reader.ReadAsync(ct))
        {
            var hash = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0));
            yield return (hash, Decompress(reader.GetFieldValue<byte[]>(1), reader.GetInt32(2)));
        }
    }

    /// <summary>Erases the text of an event; its hash stays.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> EraseAsync(string hash, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"update {TableName} set body = null where hash = $1 and body is not null", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Convert.FromHexString(hash), NpgsqlDbType = NpgsqlDbType.Bytea });
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }

    private static byte[] Compress(ReadOnlySpan<byte> body)
    {
        // A window no larger than the body: setting up the largest costs more than compressing a small event.
        var window = Math.Clamp(BitOperations.Log2((uint)body.Length) + 1, 10, 22);
        var buffer = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(body.Length));
        try
        {
            return BrotliEncoder.TryCompress(body, buffer, out var written, quality: 1, window)
                ? buffer[..written]
                : throw new InvalidOperationException("An event did not fit its own bound.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlyMemory<byte> Decompress(byte[] body, int bytes)
    {
        var plain = new byte[bytes];
        return BrotliDecoder.TryDecompress(body, plain, out var written) && written == bytes
            ? plain
            : throw new InvalidOperationException("A stored event is not what was stored.");
    }
}
