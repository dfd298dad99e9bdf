using Catalog.Integrity;

namespace Catalog.Storage.Columnar;

/// <summary>Brings the statistics of one column's chunks together; what one chunk does not say is not known of the column.</summary>
internal sealed class StatisticsMerge(Leaf leaf, bool isOrdered)
{
    private readonly ValueCodec? _codec = isOrdered ? leaf.Type.Codec : null;
    private IComparable? _min;
    private IComparable? _max;
    private bool _minIsKnown = true;
    private bool _maxIsKnown = true;
    private long? _nulls = 0;

    public void Add(in FooterDecoder.Chunk chunk)
    {
        if (chunk is { HasMetadata: true, Values: 0 })
            return;

        var nulls = chunk.Nulls is >= 0 and var n && n <= chunk.Values ? chunk.Nulls : null;
        _nulls = _nulls + nulls is >= 0 and var sum ? sum : null;
        if (nulls == chunk.Values && chunk.HasMetadata)
            return;

        Merge(ref _min, ref _minIsKnown, Read(_codec, Exact(chunk.Min), chunk.LegacyMin), sign: -1);
        Merge(ref _max, ref _maxIsKnown, Read(_codec, Exact(chunk.Max), chunk.LegacyMax), sign: 1);
    }

    /// <summary>Null where nothing is known.</summary>
    public ColumnStatistics? Result()
    {
        var min = _minIsKnown && _min is { } a ? _codec?.Write(a) : null;
        var max = _maxIsKnown && _max is { } b ? _codec?.Write(b) : null;
        return min is null && max is null && _nulls is null ? null : new(min, max, _nulls);
    }

    /// <summary>A bound as a value that compares, or null where there is none that can be believed.</summary>
    public static IComparable? Read(ValueCodec? codec, FooterDecoder.Bound bound, FooterDecoder.Bound legacy) =>
        bound.IsThere ? codec?.Read(bound.Bytes)
        : legacy.IsThere && codec is { IsSigned: true } ? codec.Read(legacy.Bytes)
        : null;

    private static FooterDecoder.Bound Exact(FooterDecoder.Bound bound) => bound.IsShortened ? default : bound;

    private static void Merge(ref IComparable? merged, ref bool isKnown, IComparable? next, int sign)
    {
        isKnown &= next is not null;
        if (isKnown && (merged is null || int.Sign(next?.CompareTo(merged) ?? 0) == sign))
            merged = next;
    }
}
