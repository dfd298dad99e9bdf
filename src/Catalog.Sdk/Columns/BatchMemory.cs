using System.Buffers;
using System.Runtime.InteropServices;
using Apache.Arrow.Memory;

namespace Catalog.Sdk;

/// <summary>
/// Memory for batches that arrive, which they fill at once: unlike Arrow's own, it is not set to zero before.
/// </summary>
internal sealed class BatchMemory : MemoryAllocator
{
    public static BatchMemory Shared { get; } = new();

    protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
    {
        bytesAllocated = checked(length + Alignment);
        var start = Marshal.AllocHGlobal(bytesAllocated);

        // Arrow's owner takes the pressure back when it frees the memory.
        GC.AddMemoryPressure(bytesAllocated);
        return new NativeMemoryManager(start, Alignment - (int)(start & (Alignment - 1)), length);
    }
}
