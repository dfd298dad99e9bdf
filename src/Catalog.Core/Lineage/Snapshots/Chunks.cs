namespace Catalog.Lineage.Snapshots;

/// <summary>Bytes that are written once and copied out: without the bound of one array, and without moving them when they grow.</summary>
internal sealed class Chunks : Stream
{
    private const int ChunkBytes = 1 << 20;

    private readonly List<byte[]> _chunks = [];
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException("Chunks are only appended to.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var at = (int)(_length % ChunkBytes);
            if (at == 0)
                _chunks.Add(new byte[ChunkBytes]);
            var some = buffer[..Math.Min(buffer.Length, ChunkBytes - at)];
            some.CopyTo(_chunks[^1].AsSpan(at));
            _length += some.Length;
            buffer = buffer[some.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public void WriteTo(Stream output)
    {
        var left = _length;
        foreach (var chunk in _chunks)
        {
            output.Write(chunk, 0, (int)Math.Min(left, ChunkBytes));
            left -= ChunkBytes;
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Chunks are only appended to.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("Chunks are only appended to.");

    public override void SetLength(long value) => throw new NotSupportedException("Chunks are only appended to.");
}
