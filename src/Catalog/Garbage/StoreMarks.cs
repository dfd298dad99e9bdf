using Catalog.Platform;
using Catalog.Platform.Store;
using Catalog.Storage.Objects;
using Catalog.Storage.Tiering;
using Marten;
using Weasel.Postgresql.Tables;

namespace Catalog.Garbage;

/// <summary>
/// Marks in the object store and the archive which databases keep objects there. Whether an object is used can be said from one database
/// only where no other uses the place: a copy of a catalog that was restored beside it, on the same bucket, takes what was committed since
/// for garbage, and would move what the other cannot find then.
/// </summary>
internal sealed class StoreMarks(IDocumentStore store, StorageTiers places)
{
    /// <summary>What the keys of marks begin with; the id of a database follows.</summary>
    public const string Prefix = "databases/";

    /// <summary>Says which database this is; in no backup, so that what is restored is another.</summary>
    public const string Table = $"{CatalogStore.Schema}.database_id";

    private IEnumerable<IObjectStore> Places => places.Cold is { } archive ? [places.Warm, archive] : [places.Warm];

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Table);
        table.AddColumn("one", "boolean").AsPrimaryKey();
        table.AddColumn("id", "uuid").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>Marks the places as used by this database.</summary>
    /// <exception cref="ObjectStoreException">A place is in trouble.</exception>
    public async Task MarkAsync(CancellationToken ct)
    {
        var mine = await KeyAsync(ct);
        foreach (var place in Places)
        {
            if (await place.HeadAsync(mine, ct) is null)
                await place.PutAsync(mine, Stream.Null, sha256: null, ct);
        }
    }

    /// <summary>Why nothing must be freed or moved from here; null where no other database uses the places.</summary>
    /// <exception cref="ObjectStoreException">A place is in trouble.</exception>
    public async Task<Problem?> FindOthersAsync(CancellationToken ct)
    {
        var mine = await KeyAsync(ct);
        foreach (var place in Places)
        {
            await foreach (var mark in place.ListAsync(Prefix, after: null, ct))
            {
                if (mark.Key != mine)
                {
                    return Problem.Of(
                        "storage.shared",
                        $"Another database keeps objects in the same place ('{mark.Key}'), and what it has looks unused from here. "
                        + $"Where that database is gone for good, delete the object '{mark.Key}' from the store and the archive.");
                }
            }
        }

        return null;
    }

    private async Task<string> KeyAsync(CancellationToken ct)
    {
        var ids = await store.ReadAsync(
            $"""
            with made as (insert into {Table} (one, id) values (true, gen_random_uuid()) on conflict do nothing returning id)
            select id from made union all select id from {Table} limit 1
            """,
            [],
            row => row.GetGuid(0),
            ct);

        // Another server made it at this moment, too late for this statement to see.
        return ids.Count > 0 ? $"{Prefix}{ids[0]}" : await KeyAsync(ct);
    }
}
