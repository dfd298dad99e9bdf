using System.Buffers;

namespace Catalog.Storage.Objects.S3;

/// <summary>Some of the content in a pooled buffer, given back when disposed of.</summary>
internal sealed class Part : IDisposable
{
    private const int FirstBytes = 64 * 1024;
    private byte[] _buffer;

    private Part(int number, byte[] buffer) => (Number, _buffer) = (number, buffer);

    /// <summary>1 for the first.</summary>
    public int Number { get; }

    public int Bytes { get; private set; }

    public ReadOnlySpan<byte> Content => _buffer.AsSpan(0, Bytes);

    /// <summary>A stream over it, to be read as often as the part must be sent.</summary>
    public MemoryStream Open() => new(_buffer, 0, Bytes, writable: false);

    /// <summary>
    /// Reads until the part is full or the content ends. The buffer grows with what comes, so that small objects take little.
    /// </summary>
    public static async Task<Part> ReadAsync(Stream content, int number, int size, CancellationToken ct)
    {
        var part = new Part(number, ArrayPool<byte>.Shared.Rent(Math.Min(size, number == 1 ? FirstBytes : size)));
        try
        {
            while (part.Bytes < size)
            {
                part.Grow(size);
                var read = await content.ReadAsync(part._buffer.AsMemory(part.Bytes, Math.Min(part._buffer.Length, size) - part.Bytes), ct);
                if (read == 0)
                    break;
                part.Bytes += read;
            }

            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Grow(int size)
    {
        if (Bytes < _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(size, _buffer.Length * 4));
        Content.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
