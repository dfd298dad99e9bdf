using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Catalog.Hot;
using Catalog.Storage.Objects;

namespace Catalog.Storage.Hot;

/// <summary>
/// A generation that is read where it is stored, in parts: for keys, their entries of the index; where rows differ in length, offsets; and
/// rows. Finds what <see cref="Generation.Find"/> does. The file's hash is not checked, for it is not read whole; whatever its bytes are,
/// nothing outside of rows is read.
/// </summary>
public sealed class OfflineGeneration
{
    private readonly ByteRanges _file;
    private readonly GenerationPreamble _is;
    private readonly RowLayout _layout;
    private readonly string _name;

    private OfflineGeneration(ByteRanges file, GenerationPreamble preamble, GenerationHeader header, RowLayout layout, string name) =>
        (_file, _is, Header, _layout, _name) = (file, preamble, header, layout, name);

    /// <summary>What it says of itself.</summary>
    public GenerationHeader Header { get; }

    /// <summary>Reads what a generation says of itself.</summary>
    /// <param name="objects">Where it is.</param>
    /// <param name="sha256">Of the file, lower-case hexadecimal.</param>
    /// <param name="bytes">Of the file.</param>
    /// <param name="layout">That its rows have.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="GenerationException">It is no generation, or its rows are laid out otherwise.</exception>
    /// <exception cref="ObjectStoreException">It cannot be had.</exception>
    public static async Task<OfflineGeneration> OpenAsync(
        ContentStore objects, string sha256, long bytes, RowLayout layout, CancellationToken ct)
    {
        var (file, name) = (new ByteRanges(objects, sha256), $"'{ContentStore.UriOf(sha256)}'");
        if (bytes < GenerationPreamble.Bytes)
            throw new GenerationException($"{name} is no generation: it has {bytes} bytes.");
        var preamble = MemoryMarshal.Read<GenerationPreamble>(await file.ReadAsync(new ByteRange(0, GenerationPreamble.Bytes), ct));
        preamble.DemandSound(bytes, name);
        var header = GenerationHeader.OfJson(await file.ReadAsync(new ByteRange(preamble.HeaderAt, (int)preamble.HeaderBytes), ct));
        if (!RowLayout.Of(header.Definition).IsLike(layout))
            throw new GenerationException($"{name} has other features than the catalog says.");
        preamble.DemandLayout(layout, name);
        return new(file, preamble, header, layout, name);
    }

    /// <summary>Finds the rows of keys.</summary>
    /// <param name="keys">Of this generation's view.</param>
    /// <param name="shelf">Where rows are kept that were found.</param>
    /// <param name="rows">By key, the address of its row; 0 where there is none.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="GenerationException">The file is damaged.</exception>
    /// <exception cref="ObjectStoreException">It cannot be had.</exception>
    public async Task FindAsync(KeyBatch keys, RowShelf shelf, Memory<nint> rows, CancellationToken ct)
    {
        rows.Span.Clear();
        var wanted = Enumerable.Range(0, keys.Count).Where(i => !keys.IsMissing(i)).ToList();
        var runs = await RunsAsync(keys, wanted, ct);
        if (_is.Stride == 0)
            runs = await OffsetsAsync(runs, ct);
        else
            runs = [.. runs.Select(r => r with { From = r.From * _is.Stride, To = r.To * _is.Stride })];
        var ranges = runs.Select(r => new ByteRange(GenerationPreamble.Bytes + r.From, LengthOf(r.To - r.From))).ToList();
        await _file.ReadAsync(ranges, (i, bytes) => rows.Span[runs[i].Key] = RowRun.Find(bytes, keys, runs[i].Key, _layout, shelf), ct);
    }

    /// <summary>The numbers of the rows that keys may have, by the index; nothing for keys that have none.</summary>
    private async Task<List<Run>> RunsAsync(KeyBatch keys, IReadOnlyList<int> wanted, CancellationToken ct)
    {
        var entries = wanted.Select(i => new ByteRange(
            _is.IndexAt + (Generation.BucketOf(keys.Words[i], _is.Buckets) * sizeof(uint)), 2 * sizeof(uint))).ToList();
        var runs = new List<Run>();
        await _file.ReadAsync(
            entries,
            (i, bytes) =>
            {
                var (from, to) = (BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
                if (from > to || to > _is.Rows)
                    throw Damaged();
                if (from < to)
                    runs.Add(new(wanted[i], from, to));
            },
            ct);
        return runs;
    }

    /// <summary>Where runs of rows are, from the first row.</summary>
    private async Task<List<Run>> OffsetsAsync(IReadOnlyList<Run> runs, CancellationToken ct)
    {
        var found = new List<Run>(runs.Count);
        var offsets = runs.Select(r => new ByteRange(
            _is.OffsetsAt + (r.From * sizeof(long)), LengthOf((r.To - r.From + 1) * sizeof(long)))).ToList();
        await _file.ReadAsync(
            offsets,
            (i, bytes) =>
            {
                var (from, to) = (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[^8..]));
                if (from < 0 || from >= to || to > _is.OffsetsAt - GenerationPreamble.Bytes)
                    throw Damaged();
                found.Add(new(runs[i].Key, from, to));
            },
            ct);
        return found;
    }

    private int LengthOf(long bytes) => bytes <= int.MaxValue ? (int)bytes : throw Damaged();

    private GenerationException Damaged() => new($"{_name} is damaged: its index does not fit its rows.");

    /// <summary>Rows that one key may have: those of its part of the range of hashes.</summary>
    /// <param name="Key">Which one.</param>
    /// <param name="From">A row's number, or where it is.</param>
    /// <param name="To">Behind the last one.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Run(int Key, long From, long To);
}
