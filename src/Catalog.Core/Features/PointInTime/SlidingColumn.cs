namespace Catalog.Features.PointInTime;

/// <summary>The values of one column that are in a window now, added up as far as features need it.</summary>
internal sealed class SlidingColumn
{
    private readonly bool _isFloat;
    private readonly ExactSum? _floats;
    private readonly bool _sums;
    private readonly ExtremeQueue? _least;
    private readonly ExtremeQueue? _greatest;
    private Int128 _integers;
    private int _last = -1;

    public SlidingColumn(int place, IReadOnlyList<WindowFeature> features)
    {
        (Place, _isFloat) = (place, features[0].IsFloat);
        _sums = features.Any(f => f.Function is AggregateFunction.Sum or AggregateFunction.Mean);
        _floats = _sums && _isFloat ? new() : null;
        _least = features.Any(f => f.Function == AggregateFunction.Min) ? new(_isFloat, wantsGreatest: false) : null;
        _greatest = features.Any(f => f.Function == AggregateFunction.Max) ? new(_isFloat, wantsGreatest: true) : null;
    }

    public int Place { get; }

    /// <summary>How many events have a value.</summary>
    public long Count { get; private set; }

    public void Clear()
    {
        (Count, _integers, _last) = (0, 0, -1);
        _floats?.Clear();
        _least?.Clear();
        _greatest?.Clear();
    }

    public void Enter(KeyedEvents events, int at)
    {
        if (!events.IsThere(Place)[at])
            return;

        var bits = events.Values(Place)[at];
        Count++;
        _last = at;
        if (_floats is not null)
            _floats.Add(BitConverter.Int64BitsToDouble(bits));
        else if (_sums)
            _integers += bits;
        _least?.Enter(bits, at);
        _greatest?.Enter(bits, at);
    }

    public void Leave(KeyedEvents events, int at)
    {
        if (!events.IsThere(Place)[at])
            return;

        var bits = events.Values(Place)[at];
        Count--;
        if (_floats is not null)
            _floats.Remove(BitConverter.Int64BitsToDouble(bits));
        else if (_sums)
            _integers -= bits;
        _least?.Leave(at);
        _greatest?.Leave(at);
    }

    /// <summary>The bits of a feature's value, or the order of its event; null where the window has no value.</summary>
    public long? Value(WindowFeature feature, KeyedEvents events) => Count == 0 ? null : feature.Function switch
    {
        AggregateFunction.Count => Count,
        AggregateFunction.Sum => _floats is null ? checked((long)_integers) : Bits(_floats.Value()),
        AggregateFunction.Mean => Bits(_floats?.Mean(Count) ?? (double)_integers / Count),
        AggregateFunction.Min => _least?.Front,
        AggregateFunction.Max => _greatest?.Front,
        AggregateFunction.Last => events.Orders[_last],
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature.Function, "It is none of the functions."),
    };

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}

/// <summary>
/// The least or greatest of a window: only values that may yet become it are kept, in the order of their events, so that the front one is
/// it.
/// </summary>
internal sealed class ExtremeQueue(bool isFloat, bool wantsGreatest)
{
    private (long Bits, int At)[] _kept = new (long, int)[16];
    private int _first;
    private int _end;

    public long Front => _kept[_first].Bits;

    public void Clear() => (_first, _end) = (0, 0);

    public void Enter(long bits, int at)
    {
        while (_end > _first && !Beats(_kept[_end - 1].Bits, bits))
            _end--;
        if (_end == _kept.Length)
            MakeRoom();
        _kept[_end++] = (bits, at);
    }

    public void Leave(int at)
    {
        if (_first < _end && _kept[_first].At == at)
            _first++;
    }

    private void MakeRoom()
    {
        var kept = _kept.AsSpan(_first.._end);
        var into = kept.Length > _kept.Length / 2 ? new (long, int)[_kept.Length * 2] : _kept;
        kept.CopyTo(into);
        (_kept, _end, _first) = (into, kept.Length, 0);
    }

    private bool Beats(long older, long newer)
    {
        var order = isFloat ? CompareFloats(BitConverter.Int64BitsToDouble(older), BitConverter.Int64BitsToDouble(newer))
            : older.CompareTo(newer);
        return wantsGreatest ? order > 0 : order < 0;
    }

    private static int CompareFloats(double a, double b) =>
        double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b);
}
