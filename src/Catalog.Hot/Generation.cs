using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Catalog.Integrity;
using Microsoft.Win32.SafeHandles;

namespace Catalog.Hot;

/// <summary>
/// The rows of a view for all its keys, immutable, in a file that is mapped into memory. Looking rows up takes no lock and allocates
/// nothing. The file stays mapped while anything refers to this object, so a reader that holds it can read whatever it found.
/// </summary>
public sealed unsafe class Generation
{
    // Never disposed: its handle's finalizer unmaps the file once no generation, and so no reader, refers to it.
    private readonly MemoryMappedViewAccessor _view;
    private readonly GenerationPreamble _is;
    private readonly uint* _index;
    private readonly byte* _rows;
    private readonly long* _offsets;

    private Generation(MemoryMappedViewAccessor view, byte* start, GenerationPreamble preamble, GenerationHeader header)
    {
        (_view, _is, Header) = (view, preamble, header);
        Layout = RowLayout.Of(header.Definition);
        _rows = start + GenerationPreamble.Bytes;
        _index = (uint*)(start + preamble.IndexAt);
        _offsets = preamble.Stride == 0 ? (long*)(start + preamble.OffsetsAt) : null;
    }

    public GenerationHeader Header { get; }

    public RowLayout Layout { get; }

    /// <summary>How many keys have a row.</summary>
    public long Rows => _is.Rows;

    /// <summary>Of the file.</summary>
    public long Bytes => _is.Length;

    /// <summary>Maps a file, once its bytes are known to be the right ones; reads it whole, so that lookups find it in memory.</summary>
    /// <param name="path">Of the file. It may be deleted while it is mapped; it must not be written.</param>
    /// <param name="sha256">Of the file's bytes, in hexadecimal; null to map it unchecked.</param>
    /// <exception cref="GenerationException">The file is no generation, or not the one wanted.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Generation Open(string path, string? sha256)
    {
        if (sha256 is not null)
            DemandHash(path, sha256);
        var length = new FileInfo(path).Length;
        if (length < GenerationPreamble.Bytes)
            throw new GenerationException($"'{path}' is no generation: it has {length} bytes.");
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
        var view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        try
        {
            var start = StartOf(view.SafeMemoryMappedViewHandle);
            var preamble = Unsafe.ReadUnaligned<GenerationPreamble>(start);
            preamble.DemandSound(length, $"'{path}'");
            var header = GenerationHeader.OfJson(new(start + preamble.HeaderAt, (int)preamble.HeaderBytes));
            var generation = new Generation(view, start, preamble, header);
            preamble.DemandLayout(generation.Layout, $"'{path}'");
            generation.Touch(start);
            return generation;
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Finds the rows of keys. Memory is fetched for many keys at once: what a lookup takes is waiting for it, and sixteen waits take
    /// hardly longer than one.
    /// </summary>
    /// <param name="keys">Of this generation's view.</param>
    /// <param name="rows">By key, the address of its row (see <see cref="HotRow"/>); 0 where there is none.</param>
    [SkipLocalsInit]
    public void Find(KeyBatch keys, Span<nint> rows)
    {
        const int Window = 32;
        var words = keys.Words;
        var buckets = stackalloc long[Window];
        for (var from = 0; from < words.Length; from += Window)
        {
            var count = Math.Min(Window, words.Length - from);
            for (var i = 0; i < count; i++)
            {
                buckets[i] = BucketOf(words[from + i], _is.Buckets);
                Prefetch(_index + buckets[i]);
            }

            for (var i = 0; i < count; i++)
                Prefetch(RowAt(_index[buckets[i]]));
            for (var i = 0; i < count; i++)
                rows[from + i] = FindIn(buckets[i], words[from + i], keys, from + i);
        }

        GC.KeepAlive(this);
    }

    /// <summary>All rows, in the order of their hashes: addresses that are good while this object is referred to.</summary>
    public IEnumerable<nint> All()
    {
        for (var i = 0L; i < Rows; i++)
            yield return AddressOf(i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long BucketOf(long word, long buckets) => (long)Math.BigMul(KeyBatch.Spread(word), (ulong)buckets, out _);

    private nint AddressOf(long row) => (nint)RowAt(row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* RowAt(long row) => _rows + (_offsets == null ? row * _is.Stride : _offsets[row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint FindIn(long bucket, long word, KeyBatch keys, int i)
    {
        var end = _index[bucket + 1];
        for (var row = _index[bucket]; row < end; row++)
        {
            var found = RowAt(row);
            if (Unsafe.ReadUnaligned<long>(found + HotRow.KeyOffset) != word)
                continue;
            if (keys.AreNumbers ? !keys.HasMissing || !keys.IsMissing(i) : keys.IsKeyOf(new HotRow((nint)found), Layout, i))
                return (nint)found;
        }

        return 0;
    }

    /// <summary>Good while the handle is referred to: a pointer held for ever would keep it from being finalized.</summary>
    private static byte* StartOf(SafeMemoryMappedViewHandle handle)
    {
        byte* start = null;
        handle.AcquirePointer(ref start);
        handle.ReleasePointer();
        return start;
    }

    private static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(address);
    }

    private static void DemandHash(string path, string sha256)
    {
        using var file = File.OpenRead(path);
        var found = Convert.ToHexStringLower(SHA256.HashData(file));
        if (!string.Equals(found, sha256, StringComparison.Ordinal))
            throw new GenerationException($"'{path}' is damaged: its SHA-256 is {found}, and it should be {sha256}.");
    }

    /// <summary>Brings every page into memory, and into the page table.</summary>
    private void Touch(byte* start)
    {
        var sum = 0L;
        for (var at = 0L; at < _is.Length; at += Environment.SystemPageSize)
            sum += Volatile.Read(ref start[at]);
        GC.KeepAlive(sum);
        GC.KeepAlive(_view);
    }
}
