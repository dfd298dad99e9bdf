using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Tiers;

namespace Catalog.Storage.Tiering;

/// <summary>
/// The places that this server keeps objects in. Which of them has an object is for them to say: nothing else remembers it, so it cannot be
/// remembered wrongly.
/// </summary>
/// <param name="Hot">The cache; null where there is none.</param>
/// <param name="Warm">The object store.</param>
/// <param name="Cold">The archive; null where there is none.</param>
public sealed record StorageTiers(CachedObjectStore? Hot, IObjectStore Warm, IObjectStore? Cold)
{
    /// <summary>Whether there is a place for a tier.</summary>
    public bool Has(Tier tier) => tier switch
    {
        Tier.Hot => Hot is not null,
        Tier.Warm => true,
        Tier.Cold => Cold is not null,
        _ => false,
    };

    /// <summary>
    /// Whether the archive is a place of its own. If it were the object store under another name, what is moved would be removed.
    /// </summary>
    /// <exception cref="ObjectStoreException">A place is in trouble.</exception>
    public async Task<bool> AreApartAsync(CancellationToken ct)
    {
        if (Cold is null)
            return true;
        var probe = $"probe/{Guid.CreateVersion7():n}";
        await Warm.PutAsync(probe, new MemoryStream([1]), sha256: null, ct);
        try
        {
            return await Cold.HeadAsync(probe, ct) is null;
        }
        finally
        {
            await Warm.DeleteAsync(probe, CancellationToken.None);
        }
    }

    /// <summary>
    /// Brings an object from the object store to the archive, or back. It is whole in the one, checked by its SHA-256, before it is removed
    /// from the other: whenever this is cut off, it can be called again. Where the object is not where it is to come from, nothing happens.
    /// </summary>
    /// <param name="sha256">Of the content, lower-case hex.</param>
    /// <param name="to"><see cref="Tier.Warm"/> or <see cref="Tier.Cold"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The object's bytes; none where there was nothing to bring.</returns>
    /// <exception cref="ObjectStoreException">
    /// A place is in trouble, or <see cref="ObjectStoreError.DigestMismatch"/>: what is kept has rotted, and stays where it is.
    /// </exception>
    public async Task<long> MoveAsync(string sha256, Tier to, CancellationToken ct)
    {
        var archive = Cold ?? throw new InvalidOperationException("There is no archive to move to or from.");
        var (source, target) = to == Tier.Cold ? (Warm, archive) : (archive, Warm);
        var key = ContentStore.KeyOf(sha256);
        if (await source.HeadAsync(key, ct) is not { } there)
            return 0;

        // Also where it is there already, whole or rotten: storing content under the key that its hash decides settles that.
        await using (var content = await source.OpenReadAsync(key, 0, null, ct))
            await target.PutAsync(ContentStore.KeyOf, content, sha256, ct);
        await source.DeleteAsync(key, ct);
        return there.Bytes;
    }
}
