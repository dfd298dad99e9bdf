using System.IO.Hashing;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Catalog.Storage.Objects.Cache;

/// <summary>
/// What the cache holds of one object: a file with holes where blocks are missing, and its <see cref="BlockMap"/>. A block is checked
/// whenever it is read, unless it was a moment ago. Files are made with the first block.
/// </summary>
/// <param name="key">Of the object.</param>
/// <param name="length">Of the object, in bytes.</param>
/// <param name="path">Of the file; its map stands beside it.</param>
/// <param name="blockBytes">Of all blocks but the last.</param>
internal sealed class CachedObject(string key, long length, string path, int blockBytes) : IDisposable
{
    public const string MapSuffix = ".map";

    private readonly Lock _lock = new();
    private readonly Dictionary<int, ulong> _checksums = [];
    private readonly Dictionary<int, DateTimeOffset> _checked = [];
    private SafeFileHandle? _data;
    private FileStream? _map;
    private IncrementalHash? _hash;
    private int _hashed;
    private bool _closed;

    public string Key => key;

    public long Length => length;

    public string Path => path;

    public int Blocks { get; } = checked((int)((length + blockBytes - 1) / blockBytes));

    /// <summary>In blocks that are here.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether every block is here, and all together have the SHA-256 that the key names.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>That all blocks together were not what the key names, once that is known.</summary>
    public ObjectStoreException? Mismatch { get; private set; }

    /// <summary>Of the queues, under their lock.</summary>
    public EvictionQueues.Place Place { get; } = new();

    public static ObjectStoreException EndedEarly(CachedObject entry, Exception? inner) => new(
        ObjectStoreError.Unavailable, $"The object '{entry.Key}' ended before its {entry.Length} bytes.", inner);

    public int BytesOf(int block) => (int)Math.Min(blockBytes, length - ((long)block * blockBytes));

    public bool Has(int block)
    {
        lock (_lock)
            return _checksums.ContainsKey(block);
    }

    /// <summary>Takes over what a map says. Blocks beyond the file's end were never written.</summary>
    public void Restore(BlockMap.Content map, long fileBytes)
    {
        foreach (var (block, checksum) in map.Records)
        {
            if (block == BlockMap.Verified)
                IsVerified = true;
            else if (block == BlockMap.Kept)
                Place.IsKept = true;
            else if (block < Blocks && ((long)block * blockBytes) + BytesOf((int)block) <= fileBytes)
            {
                // What was fetched again after all was verified has not been.
                IsVerified = false;
                _checksums[(int)block] = checksum;
            }
        }

        Bytes = _checksums.Keys.Sum(b => (long)BytesOf(b));
        IsVerified &= _checksums.Count == Blocks;
    }

    /// <summary>Reads a block; false when it is not here, or no longer what it was: then it is forgotten.</summary>
    /// <param name="block">Which.</param>
    /// <param name="into">At least as long as the block.</param>
    /// <param name="now">When it is found to be what it was.</param>
    /// <param name="damaged">Whether it was here and is not what it was.</param>
    public bool TryRead(int block, Span<byte> into, DateTimeOffset now, out bool damaged)
    {
        damaged = false;
        ulong checksum;
        lock (_lock)
        {
            if (!_checksums.TryGetValue(block, out checksum))
                return false;
        }

        var wanted = into[..BytesOf(block)];
        if (IsRead(block, 0, wanted) && XxHash3.HashToUInt64(wanted) == checksum)
        {
            lock (_lock)
                _checked[block] = now;
            return true;
        }

        damaged = IsForgotten(block, checksum);
        return false;
    }

    /// <summary>Reads a part of a block that was checked lately; false when it was not, or is not here.</summary>
    /// <param name="block">Which.</param>
    /// <param name="at">Where in the block.</param>
    /// <param name="into">Filled.</param>
    /// <param name="since">What counts as lately.</param>
    public bool TryReadPart(int block, int at, Span<byte> into, DateTimeOffset since)
    {
        lock (_lock)
        {
            if (!_checked.TryGetValue(block, out var when) || when < since)
                return false;
        }

        return IsRead(block, at, into);
    }

    /// <summary>Keeps a block; false when it is here, or the object takes no more.</summary>
    /// <exception cref="IOException">The disk takes no more.</exception>
    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.DigestMismatch"/>: this was the last block that was missing, and all together are not what the key
    /// names.
    /// </exception>
    public bool TryStore(int block, ReadOnlySpan<byte> bytes)
    {
        var checksum = XxHash3.HashToUInt64(bytes);
        lock (_lock)
        {
            if (_closed || _checksums.ContainsKey(block))
                return false;
            RandomAccess.Write(Data(), bytes, (long)block * blockBytes);
            Append(BlockMap.Record((uint)block, checksum));
            _checksums[block] = checksum;
            Bytes += bytes.Length;
            if (!IsVerified && Sha256OfKey() is { } expected)
                Hash(block, bytes, expected);
            return true;
        }
    }

    /// <summary>Notes that the object has earned its place.</summary>
    public void Keep()
    {
        lock (_lock)
        {
            if (!_closed && _checksums.Count > 0)
                Append(BlockMap.Record(BlockMap.Kept, 0));
        }
    }

    /// <summary>Takes no more blocks and removes the files; who reads one now still may.</summary>
    public void Remove()
    {
        lock (_lock)
        {
            Dispose();
            foreach (var file in new[] { path + MapSuffix, path }.Where(File.Exists))
                File.Delete(file);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _checksums.Clear();
            _checked.Clear();
            Bytes = 0;
            _data?.Dispose();
            _map?.Dispose();
            _hash?.Dispose();
            (_data, _map, _hash) = (null, null, null);
        }
    }

    private bool IsRead(int block, int within, Span<byte> into)
    {
        try
        {
            SafeFileHandle data;
            lock (_lock)
            {
                if (_closed)
                    return false;
                data = Data();
            }

            for (var at = ((long)block * blockBytes) + within; into.Length > 0;)
            {
                var read = RandomAccess.Read(data, into, at);
                if (read == 0)
                    return false;
                into = into[read..];
                at += read;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>False where the object had to make room meanwhile, or somebody fetched the block again.</summary>
    private bool IsForgotten(int block, ulong checksum)
    {
        lock (_lock)
        {
            if (!_checksums.TryGetValue(block, out var now) || now != checksum)
                return false;
            _checksums.Remove(block);
            _checked.Remove(block);
            Bytes -= BytesOf(block);
            IsVerified = false;
            _hash?.Dispose();
            (_hash, _hashed) = (null, 0);
            return true;
        }
    }

    // Blocks mostly come in order: each is hashed while it is in memory, and those that came early are read again.
    private void Hash(int block, ReadOnlySpan<byte> bytes, string expected)
    {
        if (block != _hashed)
            return;
        _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _hash.AppendData(bytes);
        _hashed++;
        var early = _checksums.ContainsKey(_hashed) ? new byte[blockBytes] : [];
        for (; _checksums.ContainsKey(_hashed); _hashed++)
        {
            var wanted = early.AsSpan(0, BytesOf(_hashed));
            RandomAccess.Read(Data(), wanted, (long)_hashed * blockBytes);
            _hash.AppendData(wanted);
        }

        if (_hashed < Blocks)
            return;
        var actual = Convert.ToHexStringLower(_hash.GetHashAndReset());
        if (actual != expected)
        {
            Remove();
            throw Mismatch = ObjectStoreException.DigestMismatch(expected, actual);
        }

        IsVerified = true;
        Append(BlockMap.Record(BlockMap.Verified, 0));
    }

    private string? Sha256OfKey() => key.Length > 64 && ContentStore.IsKey(key) ? key[^64..] : null;

    private SafeFileHandle Data()
    {
        if (_data is not null)
            return _data;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? ".");
        return _data = File.OpenHandle(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
    }

    /// <summary>A record that was cut off would shift those behind it.</summary>
    private void Append(byte[] record)
    {
        var map = Map();
        var end = map.Length;
        try
        {
            map.Write(record);
        }
        catch (IOException)
        {
            map.SetLength(end);
            throw;
        }
    }

    private FileStream Map()
    {
        if (_map is not null)
            return _map;
        var map = new FileStream(
            path + MapSuffix, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (map.Length == 0)
            map.Write(BlockMap.Header(key, length, blockBytes));
        map.Seek(0, SeekOrigin.End);
        return _map = map;
    }
}
