using Catalog.Storage.Objects.Cache;

namespace Catalog.Storage.Objects;

/// <summary>
/// An object that is read at random, as readers of Parquet do: each jump asks the store for a range, and reading on from there asks for
/// larger and larger ones. Reading blocks the thread, because those readers know no other way.
/// </summary>
/// <param name="objects">Where it is.</param>
/// <param name="key">Of the object.</param>
/// <param name="length">Of the object, in bytes.</param>
internal sealed class SeekableObject(IObjectStore objects, string key, long length) : Stream
{
    private const int LeastRange = 256 * 1024;
    private const int MostRange = 16 * 1024 * 1024;

    // A gap shorter than this is read over: a request costs more.
    private const int Skippable = 256 * 1024;

    private Stream? _range;
    private long _rangeAt;
    private long _rangeEnd;
    private int _nextRange = LeastRange;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || Position >= length)
            return 0;
        var range = RangeFor(buffer.Length);
        var read = range.Read(buffer[..(int)Math.Min(buffer.Length, _rangeEnd - Position)]);
        if (read == 0)
            throw new IOException($"The object '{key}' ended before its {length} bytes.");
        Position += read;
        _rangeAt = Position;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException("An object is immutable.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is immutable.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _range?.Dispose();
        base.Dispose(disposing);
    }

    private Stream RangeFor(int wanted)
    {
        var gap = Position - _rangeAt;
        if (_range is not null && gap >= 0 && gap < Skippable && Position < _rangeEnd)
            return Skip(_range, (int)gap);

        // Whoever reads on where the last range ended will do so again.
        _nextRange = _range is not null && Position == _rangeEnd ? Math.Min(MostRange, _nextRange * 2) : LeastRange;
        _range?.Dispose();
        _rangeAt = Position;
        _rangeEnd = Math.Min(length, Position + Math.Max(wanted, _nextRange));
        return _range = objects.OpenReadAsync(key, Position, _rangeEnd - Position, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static Stream Skip(Stream range, int bytes)
    {
        // Readers of Parquet go from page to page: what a cache holds between need not be read for that.
        if (range is CachedStream cached && cached.TrySkip(bytes))
            return range;
        Span<byte> over = stackalloc byte[4_096];
        while (bytes > 0)
        {
            var read = range.Read(over[..Math.Min(bytes, over.Length)]);
            if (read == 0)
                break;
            bytes -= read;
        }

        return range;
    }
}
