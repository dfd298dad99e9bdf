using Catalog.Storage.Objects;
using Catalog.Storage.Tiering;
using Catalog.Tiers;

namespace Catalog.Tiering;

/// <summary>An object as far as its tier is concerned.</summary>
internal sealed class StoredObject
{
    public long Bytes { get; set; }

    public bool IsInStore { get; set; }

    public bool IsInArchive { get; set; }

    /// <summary>The fastest tier that a version with the object belongs in; null where no version has it.</summary>
    public Tier? Wanted { get; set; }

    /// <summary>Where it is read from; null where it is missing.</summary>
    public Tier? Place => IsInStore ? Tier.Warm : IsInArchive ? Tier.Cold : null;

    /// <summary>
    /// Where it has to be brought; null where it is where it belongs, or nowhere. One that is in both places is to be in one.
    /// </summary>
    public Tier? Move => (Wanted, IsInStore, IsInArchive) switch
    {
        (Tier.Cold, true, _) => Tier.Cold,
        (Tier.Hot or Tier.Warm, _, true) => Tier.Warm,
        _ => null,
    };

    public void Want(Tier tier) => Wanted = Wanted is { } already && already < tier ? already : tier;
}

/// <summary>What the object store and the archive hold, by SHA-256.</summary>
internal static class StoredObjects
{
    /// <summary>Lists both places.</summary>
    public static async Task<Dictionary<string, StoredObject>> ListAsync(StorageTiers places, CancellationToken ct)
    {
        var found = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        await foreach (var there in places.Warm.ListAsync(ContentStore.KeyPrefix, after: null, ct))
            Add(there, o => o.IsInStore = true);
        if (places.Cold is { } archive)
        {
            await foreach (var there in archive.ListAsync(ContentStore.KeyPrefix, after: null, ct))
                Add(there, o => o.IsInArchive = true);
        }

        return found;

        void Add(ObjectInfo there, Action<StoredObject> note)
        {
            if (ContentStore.DigestOf(there.Key) is not { } sha256)
                return;
            if (!found.TryGetValue(sha256, out var known))
                found.Add(sha256, known = new StoredObject { Bytes = there.Bytes });
            note(known);
        }
    }
}
