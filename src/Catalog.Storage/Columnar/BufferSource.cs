using System.Buffers;

namespace Catalog.Storage.Columnar;

/// <summary>Where copies of rows are put.</summary>
internal abstract class BufferSource
{
    /// <summary>Memory that the garbage collector takes back.</summary>
    public static BufferSource Collected { get; } = new CollectedBuffers();

    /// <summary>Memory of exactly as many bytes, in which anything may stand.</summary>
    public abstract Memory<byte> Rent(int bytes);

    /// <summary>Memory of exactly as many bytes, all of them zero.</summary>
    public Memory<byte> RentCleared(int bytes)
    {
        var memory = Rent(bytes);
        memory.Span.Clear();
        return memory;
    }

    private sealed class CollectedBuffers : BufferSource
    {
        public override Memory<byte> Rent(int bytes) => GC.AllocateUninitializedArray<byte>(bytes);
    }
}

/// <summary>
/// Buffers that go back to the pool of all arrays together, when everybody who uses them is through. Windows and batches are alike, and
/// memory that is new has to be mapped and cleared by the system, which takes as long as the copying. One thread at a time rents.
/// </summary>
internal sealed class BufferLease : BufferSource
{
    private readonly List<byte[]> _buffers = [];
    private int _users = 1;

    public override Memory<byte> Rent(int bytes)
    {
        if (bytes == 0)
            return default;
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        _buffers.Add(buffer);
        return buffer.AsMemory(0, bytes);
    }

    /// <summary>One more uses the buffers.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One who used the buffers is through with them.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        foreach (var buffer in _buffers)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
