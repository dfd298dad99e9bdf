using System.Runtime.CompilerServices;
using Catalog.Integrity;
using Catalog.Storage.Objects;

namespace Catalog.Storage.Tiering;

/// <summary>
/// An object store and its archive as one: what is stored goes to the store, and what the store does not have is looked for in the archive.
/// </summary>
/// <remarks>Neither is disposed of with it.</remarks>
public sealed class TieredObjectStore(IObjectStore warm, IObjectStore cold) : IObjectStore, ILocalCopies
{
    public Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct) =>
        warm.PutAsync(key, content, sha256, ct);

    public Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
        warm.PutAsync(keyOf, content, sha256, ct);

    public async Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct)
    {
        foreach (var place in Places)
        {
            try
            {
                return await place.OpenReadAsync(key, offset, length, ct);
            }
            catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound)
            {
                // The next place may have it.
            }
        }

        throw ObjectStoreException.NotFound(key);
    }

    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct)
    {
        foreach (var place in Places)
        {
            if (await place.HeadAsync(key, ct) is { } found)
                return found;
        }

        return null;
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var store = warm.ListAsync(prefix, after, ct).GetAsyncEnumerator(ct);
        await using var archive = cold.ListAsync(prefix, after, ct).GetAsyncEnumerator(ct);
        var (inStore, inArchive) = (await store.MoveNextAsync(), await archive.MoveNextAsync());
        while (inStore || inArchive)
        {
            var order = !inStore ? 1 : !inArchive ? -1 : LogicalPath.Compare(store.Current.Key, archive.Current.Key);
            yield return order <= 0 ? store.Current : archive.Current;
            if (order <= 0)
                inStore = await store.MoveNextAsync();
            if (order >= 0)
                inArchive = await archive.MoveNextAsync();
        }
    }

    public async Task DeleteAsync(string key, CancellationToken ct)
    {
        await warm.DeleteAsync(key, ct);
        await cold.DeleteAsync(key, ct);
    }

    public async Task CheckAsync(CancellationToken ct)
    {
        await warm.CheckAsync(ct);
        await cold.CheckAsync(ct);
    }

    string? ILocalCopies.FindPath(string key) => (warm as ILocalCopies)?.FindPath(key) ?? (cold as ILocalCopies)?.FindPath(key);

    // The store once more at the end: an object that comes back from the archive was in neither when each was asked.
    private IObjectStore[] Places => [warm, cold, warm];
}
