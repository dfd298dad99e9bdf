using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>Gives each key of some rows a number, from 0 on, and finds them again for events.</summary>
internal abstract class KeyGroups
{
    public const int None = -1;

    /// <summary>How many keys there are.</summary>
    public int Count { get; protected set; }

    /// <param name="rows">The columns of the rows that keys are numbered for.</param>
    /// <param name="count">How many rows there are.</param>
    public static KeyGroups Of(KeyColumns rows, int count) => rows.IsOneNumber ? new NumberGroups(count / 4) : new ByteGroups();

    /// <summary>Numbers the keys of rows; <see cref="None"/> where one is null, or the row has no time.</summary>
    /// <param name="times">By row; <see cref="long.MinValue"/> for none.</param>
    public abstract void Add(RecordBatch batch, KeyColumns columns, ReadOnlySpan<long> times, Span<int> groups);

    /// <summary>Finds the keys of events; <see cref="None"/> where no row has it.</summary>
    public abstract void Find(RecordBatch batch, KeyColumns columns, Span<int> groups);
}

/// <summary>Keys that are one number: open addressing, a key and its number beside each other, half of the places empty.</summary>
internal sealed class NumberGroups : KeyGroups
{
    private Entry[] _entries;
    private int _shift;
    private long[] _buffer = [];

    /// <param name="expected">About how many keys there will be.</param>
    public NumberGroups(int expected)
    {
        var bits = Math.Clamp(BitOperations.Log2((uint)expected) + 2, 10, 28);
        (_entries, _shift) = (new Entry[1 << bits], 64 - bits);
    }

    public override void Add(RecordBatch batch, KeyColumns columns, ReadOnlySpan<long> times, Span<int> groups)
    {
        var keys = Read(batch, columns);
        var hasNulls = columns.HasNulls(batch);
        for (var i = 0; i < groups.Length; i++)
        {
            Prefetch(keys, i);
            groups[i] = times[i] == long.MinValue || (hasNulls && columns.IsNull(batch, i)) ? None : NumberOf(keys[i]);
        }
    }

    public override void Find(RecordBatch batch, KeyColumns columns, Span<int> groups)
    {
        var keys = Read(batch, columns);
        Find(keys, groups);
        if (!columns.HasNulls(batch))
            return;
        for (var i = 0; i < groups.Length; i++)
        {
            if (columns.IsNull(batch, i))
                groups[i] = None;
        }
    }

    private void Find(ReadOnlySpan<long> keys, Span<int> groups)
    {
        var (last, group) = (0L, None);
        for (var i = 0; i < keys.Length; i++)
        {
            Prefetch(keys, i);
            if (keys[i] != last || i == 0)
                (last, group) = (keys[i], Find(keys[i]));
            groups[i] = group;
        }
    }

    private ReadOnlySpan<long> Read(RecordBatch batch, KeyColumns columns)
    {
        if (_buffer.Length < batch.Length)
            _buffer = new long[batch.Length];
        return columns.ReadNumbers(batch, _buffer);
    }

    // Fibonacci hashing: neighbouring keys come to places far apart.
    private int PlaceOf(long key) => (int)((ulong)key * 0x9E3779B97F4A7C15 >> _shift);

    private int Find(long key)
    {
        var mask = _entries.Length - 1;
        ref var entries = ref MemoryMarshal.GetArrayDataReference(_entries);
        for (var at = PlaceOf(key); ; at = (at + 1) & mask)
        {
            ref var entry = ref Unsafe.Add(ref entries, at);
            if (entry.Number == 0)
                return None;
            if (entry.Key == key)
                return entry.Number - 1;
        }
    }

    private int NumberOf(long key)
    {
        if (Find(key) is var known and not None)
            return known;
        if (Count * 2 >= _entries.Length)
            Grow();
        Put(key, Count + 1);
        return Count++;
    }

    private void Put(long key, int number)
    {
        var at = PlaceOf(key);
        while (_entries[at].Number != 0)
            at = (at + 1) & (_entries.Length - 1);
        _entries[at] = new() { Key = key, Number = number };
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        _shift--;
        foreach (var entry in old)
        {
            if (entry.Number != 0)
                Put(entry.Key, entry.Number);
        }
    }

    // With a million keys nearly every event would wait for memory: asked for ahead, the waits overlap.
    private unsafe void Prefetch(ReadOnlySpan<long> keys, int at)
    {
        const int Ahead = 12;
        if (Sse.IsSupported && at + Ahead < keys.Length && keys[at + Ahead] != keys[at + Ahead - 1])
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), PlaceOf(keys[at + Ahead]))));
    }

    /// <summary><see cref="Number"/> is one more than the key's; 0 where the place is empty.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public long Key;
        public int Number;
    }
}

/// <summary>Keys of several parts, and texts: found by their hash, and always compared whole.</summary>
internal sealed class ByteGroups : KeyGroups
{
    private readonly List<byte[]> _keys = [];
    private readonly Dictionary<ulong, int> _first = [];
    private readonly List<int> _nextWithHash = [];
    private byte[] _key = new byte[64];

    public override void Add(RecordBatch batch, KeyColumns columns, ReadOnlySpan<long> times, Span<int> groups)
    {
        for (var i = 0; i < groups.Length; i++)
            groups[i] = times[i] == long.MinValue || columns.IsNull(batch, i) ? None : NumberOf(Read(batch, columns, i));
    }

    public override void Find(RecordBatch batch, KeyColumns columns, Span<int> groups)
    {
        for (var i = 0; i < groups.Length; i++)
            groups[i] = columns.IsNull(batch, i) ? None : Find(Read(batch, columns, i));
    }

    private ReadOnlySpan<byte> Read(RecordBatch batch, KeyColumns columns, int row)
    {
        var length = 0;
        columns.Write(batch, row, ref _key, ref length);
        return _key.AsSpan(0, length);
    }

    private int Find(ReadOnlySpan<byte> key)
    {
        if (!_first.TryGetValue(XxHash3.HashToUInt64(key), out var number))
            return None;
        while (number != None && !key.SequenceEqual(_keys[number]))
            number = _nextWithHash[number];
        return number;
    }

    private int NumberOf(ReadOnlySpan<byte> key)
    {
        if (Find(key) is var known and not None)
            return known;

        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, XxHash3.HashToUInt64(key), out var isThere);
        _nextWithHash.Add(isThere ? first : None);
        _keys.Add(key.ToArray());
        first = Count;
        return Count++;
    }
}
