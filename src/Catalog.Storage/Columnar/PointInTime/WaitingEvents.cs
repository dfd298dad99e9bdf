using System.Runtime.InteropServices;
using Catalog.Features.PointInTime;
using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// Events that wait until all of their keys are there: in parts by key, in memory while there is room, then on disk. A part is taken out
/// whole; so the events of one key are in memory together, and of all others only those of its part.
/// </summary>
internal sealed class WaitingEvents : IAsyncDisposable
{
    public const int MaxColumns = Catalog.Features.FeatureRules.MaxAggregatedColumns;
    private const int Parted = 128;
    private const int MostBlockRecords = 512;
    private const int PieceNumbers = 1 << 24;
    private readonly int _keys;
    private readonly int _columns;
    private readonly int _width;
    private readonly bool _hasCreated;
    private readonly long _room;
    private readonly int _blockRecords;
    private readonly string _folder;
    private readonly Part[] _parts;
    private long _inMemory;

    /// <param name="keys">How many keys there are.</param>
    /// <param name="columns">How many values an event has.</param>
    /// <param name="hasCreated">Whether events have a created time.</param>
    public WaitingEvents(int keys, int columns, bool hasCreated, JoinOptions options)
    {
        (_keys, _columns, _hasCreated, _folder) = (keys, columns, hasCreated, options.SpillFolder);

        // Key and a bit for each value that is there; time, order, values, and the created time.
        _width = 2 + columns + (hasCreated ? 1 : 0) + 1;
        _room = options.WaitingBytes;
        _parts = [.. Enumerable.Range(0, Math.Min(Parted, keys)).Select(_ => new Part())];

        // The first blocks of all parts take half of the room at most.
        _blockRecords = (int)Math.Clamp(_room / (2L * _parts.Length * _width * sizeof(long)), 8, MostBlockRecords);
    }

    /// <summary>How many bytes were written to the disk.</summary>
    public long Spilled { get; private set; }

    /// <summary>Ranges of keys, to be taken one after the other.</summary>
    public IEnumerable<(int First, int Count)> Parts()
    {
        for (var part = 0; part < _parts.Length; part++)
        {
            var first = FirstOf(part);
            yield return (first, FirstOf(part + 1) - first);
        }
    }

    /// <returns>Whether there is no more room: <see cref="MakeRoomAsync"/> is to be called.</returns>
    public bool Add(int key, long time, long created, long order, ReadOnlySpan<AggregatedColumn> columns, int row)
    {
        var part = _parts[(int)((long)key * _parts.Length / _keys)];
        var record = part.Next(_width, _blockRecords, out var grew);
        long isThere = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            record[3 + i] = columns[i].Bits[row];
            isThere |= columns[i].IsThere[row] ? 1L << i : 0;
        }

        (record[0], record[1], record[2]) = ((uint)key | (isThere << 32), time, order);
        if (_hasCreated)
            record[3 + _columns] = created;
        _inMemory += grew;
        return _inMemory > _room;
    }

    /// <summary>Writes what is in memory to the disk.</summary>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public async Task MakeRoomAsync(CancellationToken ct)
    {
        foreach (var part in _parts)
            Spilled += await part.SpillAsync(_folder, ct);
        _inMemory = 0;
    }

    /// <summary>All events of a part, in no order.</summary>
    public async Task<KeyedEvents> TakeAsync((int First, int Count) range, CancellationToken ct)
    {
        var part = _parts[(int)((long)range.First * _parts.Length / _keys)];
        var records = await part.TakeAsync(_width, ct);
        var count = records.Length / _width;
        var (groups, times, orders) = (new int[count], new long[count], new long[count]);
        var created = _hasCreated ? new long[count] : [];
        var values = Enumerable.Range(0, _columns).Select(_ => new long[count]).ToArray();
        var isThere = Enumerable.Range(0, _columns).Select(_ => new bool[count]).ToArray();
        for (var i = 0; i < count; i++)
        {
            var record = records.AsSpan(i * _width, _width);
            (groups[i], times[i], orders[i]) = ((int)record[0], record[1], record[2]);
            if (_hasCreated)
                created[i] = record[3 + _columns];
            for (var column = 0; column < _columns; column++)
                (values[column][i], isThere[column][i]) = (record[3 + column], ((record[0] >> (32 + column)) & 1) == 1);
        }

        return new(groups, times, created, orders, values, isThere);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            await part.DisposeAsync();
    }

    // The inverse of how keys are put into parts: the least key of a part.
    private int FirstOf(int part) => (int)((((long)part * _keys) + _parts.Length - 1) / _parts.Length);

    private sealed class Part : IAsyncDisposable
    {
        private readonly List<long[]> _full = [];
        private long[] _block = [];
        private int _used;
        private FileStream? _file;

        public Span<long> Next(int width, int records, out long grew)
        {
            grew = 0;
            if (_used == _block.Length)
            {
                if (_used > 0)
                    _full.Add(_block);
                _block = GC.AllocateUninitializedArray<long>(records * width);
                (_used, grew) = (0, _block.Length * sizeof(long));
            }

            _used += width;
            return _block.AsSpan(_used - width, width);
        }

        public async Task<long> SpillAsync(string folder, CancellationToken ct)
        {
            if (_used == 0)
                return 0;

            var file = _file ??= NamelessFile.Open(folder, "join");
            var before = file.Position;
            foreach (var block in _full)
                await file.WriteAsync(Bytes(block, block.Length), ct);
            await file.WriteAsync(Bytes(_block, _used), ct);
            _full.Clear();
            (_block, _used) = ([], 0);
            return file.Position - before;
        }

        public async Task<long[]> TakeAsync(int width, CancellationToken ct)
        {
            var onDisk = (_file?.Length ?? 0) / sizeof(long);
            var count = onDisk + _full.Sum(b => (long)b.Length) + _used;
            if (count > Array.MaxLength)
            {
                throw new OverflowException(
                    $"{count / width} events of keys that are taken together are more than memory can be asked for.");
            }

            var all = GC.AllocateUninitializedArray<long>((int)count);
            if (_file is { } file)
                file.Position = 0;
            for (var read = 0; read < onDisk; read += PieceNumbers)
            {
                var piece = (int)Math.Min(PieceNumbers, onDisk - read);
                await (_file ?? Stream.Null).ReadExactlyAsync(new CastMemory(all, read, piece).Memory, ct);
            }

            var at = (int)onDisk;
            foreach (var block in _full.Append(_block[.._used]))
            {
                block.CopyTo(all, at);
                at += block.Length;
            }

            await DisposeAsync();
            return all;
        }

        public async ValueTask DisposeAsync()
        {
            _full.Clear();
            (_block, _used) = ([], 0);
            if (_file is not null)
                await _file.DisposeAsync();
            _file = null;
        }

        private static ReadOnlyMemory<byte> Bytes(long[] numbers, int count) => new CastMemory(numbers, 0, count).Memory;
    }
}
