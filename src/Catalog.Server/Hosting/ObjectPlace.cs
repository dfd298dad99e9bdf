using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Objects.Local;
using Catalog.Storage.Objects.S3;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Hosting;

/// <summary>Where uploaded bytes are kept: in the data folder, or in a bucket.</summary>
public sealed class ObjectPlace : IDisposable
{
    /// <summary>A key that no content has, to ask for.</summary>
    private const string Nothing = "nothing";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly IObjectStore _objects;
    private readonly IUrlSigner _urls;
    private readonly UrlSignatures _signatures;
    private readonly string _name;

    private ObjectPlace(IObjectStore objects, IUrlSigner? urls, UrlSignatures signatures, string name) =>
        (_objects, _urls, _signatures, _name) = (objects, urls ?? new LocalUrlSigner(signatures), signatures, name);

    /// <summary>Opens it, and finds out whether it can be read and written.</summary>
    /// <param name="address">As <see cref="ServerOptions.Objects"/>.</param>
    /// <param name="cacheBytes">As <see cref="ServerOptions.CacheBytes"/>.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="HostingException">It cannot; one sentence says what to do.</exception>
    public static async Task<ObjectPlace> OpenAsync(string? address, long? cacheBytes, DataFolder data, CancellationToken ct)
    {
        var signatures = new UrlSignatures(SigningSecret.Of(data), TimeProvider.System);
        if (address is not null)
        {
            var named = DemandAddress(address);
            var bucket = await OpenBucketAsync(named, data, ct);
            return new ObjectPlace(Cached(bucket.Objects, cacheBytes, data), bucket.Urls, signatures, named.ToString());
        }

        try
        {
            return new ObjectPlace(LocalObjects.Open(data.Objects), urls: null, signatures, data.Objects);
        }
        catch (ObjectStoreException e)
        {
            throw data.NotUsable(e.InnerException ?? e);
        }
    }

    /// <summary>Finds out whether a bucket can be read and written, and leaves it and this machine as they were.</summary>
    /// <returns>Its name, for people.</returns>
    /// <exception cref="HostingException">It cannot; one sentence says what to do.</exception>
    public static async Task<string> ExamineAsync(string address, DataFolder data, CancellationToken ct)
    {
        var named = DemandAddress(address);
        var bucket = await OpenBucketAsync(named, data, ct);
        (bucket.Objects as IDisposable)?.Dispose();
        return named.ToString();
    }

    /// <exception cref="HostingException">It is no address of a bucket.</exception>
    public static S3Address DemandAddress(string address)
    {
        try
        {
            return S3Address.Parse(address);
        }
        catch (FormatException e)
        {
            throw new HostingException(HostingException.ObjectsAddressInvalid, e.Message, e);
        }
    }

    public void Dispose()
    {
        (_objects as IDisposable)?.Dispose();
        if (_objects is CachedObjectStore cache)
            (cache.Behind as IDisposable)?.Dispose();
    }

    internal void AddTo(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddSingleton(_objects);
        services.AddSingleton(_urls);
        services.AddSingleton(_signatures);
    }

    /// <summary>What is wrong with it now, for people; null when it answers. Without it all but the bytes of files is there.</summary>
    internal async Task<string?> ComplainAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(AnswerLimit);
        try
        {
            await _objects.HeadAsync(Nothing, limit.Token);
            return null;
        }
        catch (ObjectStoreException e)
        {
            return $"uploaded files cannot be read or written: {e.Message}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"uploaded files cannot be read or written: the object store {_name} does not answer.";
        }
    }

    private static IObjectStore Cached(IObjectStore bucket, long? bytes, DataFolder data)
    {
        try
        {
            return bytes is { } most ? CachedObjectStore.Open(bucket, new CacheOptions(data.Cache, most), TimeProvider.System) : bucket;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (bucket as IDisposable)?.Dispose();
            throw data.NotUsable(e);
        }
    }

    private static async Task<S3Storage> OpenBucketAsync(S3Address address, DataFolder data, CancellationToken ct)
    {
        IObjectStore? opened = null;
        try
        {
            var bucket = S3Objects.Open(address, data.Spool);
            opened = bucket.Objects;
            await opened.CheckAsync(ct);
            return bucket;
        }
        catch (ObjectStoreException e)
        {
            (opened as IDisposable)?.Dispose();
            throw new HostingException(HostingException.ObjectsUnusable, e.Message, e);
        }
    }
}
