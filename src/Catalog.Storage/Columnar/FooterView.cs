using System.Buffers.Binary;

namespace Catalog.Storage.Columnar;

/// <summary>
/// A Parquet file as an engine may see it: the pages as they are, and behind them the footer that our own reader has checked, from
/// memory. The footer of the file itself is not read again, so it cannot have changed since.
/// </summary>
internal sealed class FooterView(Stream file, long dataEnd, ReadOnlyMemory<byte> footer) : Stream
{
    private long _position;

    /// <summary>What reading the file met last; an engine in another language passes on no more than its words.</summary>
    public Exception? Fault { get; private set; }

    public override bool CanRead => file.CanRead;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => dataEnd + footer.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new IOException("There is nothing before the beginning of a file.");
    }

    /// <summary>The end of a file with this footer: the footer, its length, the magic bytes.</summary>
    public static byte[] Tail(ReadOnlySpan<byte> footer)
    {
        var tail = new byte[footer.Length + sizeof(uint) + 4];
        footer.CopyTo(tail);
        BinaryPrimitives.WriteInt32LittleEndian(tail.AsSpan(footer.Length), footer.Length);
        "PAR1"u8.CopyTo(tail.AsSpan(footer.Length + sizeof(uint)));
        return tail;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position >= Length || buffer.IsEmpty)
            return 0;

        var read = _position >= dataEnd ? ReadFooter(buffer) : ReadFile(buffer);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.IsEmpty)
            return 0;
        if (_position >= dataEnd)
            return Read(buffer.Span);

        file.Position = _position;
        var read = await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, dataEnd - _position)], cancellationToken);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("A file that is read is not written.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A file that is read is not written.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private int ReadFooter(Span<byte> buffer)
    {
        var rest = footer.Span[(int)(_position - dataEnd)..];
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }

    private int ReadFile(Span<byte> buffer)
    {
        try
        {
            file.Position = _position;
            return file.Read(buffer[..(int)Math.Min(buffer.Length, dataEnd - _position)]);
        }
        catch (Exception e)
        {
            Fault = e;
            throw;
        }
    }
}
