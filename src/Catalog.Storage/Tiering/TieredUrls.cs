using Catalog.Storage.Objects;

namespace Catalog.Storage.Tiering;

/// <summary>
/// Signs addresses at the place that has the object when it is asked; an address of an object that moves meanwhile is refused.
/// </summary>
/// <param name="warm">The object store.</param>
/// <param name="store">Signs for it.</param>
/// <param name="archive">Signs for the archive.</param>
public sealed class TieredUrls(IObjectStore warm, IUrlSigner store, IUrlSigner archive) : IUrlSigner
{
    public async Task<SignedUrl> SignReadAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        await (await warm.HeadAsync(key, ct) is null ? archive : store).SignReadAsync(key, lifetime, ct);

    public Task<SignedUrl> SignWriteAsync(string key, TimeSpan? lifetime, CancellationToken ct) => store.SignWriteAsync(key, lifetime, ct);
}
