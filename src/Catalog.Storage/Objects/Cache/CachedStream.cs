using System.Buffers;

namespace Catalog.Storage.Objects.Cache;

/// <summary>A range of an object, read once from front to back, block by block, with fetches under way ahead of the reader.</summary>
internal sealed class CachedStream(CachedObject entry, CachedObjectStore store, CacheOptions options, long start, long end) : Stream
{
    // The block at hand: rented, or what a fetch brought and the cache could not keep.
    private readonly byte[] _rented = ArrayPool<byte>.Shared.Rent(options.BlockBytes);
    private byte[]? _bytes;
    private int _block = -1;
    private int _asked = -1;
    private readonly long _start = start;
    private long _next = start;
    private Stream? _behind;
    private bool _disposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => end - _start;

    public override long Position
    {
        get => _next - _start;
        set => throw new NotSupportedException("An object is read forward only.");
    }

    private int LastBlock => (int)((end - 1) / options.BlockBytes);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty || _next >= end)
            return 0;
        var block = (int)(_next / options.BlockBytes);
        if (block != _block && !await IsLoadedAsync(block, cancellationToken))
            return await ReadBehindAsync(buffer, cancellationToken);
        var within = (int)(_next - ((long)block * options.BlockBytes));
        var count = (int)Math.Min(Math.Min(buffer.Length, end - _next), entry.BytesOf(block) - within);
        (_bytes ?? _rented).AsMemory(within, count).CopyTo(buffer);
        _next += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For libraries that read no other way; blocks the thread while a block is fetched.</summary>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("An object is read forward only.");

    public override void SetLength(long value) => throw new NotSupportedException("An object is immutable.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is immutable.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _behind?.Dispose();
        }

        _disposed = true;
        base.Dispose(disposing);
    }

    /// <summary>False once the cache could not keep what this reader fetched, and has not what comes next.</summary>
    private async Task<bool> IsLoadedAsync(int block, CancellationToken ct)
    {
        if (_behind is not null || (_bytes is not null && !entry.Has(block)))
            return false;
        (_block, _bytes) = (-1, null);
        LookAhead(block);
        _bytes = await store.LoadAsync(entry, block, LastBlock, _rented, ct);
        _block = block;
        return true;
    }

    private async Task<int> ReadBehindAsync(Memory<byte> buffer, CancellationToken ct)
    {
        _behind ??= await store.OpenBehindAsync(entry, _next, end, ct);
        var read = await _behind.ReadAsync(buffer, ct);
        _next += read;
        return read > 0 ? read : throw CachedObject.EndedEarly(entry, inner: null);
    }

    /// <summary>Keeps some requests under way: one after the other would wait for the store behind each time.</summary>
    private void LookAhead(int block)
    {
        var until = Math.Min(LastBlock, block + (options.FetchBlocks * options.FetchesAhead));
        for (var next = Math.Max(block, _asked + 1); next <= until; next += options.FetchBlocks)
        {
            var last = Math.Min(LastBlock, next + options.FetchBlocks - 1);
            store.Prefetch(entry, next, last);
            _asked = last;
        }
    }
}
