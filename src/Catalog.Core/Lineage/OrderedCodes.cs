namespace Catalog.Lineage;

/// <summary>
/// Numbers of eight bytes written in four: each is its rank among all that occur, so that what is less or greater stays so. Where all lie
/// within four billion of the least, the difference to it is the code, and no table is needed.
/// </summary>
internal sealed class OrderedCodes
{
    private readonly long _least;
    private readonly long[]? _values;

    private OrderedCodes(long least, long greatest, long[]? values) => (_least, Greatest, _values) = (least, greatest, values);

    /// <summary>The greatest number that occurs; <see cref="long.MinValue"/> for none.</summary>
    public long Greatest { get; }

    /// <summary>Bytes of the table.</summary>
    public long Bytes => (_values?.Length ?? 0) * 8L;

    public long this[uint code] => _values is null ? _least + code : _values[code];

    public static OrderedCodes Of(ReadOnlySpan<long> values)
    {
        if (values.IsEmpty)
            return new OrderedCodes(0, long.MinValue, values: null);
        var (least, greatest) = (long.MaxValue, long.MinValue);
        foreach (var value in values)
            (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
        if ((ulong)(greatest - least) < uint.MaxValue && greatest - least >= 0)
            return new OrderedCodes(least, greatest, values: null);

        var sorted = values.ToArray();
        Array.Sort(sorted);
        var distinct = 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] != sorted[i - 1])
                sorted[distinct++] = sorted[i];
        }

        return new OrderedCodes(least, greatest, sorted[..distinct]);
    }

    /// <summary>The code of a value that occurs.</summary>
    public uint CodeOf(long value) => _values is null ? (uint)(value - _least) : (uint)Array.BinarySearch(_values, value);

    /// <summary>
    /// How many codes, from zero on, are of values up to and including this one: those below it, in short. 0 when all are greater.
    /// </summary>
    public uint CountUpTo(long value)
    {
        if (value < _least)
            return 0;
        if (_values is null)
            return value - _least >= uint.MaxValue || value - _least < 0 ? uint.MaxValue : (uint)(value - _least) + 1;
        var at = Array.BinarySearch(_values, value);
        return (uint)(at >= 0 ? at + 1 : ~at);
    }
}
