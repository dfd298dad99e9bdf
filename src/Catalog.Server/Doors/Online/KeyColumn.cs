using System.Buffers.Binary;
using Catalog.Features;
using Catalog.Hot;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// What a request gives for a join key: a value for each row, or none. Read once, and handed to each view whose key it is a part of.
/// Reusable: once it has grown, nothing is allocated.
/// </summary>
internal sealed class KeyColumn
{
    private long[] _numbers = new long[128];
    private bool[] _missing = new bool[128];
    private byte[] _bytes = [];
    private int[] _ends = [];
    private int _used;
    private bool _hasMissing;
    private string _field = "keys";

    public EntityKey Key { get; private set; } = new("", "int64", "");

    public HotType Type { get; private set; } = HotType.Of("int64");

    public int Count { get; private set; }

    /// <summary>Whether values are numbers, and else bytes.</summary>
    public bool AreNumbers { get; private set; } = true;

    /// <summary>What requests call it, for errors.</summary>
    public string Field => $"{_field}.{Key.Name}";

    /// <summary>Empties it, for the values of a key.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="field">What requests call the keys.</param>
    public void Begin(EntityKey key, string field)
    {
        _field = field;
        if (!ReferenceEquals(Key, key))
            (Key, Type) = (key, HotType.Of(key.Type));
        AreNumbers = KeyLayout.IsNumber(Type);
        (Count, _used, _hasMissing) = (0, 0, false);
    }

    /// <summary>Adds a value that is a number: as keys of views have it.</summary>
    public void Add(long number)
    {
        Next(missing: false);
        _numbers[Count - 1] = number;
    }

    /// <summary>Adds values that are numbers.</summary>
    public void Add(ReadOnlySpan<long> numbers)
    {
        foreach (var number in numbers)
            Add(number);
    }

    /// <summary>Adds a value that is bytes: as rows have them.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        Added(value.Length);
    }

    /// <summary>Room for a value of so many bytes at most; <see cref="Added"/> ends it.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _used < bytes)
            Array.Resize(ref _bytes, Math.Max(Math.Max(256, _bytes.Length * 2), _used + bytes));
        return _bytes.AsSpan(_used, bytes);
    }

    /// <summary>Adds the value that was written into <see cref="Room"/>.</summary>
    public void Added(int bytes)
    {
        Next(missing: false);
        _used += bytes;
        _ends[Count - 1] = _used;
    }

    /// <summary>Adds no value.</summary>
    public void AddMissing()
    {
        Next(missing: true);
        _numbers[Count - 1] = 0;
        _ends[Count - 1] = _used;
        _hasMissing = true;
    }

    public bool IsMissing(int row) => _missing[row];

    /// <summary>Hands numbers to a view whose key they are.</summary>
    public void FillNumbers(KeyBatch keys)
    {
        if (!_hasMissing)
        {
            keys.Add(_numbers.AsSpan(0, Count));
            return;
        }

        for (var row = 0; row < Count; row++)
        {
            if (_missing[row])
                keys.AddMissing();
            else
                keys.Add(_numbers[row]);
        }
    }

    /// <summary>Hands a value to a view of whose key it is a part.</summary>
    public void FillPart(KeyBatch keys, int row)
    {
        if (_missing[row])
            keys.PartMissing();
        else if (AreNumbers)
            keys.Part(_numbers[row]);
        else
            keys.Part(BytesOf(row));
    }

    /// <summary>A value as packed rows have it.</summary>
    /// <param name="number">Where it goes, if it is a number.</param>
    public ReadOnlySpan<byte> ValueOf(int row, Span<byte> number)
    {
        if (!AreNumbers)
            return BytesOf(row);
        BinaryPrimitives.WriteInt64LittleEndian(number, _numbers[row]);
        return number[..Type.Width];
    }

    private ReadOnlySpan<byte> BytesOf(int row)
    {
        var start = row == 0 ? 0 : _ends[row - 1];
        return _bytes.AsSpan(start, _ends[row] - start);
    }

    private void Next(bool missing)
    {
        if (Count == _numbers.Length)
        {
            Array.Resize(ref _numbers, Count * 2);
            Array.Resize(ref _missing, Count * 2);
        }

        if (_ends.Length < _numbers.Length)
            Array.Resize(ref _ends, _numbers.Length);
        _missing[Count++] = missing;
    }
}
