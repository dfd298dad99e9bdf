using System.Buffers;
using System.Runtime.InteropServices;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>Numbers as the bytes they are, for reading and writing files without copying.</summary>
internal sealed class CastMemory(long[] numbers, int from, int count) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(numbers.AsSpan(from, count));

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = GCHandle.Alloc(numbers, GCHandleType.Pinned);
        return new((byte*)handle.AddrOfPinnedObject() + (from * sizeof(long)) + elementIndex, handle, this);
    }

    public override void Unpin()
    {
        // The handle that was handed out frees itself.
    }

    protected override void Dispose(bool disposing)
    {
    }
}
