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
/// Buffers that are used again and again. Windows of a scan are alike, and memory that is new has to be mapped and cleared by the
/// system: that took as long as the copying.
/// </summary>
/// <param name="maxBytes">How much is kept that nobody uses.</param>
internal sealed class BufferPool(long maxBytes)
{
    private const int LeastBytes = 256;
    private readonly Lock _lock = new();
    private readonly List<byte[]> _free = [];
    private long _freeBytes;

    public BufferLease Lease() => new(this);

    internal byte[] Take(int bytes)
    {
        lock (_lock)
        {
            var best = -1;
            for (var i = 0; i < _free.Count; i++)
            {
                var length = _free[i].Length;
                if (length >= bytes && length / 2 <= Math.Max(bytes, LeastBytes) && (best < 0 || length < _free[best].Length))
                    best = i;
            }

            if (best >= 0)
            {
                var found = _free[best];
                _free[best] = _free[^1];
                _free.RemoveAt(_free.Count - 1);
                _freeBytes -= found.Length;
                return found;
            }
        }

        return GC.AllocateUninitializedArray<byte>(Math.Max(LeastBytes, checked(bytes + (bytes / 8))));
    }

    internal void Return(List<byte[]> buffers)
    {
        lock (_lock)
        {
            foreach (var buffer in buffers.Where(b => _freeBytes + b.Length <= maxBytes))
            {
                _free.Add(buffer);
                _freeBytes += buffer.Length;
            }
        }
    }
}

/// <summary>Buffers that go back to their pool together, when everybody who uses them is through. One thread at a time rents.</summary>
internal sealed class BufferLease(BufferPool pool) : BufferSource
{
    private readonly List<byte[]> _buffers = [];
    private int _users = 1;

    public override Memory<byte> Rent(int bytes)
    {
        if (bytes == 0)
            return default;
        var buffer = pool.Take(bytes);
        _buffers.Add(buffer);
        return buffer.AsMemory(0, bytes);
    }

    /// <summary>One more uses the buffers.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    /// <summary>One who used the buffers is through with them.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            pool.Return(_buffers);
    }
}
