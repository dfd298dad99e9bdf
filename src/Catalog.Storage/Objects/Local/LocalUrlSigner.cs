namespace Catalog.Storage.Objects.Local;

/// <summary>Addresses of objects that the catalog's own server answers: <c>/objects/&lt;key&gt;</c>.</summary>
/// <param name="signatures">Of this server.</param>
public sealed class LocalUrlSigner(UrlSignatures signatures) : IUrlSigner
{
    public const string Path = "/objects/";

    public Task<SignedUrl> SignReadAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        Task.FromResult(Sign("GET", key, lifetime));

    public Task<SignedUrl> SignWriteAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        Task.FromResult(Sign("PUT", key, lifetime));

    private SignedUrl Sign(string method, string key, TimeSpan? lifetime) =>
        signatures.Sign(method, Path + ObjectKey.Require(key), lifetime);
}
