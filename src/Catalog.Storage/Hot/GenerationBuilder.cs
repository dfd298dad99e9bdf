using Apache.Arrow;
using Catalog.Features;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>How a generation is built. None of these changes its bytes.</summary>
public sealed record BuildOptions
{
    public const long LeastMemoryBytes = 16L << 20;

    /// <summary>About how many bytes rows may take in memory while they are gathered; others wait on the disk.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Where rows wait: in files without names, that are gone when this process is.</summary>
    public required string Folder { get; init; }
}

/// <summary>A generation's file.</summary>
/// <param name="Path">Of the file.</param>
/// <param name="Rows">How many keys have a row.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Spilled">Bytes of rows that waited on the disk.</param>
public sealed record BuiltGeneration(string Path, long Rows, long Bytes, long Spilled);

/// <summary>
/// Makes a generation: of all rows that it is given, in their order, the newest of each key, by event time, created time and the view's
/// rule for ties, rows of a later origin being later. Memory is bounded however many rows and keys there are: the range of hashes is
/// divided into 256 parts, and parts that find no room wait on the disk, one row of each key.
/// </summary>
public sealed class GenerationBuilder : IDisposable
{
    private const int PartitionBits = 8;

    /// <summary>Rows packed at once, column by column: as many as stay in a core's cache.</summary>
    private const int WindowRows = 512;

    private readonly BuildOptions _options;
    private readonly RowLayout _layout;
    private readonly RowPartition[] _partitions;
    private readonly KeyBatch _keys = new();
    private readonly PackedPlace[] _places = new PackedPlace[WindowRows];
    private readonly int[] _sizes = new int[WindowRows];
    private long[] _times = [];
    private long[] _created = [];
    private byte[] _key = [];
    private long _sinceLooked;

    public GenerationBuilder(FeatureDefinition definition, BuildOptions options)
    {
        if (options.MemoryBytes < BuildOptions.LeastMemoryBytes)
        {
            throw new ArgumentException(
                $"MemoryBytes is {options.MemoryBytes}; it is {BuildOptions.LeastMemoryBytes} at least.", nameof(options));
        }

        _options = options;
        _layout = RowLayout.Of(definition);
        var laterWins = definition.Source.Ties == TieRule.Last;
        _partitions = [.. Enumerable.Range(0, 1 << PartitionBits).Select(_ => new RowPartition(_layout, laterWins))];
    }

    /// <summary>Bytes of rows that had to wait on the disk so far.</summary>
    public long Spilled { get; private set; }

    /// <summary>Rows that did not count, because they are of later than was asked for.</summary>
    public long LaterRows { get; private set; }

    /// <summary>Adds rows of a table, those before <paramref name="upTo"/> and at it.</summary>
    /// <param name="batch">Stays the caller's.</param>
    /// <param name="origin">Of the rows, among the generation's.</param>
    /// <param name="upTo">In microseconds since 1970: later rows do not count.</param>
    public void Add(RowSource source, RecordBatch batch, uint origin, long upTo)
    {
        if (batch.Length == 0)
            return;
        if (_times.Length < batch.Length)
            (_times, _created) = (new long[batch.Length], new long[batch.Length]);
        source.ReadTimes(batch, _times.AsSpan(0, batch.Length));
        source.ReadCreated(batch, _created.AsSpan(0, batch.Length));
        ReadKeys(source, batch);
        ArrayData[] features = [.. _layout.Slots.Select(s => source.Feature(batch, s.Index))];
        for (var from = 0; from < batch.Length; from += WindowRows)
        {
            PackWindow(features, from, Math.Min(WindowRows, batch.Length - from), origin, upTo);
            MakeRoom();
        }
    }

    /// <summary>Adds all rows of an earlier generation of the same definition.</summary>
    /// <param name="origins">By origin there, the origin here.</param>
    public void Add(Generation earlier, IReadOnlyList<uint> origins)
    {
        foreach (var address in earlier.All())
        {
            var row = new HotRow(address);
            PartitionOf(row.Key).Offer(row.Bytes, origins[(int)row.Origin]);
            if ((++_sinceLooked & 511) == 0)
                MakeRoom();
        }

        GC.KeepAlive(earlier);
    }

    /// <summary>Writes the file.</summary>
    /// <param name="path">Of the file, which is made; a file of that name is replaced.</param>
    /// <exception cref="IOException">It cannot be written whole; nothing is left of it.</exception>
    public BuiltGeneration Finish(string path, GenerationHeader header, CancellationToken ct)
    {
        try
        {
            using var writer = new GenerationWriter(_layout, path, _options.Folder);
            foreach (var partition in _partitions)
            {
                ct.ThrowIfCancellationRequested();
                foreach (var row in partition.Take())
                    writer.Add(new HotRow(row));
                partition.Dispose();
            }

            return new(path, writer.Rows, writer.Finish(header with { LaterRows = LaterRows }), Spilled);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var partition in _partitions)
            partition.Dispose();
    }

    private RowPartition PartitionOf(long word) => _partitions[KeyBatch.Spread(word) >> (64 - PartitionBits)];

    private void ReadKeys(RowSource source, RecordBatch batch)
    {
        _keys.Reset(_layout.Keys);
        var hasNulls = source.Keys.HasNulls(batch);
        var numbers = _layout.Keys.IsOneNumber ? source.Keys.ReadNumbers(batch, new long[batch.Length]) : default;
        for (var row = 0; row < batch.Length; row++)
        {
            if (hasNulls && source.Keys.IsNull(batch, row))
                _keys.AddMissing();
            else if (_layout.Keys.IsOneNumber)
                _keys.Add(numbers[row]);
            else
            {
                var length = 0;
                source.Keys.Write(batch, row, ref _key, ref length);
                _keys.AddBytes(_key.AsSpan(0, length));
            }
        }
    }

    private void PackWindow(ArrayData[] features, int from, int count, uint origin, long upTo)
    {
        Measure(features, from, count);
        var places = _places.AsSpan(0, Offer(from, count, origin, upTo));
        foreach (var slot in _layout.Slots)
        {
            if (!slot.Type.IsVariable)
                ColumnPacker.Pack(features[slot.Index], slot, places);
        }

        if (_layout.IsFixed)
            return;
        var ends = _sizes.AsSpan(0, places.Length);
        SkipKeys(places, ends);
        foreach (var slot in _layout.Slots)
        {
            if (slot.Type.IsVariable)
                ColumnPacker.PackVariable(features[slot.Index], slot, places, ends);
        }
    }

    /// <summary>How long each row of a window is.</summary>
    private void Measure(ArrayData[] features, int from, int count)
    {
        _sizes.AsSpan(0, count).Fill(_layout.SlotsEnd);
        if (_layout.IsFixed)
            return;
        if (!_layout.Keys.IsOneNumber)
        {
            for (var i = 0; i < count; i++)
                _sizes[i] += 4 + _keys.BytesOf(from + i).Length;
        }

        foreach (var slot in _layout.Slots)
        {
            if (!slot.Type.IsVariable)
                continue;
            var values = new VariableValues(features[slot.Index], slot.Type);
            for (var i = 0; i < count; i++)
                _sizes[i] = checked(_sizes[i] + values.SizeOf(from + i));
        }
    }

    private int Offer(int from, int count, uint origin, long upTo)
    {
        var holding = 0;
        for (var row = from; row < from + count; row++)
        {
            if (_times[row] == HotRow.NoTime || (_keys.HasMissing && _keys.IsMissing(row)))
                continue;
            if (_times[row] > upTo)
            {
                LaterRows++;
                continue;
            }

            var head = new RowHead(_times[row], _created[row], _keys.Words[row], origin);
            var key = _keys.AreNumbers ? [] : _keys.BytesOf(row);
            if (PartitionOf(head.Word).Offer(head, key, _sizes[row - from]) is var place and not 0)
                _places[holding++] = new(row, place);
        }

        return holding;
    }

    /// <summary>Keys of bytes lie behind the slots; where they end is where values of any length begin.</summary>
    private void SkipKeys(ReadOnlySpan<PackedPlace> places, Span<int> ends)
    {
        ends.Fill(_layout.SlotsEnd);
        for (var i = 0; i < places.Length && !_layout.Keys.IsOneNumber; i++)
            ends[i] += 4 + _keys.BytesOf(places[i].Row).Length;
    }

    /// <summary>Brings the largest parts out of memory until a half of it is free.</summary>
    private void MakeRoom()
    {
        if (_partitions.Sum(p => p.Bytes) <= _options.MemoryBytes)
            return;
        foreach (var partition in _partitions.OrderByDescending(p => p.Bytes).Take(_partitions.Length / 2))
            Spilled += partition.Spill(_options.Folder);
    }
}
