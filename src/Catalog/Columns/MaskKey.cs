using System.Security.Cryptography;
using Catalog.Platform.Store;
using Marten;
using Weasel.Postgresql.Tables;

namespace Catalog.Columns;

/// <summary>
/// What hashes of masked values are made with: 32 random bytes, made when they are first needed. They are in the database, so that all its
/// servers make the same hashes, and in its backups, so that a training set with hashes can be made again; nothing tells them.
/// </summary>
internal sealed class MaskKey(IDocumentStore store)
{
    private const string Table = $"{CatalogStore.Schema}.mask_key";
    private const int KeyBytes = 32;
    private volatile byte[]? _key;

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Table);
        table.AddColumn("one", "boolean").AsPrimaryKey();
        table.AddColumn("key", "bytea").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    public async ValueTask<ReadOnlyMemory<byte>> GetAsync(CancellationToken ct) => _key ??= await ReadAsync(ct);

    private async Task<byte[]> ReadAsync(CancellationToken ct)
    {
        var keys = await store.ReadAsync(
            $"""
            with made as (insert into {Table} (one, key) values (true, $1) on conflict do nothing returning key)
            select key from made union all select key from {Table} limit 1
            """,
            [RandomNumberGenerator.GetBytes(KeyBytes)],
            row => row.GetFieldValue<byte[]>(0),
            ct);

        // Another server made it at this moment, too late for this statement to see.
        return keys.Count > 0 ? keys[0] : await ReadAsync(ct);
    }
}
