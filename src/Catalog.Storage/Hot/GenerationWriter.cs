using System.Runtime.InteropServices;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>
/// Writes a generation's file from rows in the order of their keys' hashes. The same rows and header make the same bytes.
/// </summary>
internal sealed class GenerationWriter : IDisposable
{
    /// <summary>Parts of the range of hashes for each row: more make lookups shorter, at four bytes each.</summary>
    private const double BucketsPerRow = 1.25;

    private readonly RowLayout _layout;
    private readonly FileStream _file;
    private readonly BufferedStream _out;
    private readonly SideFile _words;
    private readonly SideFile? _offsets;
    private long _at;

    /// <param name="path">Of the file, which is made.</param>
    /// <param name="folder">Where numbers wait until all rows have come.</param>
    public GenerationWriter(RowLayout layout, string path, string folder)
    {
        _layout = layout;
        _file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _out = new BufferedStream(_file, 1 << 20);
        _out.Write(new byte[GenerationPreamble.Bytes]);
        _words = new SideFile(folder);
        _offsets = layout.IsFixed ? null : new SideFile(folder);
    }

    public long Rows { get; private set; }

    /// <summary>Adds the next row.</summary>
    public void Add(HotRow row)
    {
        if (Rows >= uint.MaxValue - 1)
            throw new GenerationException($"A generation holds {uint.MaxValue - 1} rows at most.");
        _words.Add(row.Key);
        _offsets?.Add(_at);
        var bytes = row.Bytes;
        _out.Write(bytes);
        var padding = (8 - (bytes.Length & 7)) & 7;
        _out.Write(stackalloc byte[padding]);
        (Rows, _at) = (Rows + 1, _at + bytes.Length + padding);
    }

    /// <summary>Ends the file, and tells how long it is.</summary>
    public long Finish(GenerationHeader header)
    {
        var json = header.ToJson();
        var preamble = new GenerationPreamble
        {
            Magic = GenerationPreamble.Signature,
            Rows = Rows,
            Buckets = Math.Max(1, (long)(Rows * BucketsPerRow)),
            Stride = _layout.IsFixed ? _layout.FixedBytes : 0,
            OffsetsAt = _layout.IsFixed ? 0 : _out.Position,
            HeaderBytes = json.Length,
        };
        WriteOffsets();
        preamble.IndexAt = _out.Position;
        WriteIndex(preamble.Buckets);
        preamble.HeaderAt = _out.Position;
        _out.Write(json);
        preamble.Length = _out.Position;
        _out.Flush();
        RandomAccess.Write(_file.SafeFileHandle, MemoryMarshal.AsBytes(new ReadOnlySpan<GenerationPreamble>(in preamble)), 0);
        return preamble.Length;
    }

    public void Dispose()
    {
        _offsets?.Dispose();
        _words.Dispose();
        _out.Dispose();
        _file.Dispose();
    }

    private void WriteOffsets()
    {
        if (_offsets is null)
            return;
        foreach (var offset in _offsets.Read())
            Write(offset);
        Write(_at);
    }

    /// <summary>Hashes ascend, so entries of the index do.</summary>
    private void WriteIndex(long buckets)
    {
        var (next, row) = (0L, 0u);
        foreach (var word in _words.Read())
        {
            for (var bucket = Generation.BucketOf(word, buckets); next <= bucket; next++)
                Write(row);
            row++;
        }

        for (; next <= buckets; next++)
            Write(row);
    }

    private void Write<T>(T value)
        where T : unmanaged => _out.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
