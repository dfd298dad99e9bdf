using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Objects.Local;
using Catalog.Storage.Objects.S3;
using Catalog.Storage.Tiering;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Hosting;

/// <summary>Where uploaded bytes are kept: in the data folder, or in a bucket.</summary>
public sealed class ObjectPlace : IDisposable
{
    /// <summary>A key that no content has, to ask for.</summary>
    private const string Nothing = "nothing";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly IObjectStore _objects;
    private readonly StorageTiers _tiers;
    private readonly IUrlSigner _urls;
    private readonly UrlSignatures _signatures;
    private readonly string _name;

    private ObjectPlace(IObjectStore objects, StorageTiers tiers, IUrlSigner urls, UrlSignatures signatures, string name) =>
        (_objects, _tiers, _urls, _signatures, _name) = (objects, tiers, urls, signatures, name);

    /// <summary>Opens it, and finds out whether it can be read and written.</summary>
    /// <param name="options">Name the bucket, the archive and the cache.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="HostingException">It cannot; one sentence says what to do.</exception>
    public static async Task<ObjectPlace> OpenAsync(ServerOptions options, DataFolder data, CancellationToken ct)
    {
        var signatures = new UrlSignatures(SigningSecret.Of(data), TimeProvider.System);
        var ours = new LocalUrlSigner(signatures);
        var opened = new List<IDisposable>();
        try
        {
            var warm = options.Objects is { } bucket ? await OpenAsync(bucket, data, opened, ct) : OpenFolder(data.Objects, data, opened);
            var cold = options.Archive is { } archive ? await OpenAsync(archive, data, opened, ct) : null;
            var both = cold is null ? warm.Objects : new TieredObjectStore(warm.Objects, cold.Objects);
            var tiers = new StorageTiers(Hot: null, warm.Objects, cold?.Objects);
            if (!await AreApartAsync(tiers, ct))
            {
                throw new HostingException(
                    HostingException.ObjectsUnusable,
                    $"The archive '{options.Archive}' is the place that uploaded files are kept in: name another, or none.");
            }

            var cache = options.Objects is not null && options.CacheBytes is { } bytes ? OpenCache(both, bytes, data) : null;
            return new ObjectPlace(
                cache ?? both,
                tiers with { Hot = cache },
                cold is null ? warm.Urls ?? ours : new TieredUrls(warm.Objects, warm.Urls ?? ours, cold.Urls ?? ours),
                signatures,
                options.Objects is { } named ? DemandAddress(named).ToString() : data.Objects);
        }
        catch
        {
            opened.ForEach(o => o.Dispose());
            throw;
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
        _tiers.Hot?.Dispose();
        (_tiers.Warm as IDisposable)?.Dispose();
        (_tiers.Cold as IDisposable)?.Dispose();
    }

    internal void AddTo(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddSingleton(_objects);
        services.AddSingleton(_tiers);
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

    private static async Task<bool> AreApartAsync(StorageTiers tiers, CancellationToken ct)
    {
        try
        {
            return await tiers.AreApartAsync(ct);
        }
        catch (ObjectStoreException e)
        {
            throw new HostingException(HostingException.ObjectsUnusable, e.Message, e);
        }
    }

    /// <summary>A bucket or a folder, as its address says.</summary>
    private static async Task<Place> OpenAsync(string address, DataFolder data, List<IDisposable> opened, CancellationToken ct)
    {
        if (!address.StartsWith(S3Address.Scheme, StringComparison.OrdinalIgnoreCase))
            return OpenFolder(Path.GetFullPath(address), data, opened);
        var bucket = await OpenBucketAsync(DemandAddress(address), data, ct);
        if (bucket.Objects is IDisposable disposable)
            opened.Add(disposable);
        return new Place(bucket.Objects, bucket.Urls);
    }

    private static Place OpenFolder(string folder, DataFolder data, List<IDisposable> opened)
    {
        try
        {
            var objects = LocalObjects.Open(folder);
            if (objects is IDisposable disposable)
                opened.Add(disposable);
            return new Place(objects, Urls: null);
        }
        catch (ObjectStoreException e) when (folder == data.Objects)
        {
            throw data.NotUsable(e.InnerException ?? e);
        }
        catch (ObjectStoreException e)
        {
            throw new HostingException(HostingException.ObjectsUnusable, $"The folder '{folder}' cannot hold the archive: {e.Message}", e);
        }
    }

    private static CachedObjectStore OpenCache(IObjectStore behind, long bytes, DataFolder data)
    {
        try
        {
            return CachedObjectStore.Open(behind, new CacheOptions(data.Cache, bytes), TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
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

    /// <param name="Urls">Signs for it; null where this server does.</param>
    private sealed record Place(IObjectStore Objects, IUrlSigner? Urls);
}
