using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;

namespace Catalog.Hot;

/// <summary>
/// Keys that rows are wanted of, one after the other. It is filled, looked up with, reset, and filled again: once it has grown, nothing is
/// allocated. A key of several parts, or of bytes, is written as those of the point-in-time join are: numbers as 8 bytes, bytes behind
/// their length in 4.
/// </summary>
public sealed class KeyBatch
{
    private long[] _numbers = new long[128];
    private bool[] _missing = new bool[128];
    private byte[] _bytes = [];
    private int[] _ends = [];
    private int _used;
    private bool _rowMissing;
    private bool _anyMissing;

    public int Count { get; private set; }

    /// <summary>Whether keys are one number each.</summary>
    public bool AreNumbers { get; private set; } = true;

    /// <summary>By key: the number, or the hash of the bytes.</summary>
    internal ReadOnlySpan<long> Words => _numbers.AsSpan(0, Count);

    internal bool HasMissing => _anyMissing;

    /// <summary>Empties it, for keys of a view.</summary>
    public void Reset(KeyLayout layout)
    {
        (Count, _used, _rowMissing, _anyMissing) = (0, 0, false, false);
        AreNumbers = layout.IsOneNumber;
        if (!AreNumbers && _ends.Length < _numbers.Length)
            _ends = new int[_numbers.Length];
    }

    /// <summary>Adds a key that is one number; unsigned ones by their bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long number)
    {
        if (Count == _numbers.Length)
            Grow();
        _missing[Count] = false;
        _numbers[Count++] = number;
    }

    /// <summary>Adds keys that are one number each.</summary>
    public void Add(ReadOnlySpan<long> numbers)
    {
        foreach (var number in numbers)
            Add(number);
    }

    /// <summary>Adds a key of which a part is null: it matches nothing.</summary>
    public void AddMissing()
    {
        Add(0);
        _missing[Count - 1] = _anyMissing = true;
        if (!AreNumbers)
            _ends[Count - 1] = _used;
    }

    /// <summary>The next part of a key of several, or of bytes.</summary>
    public void Part(long number) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), number);

    /// <inheritdoc cref="Part(long)"/>
    public void Part(ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Room(4), bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>A part that is null.</summary>
    public void PartMissing() => _rowMissing = true;

    /// <summary>Ends a key that was given in parts.</summary>
    public void EndKey()
    {
        if (_rowMissing)
        {
            (_rowMissing, _used) = (false, Count == 0 ? 0 : _ends[Count - 1]);
            AddMissing();
            return;
        }

        var start = Count == 0 ? 0 : _ends[Count - 1];
        Add(HashOf(_bytes.AsSpan(start, _used - start)));
        _ends[Count - 1] = _used;
    }

    /// <summary>Becomes the one key of a packed row.</summary>
    public void AddKeyOf(HotRow row, RowLayout layout)
    {
        Reset(layout.Keys);
        if (layout.Keys.IsOneNumber)
            Add(row.Key);
        else
            AddBytes(row.KeyBytes(layout));
    }

    /// <summary>Adds a key whose bytes are written already.</summary>
    internal void AddBytes(ReadOnlySpan<byte> key)
    {
        key.CopyTo(Room(key.Length));
        EndKey();
    }

    /// <summary>Puts a key behind the slots of a row that is being packed.</summary>
    internal static unsafe void WriteKey(nint row, RowLayout layout, ReadOnlySpan<byte> key)
    {
        var at = new Span<byte>((byte*)row + layout.SlotsEnd, 4 + key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(at, key.Length);
        key.CopyTo(at[4..]);
    }

    /// <summary>Whether a part of a key was null.</summary>
    public bool IsMissing(int i) => _missing[i];

    /// <summary>The bytes of a key that is no one number.</summary>
    public ReadOnlySpan<byte> BytesOf(int i)
    {
        var start = i == 0 ? 0 : _ends[i - 1];
        return _bytes.AsSpan(start, _ends[i] - start);
    }

    /// <summary>Whether a row is that of a key of bytes; the hashes are known to be alike.</summary>
    internal bool IsKeyOf(HotRow row, RowLayout layout, int i) => !IsMissing(i) && row.KeyBytes(layout).SequenceEqual(BytesOf(i));

    /// <summary>Where a key goes in a table: the upper bits decide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Spread(long word)
    {
        // The finalizer of splitmix64: one-to-one, so keys that are numbers never share a hash.
        var x = (ulong)word;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    internal static long HashOf(ReadOnlySpan<byte> key) => unchecked((long)XxHash3.HashToUInt64(key));

    private Span<byte> Room(int wanted)
    {
        if (_bytes.Length - _used < wanted)
            Array.Resize(ref _bytes, Math.Max(Math.Max(256, _bytes.Length * 2), _used + wanted));
        _used += wanted;
        return _bytes.AsSpan(_used - wanted, wanted);
    }

    private void Grow()
    {
        Array.Resize(ref _numbers, _numbers.Length * 2);
        Array.Resize(ref _missing, _numbers.Length);
        if (!AreNumbers)
            Array.Resize(ref _ends, _numbers.Length);
    }
}
