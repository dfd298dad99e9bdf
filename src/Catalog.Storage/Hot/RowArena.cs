using System.Runtime.InteropServices;

namespace Catalog.Storage.Hot;

/// <summary>
/// Memory for packed rows that the collector neither moves nor looks at: rows are found by address. It is given back whole, at the latest
/// when nothing refers to it any more.
/// </summary>
internal sealed unsafe class RowArena(int firstChunk = 16 << 10) : IDisposable
{
    private const int LargestChunk = 1 << 20;

    private readonly List<Chunk> _chunks = [];
    private nint _next;
    private nint _end;
    private int _chunk = firstChunk;

    /// <summary>Bytes taken from the system.</summary>
    public long Bytes { get; private set; }

    /// <summary>A place for a row, on a boundary of eight bytes.</summary>
    public nint Take(int bytes)
    {
        var wanted = (bytes + 7) & ~7;
        if (_end - _next < wanted)
            Grow(wanted);
        var place = _next;
        _next += wanted;
        return place;
    }

    /// <summary>A copy of a row.</summary>
    public nint Keep(ReadOnlySpan<byte> row)
    {
        var place = Take(row.Length);
        row.CopyTo(new Span<byte>((void*)place, row.Length));
        return place;
    }

    /// <summary>Begins again in the memory that it has, if that is in one piece. Rows that were kept are gone.</summary>
    public bool TryRewind()
    {
        if (_chunks is not [var only])
            return false;
        _next = only.DangerousGetHandle();
        return true;
    }

    public void Dispose()
    {
        foreach (var chunk in _chunks)
            chunk.Dispose();
        _chunks.Clear();
        (_next, _end, Bytes) = (0, 0, 0);
    }

    private void Grow(int wanted)
    {
        var bytes = Math.Max(_chunk, wanted);
        _chunk = Math.Min(LargestChunk, _chunk * 2);
        var chunk = new Chunk(bytes);
        _chunks.Add(chunk);
        (_next, _end) = (chunk.DangerousGetHandle(), chunk.DangerousGetHandle() + bytes);
        Bytes += bytes;
    }

    private sealed class Chunk : SafeHandle
    {
        public Chunk(int bytes)
            : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64));

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
