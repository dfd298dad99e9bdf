namespace Catalog.Storage.Objects.Cache;

/// <summary>
/// A cache on a fast local disk before a store that is far away. It keeps blocks of objects, fetches each once however many ask for it at
/// the same time, checks them whenever they are read, and goes on with what it has while the store behind is down, and without itself
/// while its disk takes nothing.
/// </summary>
public sealed class CachedObjectStore : IObjectStore, IDisposable
{
    private readonly IObjectStore _inner;
    private readonly CacheOptions _options;
    private readonly CacheFolder _folder;
    private readonly BlockFetcher _fetcher;
    private long _bytesFromCache;

    private CachedObjectStore(IObjectStore inner, CacheOptions options, CacheFolder folder)
    {
        (_inner, _options, _folder) = (inner, options, folder);
        _fetcher = new BlockFetcher(inner, folder, options);
    }

    /// <summary>The store behind, for those who want to know what is there and not what is here.</summary>
    public IObjectStore Behind => _inner;

    /// <summary>What it did and holds.</summary>
    public CacheStatistics Statistics => new(
        _folder.Objects, _folder.Bytes, Interlocked.Read(ref _bytesFromCache), _fetcher.Bytes,
        _folder.Evicted, _folder.Healed, _folder.WritesFailed);

    /// <param name="inner">The store behind, which is not disposed of with the cache.</param>
    /// <param name="options">Where, and how much.</param>
    /// <param name="clock">Tells uses that belong together from others.</param>
    /// <exception cref="ArgumentException">A number in the options is out of range.</exception>
    /// <exception cref="IOException">The folder cannot be written to, or another process uses it.</exception>
    public static CachedObjectStore Open(IObjectStore inner, CacheOptions options, TimeProvider clock) =>
        new(inner, options.Checked(), CacheFolder.Open(options, clock));

    public async Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct) =>
        Forgotten(await _inner.PutAsync(key, content, sha256, ct));

    public async Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
        Forgotten(await _inner.PutAsync(keyOf, content, sha256, ct));

    public async Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        var entry = _folder.Find(ObjectKey.Require(key));
        if (entry is null)
        {
            var head = await _inner.HeadAsync(key, ct) ?? throw ObjectStoreException.NotFound(key);
            entry = _folder.Enter(key, head.Bytes);
        }

        _folder.Use(entry);
        var start = Math.Min(entry.Length, offset < 0 ? Math.Max(0, entry.Length + offset) : offset);
        var end = start + Math.Min(entry.Length - start, length ?? long.MaxValue);
        return end == start ? Stream.Null : new CachedStream(entry, this, _options, start, end);
    }

    /// <summary>Asks the store behind, and the cache where that one does not answer.</summary>
    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct)
    {
        try
        {
            return await _inner.HeadAsync(key, ct);
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.Unavailable && _folder.Find(key) is { } entry)
        {
            return new ObjectInfo(key, entry.Length, Sha256: null);
        }
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, CancellationToken ct) =>
        _inner.ListAsync(prefix, after, ct);

    public async Task DeleteAsync(string key, CancellationToken ct)
    {
        await _inner.DeleteAsync(key, ct);
        _folder.Forget(key);
    }

    /// <summary>Drops what is here of an object.</summary>
    public void Forget(string key) => _folder.Forget(key);

    /// <summary>Asks the store behind.</summary>
    public Task CheckAsync(CancellationToken ct) => _inner.CheckAsync(ct);

    /// <summary>
    /// Keeps these objects, as far as they are here or come, whatever else is read; those that were so kept before and are not named are
    /// objects like others again. How much is kept so is for the caller to bound: it is room that nothing else gets.
    /// </summary>
    /// <param name="keys">Not changed any more by the caller.</param>
    public void Hold(IReadOnlySet<string> keys) => _folder.Hold(keys);

    /// <summary>The most that one object may take here; what is beyond passes through.</summary>
    public long MaxObjectBytes => _options.MaxObjectBytes;

    /// <summary>What all objects may take here together.</summary>
    public long MaxBytes => _options.MaxBytes;

    /// <summary>How many bytes of an object are here.</summary>
    public long BytesOf(string key) => _folder.Find(key)?.Bytes ?? 0;

    /// <summary>Brings the whole of an object here, as far as there is room.</summary>
    /// <exception cref="ObjectStoreException">It is not in the store behind, or cannot be read.</exception>
    public async Task FillAsync(string key, CancellationToken ct)
    {
        await using var content = await OpenReadAsync(key, 0, null, ct);
        await content.CopyToAsync(Stream.Null, _options.BlockBytes, ct);
    }

    /// <summary>Whether an object is here whole and has the SHA-256 that its key names.</summary>
    internal bool IsVerified(string key) => _folder.Find(key) is { IsVerified: true };

    public void Dispose() => _folder.Dispose();

    /// <summary>Puts a block into <paramref name="into"/>, or answers with its bytes where the cache could not keep it.</summary>
    internal async ValueTask<byte[]?> LoadAsync(CachedObject entry, int block, int last, Memory<byte> into, CancellationToken ct)
    {
        // A block may have to make room between its fetch and its reading: then it is fetched again, and in the end given as it came.
        while (true)
        {
            if (_folder.TryRead(entry, block, into.Span))
            {
                Interlocked.Add(ref _bytesFromCache, entry.BytesOf(block));
                return null;
            }

            var bytes = await _fetcher.FetchAsync(entry, block, last).WaitAsync(ct);

            // Whoever fetched the last block may have been a reader ahead of this one.
            if (entry.Mismatch is { } mismatch)
                throw new ObjectStoreException(mismatch.Error, mismatch.Message, mismatch);
            if (bytes is not null)
                return bytes;
        }
    }

    /// <summary>Reads a part of a block straight away, where it is here and was checked a moment ago.</summary>
    internal bool TryReadPart(CachedObject entry, int block, int at, Span<byte> into)
    {
        if (!_folder.TryReadPart(entry, block, at, into))
            return false;
        Interlocked.Add(ref _bytesFromCache, into.Length);
        return true;
    }

    /// <summary>The rest of a range as it comes from the store behind, for a reader that the cache has no room for.</summary>
    internal Task<Stream> OpenBehindAsync(CachedObject entry, long start, long end, CancellationToken ct) =>
        _inner.OpenReadAsync(entry.Key, start, end - start, ct);

    internal void Prefetch(CachedObject entry, int first, int last)
    {
        while (first <= last && entry.Has(first))
            first++;
        if (first <= last)
            _ = _fetcher.FetchAsync(entry, first, last);
    }

    // A key that is put may have held other content before.
    private ObjectInfo Forgotten(ObjectInfo put)
    {
        _folder.Forget(put.Key);
        return put;
    }
}
