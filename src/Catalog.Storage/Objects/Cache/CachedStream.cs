using System.Buffers;

namespace Catalog.Storage.Objects.Cache;

/// <summary>A range of an object, read once from front to back, block by block, with fetches under way ahead of the reader.</summary>
internal sealed class CachedStream(CachedObject entry, CachedObjectStore store, CacheOptions options, long start, long end) : Stream
{
    // The block at hand: rented, or what a fetch brought and the cache could not keep.
    private byte[]? _rented;
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
        if (IsOver(buffer.Length))
            return 0;
        if (Take(buffer.Span) is > 0 and var taken)
            return taken;
        return await IsLoadedAsync(NextBlock, cancellationToken)
            ? Take(buffer.Span)
            : Count(await (await BehindAsync(cancellationToken)).ReadAsync(buffer, cancellationToken));
    }

    /// <summary>Goes on behind some bytes without reading them; false where they come from the store behind and have to be read.</summary>
    public bool TrySkip(long bytes)
    {
        if (_behind is not null)
            return false;
        _next = Math.Min(end, _next + bytes);
        return true;
    }

    /// <summary>For libraries that read no other way; blocks the thread while a block is fetched.</summary>
    public override int Read(Span<byte> buffer)
    {
        if (IsOver(buffer.Length))
            return 0;
        if (Take(buffer) is > 0 and var taken)
            return taken;
        return IsLoadedAsync(NextBlock, CancellationToken.None).GetAwaiter().GetResult()
            ? Take(buffer)
            : Count(BehindAsync(CancellationToken.None).GetAwaiter().GetResult().Read(buffer));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("An object is read forward only.");

    public override void SetLength(long value) => throw new NotSupportedException("An object is immutable.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is immutable.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            if (_rented is { } rented)
                ArrayPool<byte>.Shared.Return(rented);
            _behind?.Dispose();
        }

        _disposed = true;
        base.Dispose(disposing);
    }

    private int NextBlock => (int)(_next / options.BlockBytes);

    private bool IsOver(int wanted)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return wanted == 0 || _next >= end;
    }

    /// <summary>What is at hand of the next block: it is in memory, or was checked a moment ago. 0 when it has to be loaded.</summary>
    private int Take(Span<byte> buffer)
    {
        var block = NextBlock;
        var within = (int)(_next - ((long)block * options.BlockBytes));
        var into = buffer[..(int)Math.Min(Math.Min(buffer.Length, end - _next), entry.BytesOf(block) - within)];
        if (block == _block)
            (_bytes ?? _rented).AsSpan(within, into.Length).CopyTo(into);
        else if (_behind is not null || !store.TryReadPart(entry, block, within, into))
            return 0;
        return Count(into.Length);
    }

    /// <summary>False once the cache could not keep what this reader fetched, and has not what comes next.</summary>
    private async Task<bool> IsLoadedAsync(int block, CancellationToken ct)
    {
        if (_behind is not null || (_bytes is not null && !entry.Has(block)))
            return false;
        (_block, _bytes) = (-1, null);
        LookAhead(block);
        _rented ??= ArrayPool<byte>.Shared.Rent(options.BlockBytes);
        _bytes = await store.LoadAsync(entry, block, LastBlock, _rented, ct);
        _block = block;
        return true;
    }

    private async ValueTask<Stream> BehindAsync(CancellationToken ct) => _behind ??= await store.OpenBehindAsync(entry, _next, end, ct);

    private int Count(int read)
    {
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
