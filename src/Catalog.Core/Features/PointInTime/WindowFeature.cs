namespace Catalog.Features.PointInTime;

/// <summary>A feature that is computed over a window of events.</summary>
/// <param name="Function">How.</param>
/// <param name="Window">In microseconds.</param>
/// <param name="Column">Which of the columns that are aggregated; -1 where events are counted.</param>
/// <param name="IsFloat">Whether the column's values are bits of doubles; else of whole numbers.</param>
public sealed record WindowFeature(AggregateFunction Function, long Window, int Column, bool IsFloat);

/// <summary>What a feature is for each row: bits of its value, or the order of the event that has it.</summary>
public sealed class WindowValues
{
    private readonly long[] _bits;
    private readonly bool[] _isThere;

    /// <param name="rows">How many.</param>
    /// <param name="isZero">Whether a row without events has the value 0; else it has none.</param>
    public WindowValues(int rows, bool isZero)
    {
        (_bits, _isThere) = (new long[rows], new bool[rows]);
        _isThere.AsSpan().Fill(isZero);
    }

    public ReadOnlySpan<long> Bits => _bits;

    public ReadOnlySpan<bool> IsThere => _isThere;

    internal void Set(int row, long bits) => (_bits[row], _isThere[row]) = (bits, true);
}
