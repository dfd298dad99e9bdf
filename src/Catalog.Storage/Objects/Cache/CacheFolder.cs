using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Storage.Objects.Cache;

/// <summary>
/// The objects that a cache holds blocks of, within a bound. Everything is found again after a restart; what cannot be read is removed.
/// </summary>
internal sealed class CacheFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly CacheOptions _options;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, CachedObject> _objects = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly EvictionQueues _queues;
    private readonly FileStream _owner;
    private IReadOnlySet<string> _heldKeys = new HashSet<string>();
    private DateTimeOffset _restUntil;
    private long _evicted;
    private long _healed;
    private long _writesFailed;

    private CacheFolder(CacheOptions options, TimeProvider clock, FileStream owner)
    {
        (_options, _clock, _owner) = (options, clock, owner);
        _queues = new EvictionQueues(options.MaxBytes, options.Correlated);
    }

    public int Objects => _queues.Count;

    public long Bytes => _queues.Bytes;

    public long Evicted => Interlocked.Read(ref _evicted);

    public long Healed => Interlocked.Read(ref _healed);

    public long WritesFailed => Interlocked.Read(ref _writesFailed);

    /// <exception cref="IOException">The folder cannot be made or written to, or another process uses it.</exception>
    public static CacheFolder Open(CacheOptions options, TimeProvider clock)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(options.Folder);
        else
            Directory.CreateDirectory(options.Folder, OwnerOnly);
        var owner = new FileStream(Path.Combine(options.Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var folder = new CacheFolder(options, clock, owner);
        folder.Restore();
        return folder;
    }

    /// <summary>The object, if some of it is here.</summary>
    public CachedObject? Find(string key) => _objects.TryGetValue(key, out var found) ? found : null;

    /// <summary>The object, to take blocks in; nothing is written yet.</summary>
    public CachedObject Enter(string key, long length)
    {
        lock (_lock)
        {
            if (_objects.TryGetValue(key, out var there) && there.Length == length)
                return there;
            if (there is not null)
                Drop(there);
            var entry = new CachedObject(key, length, PathOf(key), _options.BlockBytes);
            _objects[key] = entry;
            entry.Place.IsHeld = _heldKeys.Contains(key);
            _queues.Enter(entry, _clock.GetUtcNow());
            return entry;
        }
    }

    /// <summary>These do not make room from here on, whatever comes, and no others are so kept.</summary>
    public void Hold(IReadOnlySet<string> keys)
    {
        lock (_lock)
        {
            _heldKeys = keys;
            foreach (var (key, entry) in _objects)
                _queues.Hold(entry, keys.Contains(key));
        }
    }

    /// <summary>Notes that somebody reads the object.</summary>
    public void Use(CachedObject entry)
    {
        lock (_lock)
            _queues.Use(entry, _clock.GetUtcNow());
    }

    /// <summary>Reads a block of an object; false when it is not here.</summary>
    public bool TryRead(CachedObject entry, int block, Span<byte> into)
    {
        if (entry.TryRead(block, into, _clock.GetUtcNow(), out var damaged))
            return true;
        if (damaged)
        {
            Interlocked.Increment(ref _healed);
            lock (_lock)
                _queues.Grow(entry, -entry.BytesOf(block));
        }

        return false;
    }

    /// <summary>Reads a part of a block that was checked a moment ago; false when it was not.</summary>
    public bool TryReadPart(CachedObject entry, int block, int at, Span<byte> into) =>
        entry.TryReadPart(block, at, into, _clock.GetUtcNow() - _options.CheckedFor);

    /// <summary>Keeps a block; false when there is no room for it, or the disk takes none.</summary>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.DigestMismatch"/></exception>
    public bool TryStore(CachedObject entry, int block, ReadOnlySpan<byte> bytes)
    {
        if (_clock.GetUtcNow() < _restUntil || !TryMakeRoom(entry, bytes.Length))
            return false;
        try
        {
            if (entry.TryStore(block, bytes))
                return true;
        }
        catch (ObjectStoreException)
        {
            Forget(entry.Key);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Full, read-only, gone: readers go on without the cache.
            Interlocked.Increment(ref _writesFailed);
            _restUntil = _clock.GetUtcNow() + _options.RestAfterFailure;
        }

        lock (_lock)
            _queues.Grow(entry, -bytes.Length);
        return entry.Has(block);
    }

    /// <summary>Removes an object from the cache.</summary>
    public void Forget(string key)
    {
        lock (_lock)
        {
            if (_objects.TryGetValue(key, out var entry))
                Drop(entry);
        }
    }

    public void Dispose()
    {
        foreach (var entry in _objects.Values)
            entry.Dispose();
        _owner.Dispose();
    }

    private bool TryMakeRoom(CachedObject entry, int bytes)
    {
        lock (_lock)
        {
            if (entry.Place.Node is null || entry.Place.Bytes + bytes > _options.MaxObjectBytes)
                return false;
            while (_queues.Bytes + bytes > _options.MaxBytes)
            {
                if (_queues.Evict(entry) is not { } leaving)
                    return false;
                Drop(leaving);
                Interlocked.Increment(ref _evicted);
            }

            _queues.Grow(entry, bytes);
            return true;
        }
    }

    private void Drop(CachedObject entry)
    {
        _queues.Leave(entry);
        _objects.TryRemove(KeyValuePair.Create(entry.Key, entry));
        try
        {
            entry.Remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays on the disk until the next start finds it.
            Interlocked.Increment(ref _writesFailed);
        }
    }

    private void Restore()
    {
        foreach (var map in Directory.EnumerateFiles(_options.Folder, "*" + CachedObject.MapSuffix, SearchOption.AllDirectories)
            .Select(m => new FileInfo(m)).OrderBy(m => m.LastWriteTimeUtc))
        {
            var path = map.FullName[..^CachedObject.MapSuffix.Length];
            if (BlockMap.Read(File.ReadAllBytes(map.FullName), _options.BlockBytes) is not { } content || PathOf(content.Key) != path
                || !File.Exists(path))
            {
                File.Delete(path);
                map.Delete();
                continue;
            }

            var entry = new CachedObject(content.Key, content.Length, path, _options.BlockBytes);
            entry.Restore(content, new FileInfo(path).Length);
            _objects[entry.Key] = entry;
            _queues.Enter(entry, new DateTimeOffset(map.LastWriteTimeUtc));
            _queues.Grow(entry, entry.Bytes);
        }

        while (_queues.Bytes > _options.MaxBytes && _objects.Values.FirstOrDefault() is { } any)
            Drop(_queues.Evict(new CachedObject(any.Key, 0, any.Path, _options.BlockBytes)) ?? any);
    }

    /// <summary>Named by a hash: keys are longer than names of files may be, and differ in case alone.</summary>
    private string PathOf(string key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return Path.Combine(_options.Folder, name[..2], name);
    }
}
