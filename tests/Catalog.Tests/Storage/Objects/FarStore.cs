using Catalog.Storage.Objects;

namespace Catalog.Tests.Storage.Objects;

/// <summary>A store that is far away: it may be slow, or down.</summary>
internal sealed class FarStore(IObjectStore store) : IObjectStore
{
    public bool IsDown { get; set; }

    /// <summary>How many ranges were asked for.</summary>
    public int Reads { get; private set; }

    /// <summary>Reads wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct) =>
        store.PutAsync(key, content, sha256, ct);

    public Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
        store.PutAsync(keyOf, content, sha256, ct);

    public async Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct)
    {
        Answer();
        Reads++;
        await Gate.WaitAsync(ct);
        return await store.OpenReadAsync(key, offset, length, ct);
    }

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct)
    {
        Answer();
        return store.HeadAsync(key, ct);
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, CancellationToken ct) =>
        store.ListAsync(prefix, after, ct);

    public Task DeleteAsync(string key, CancellationToken ct) => store.DeleteAsync(key, ct);

    public Task CheckAsync(CancellationToken ct) => store.CheckAsync(ct);

    private void Answer()
    {
        if (IsDown)
            throw new ObjectStoreException(ObjectStoreError.Unavailable, "The store behind is down.");
    }
}
