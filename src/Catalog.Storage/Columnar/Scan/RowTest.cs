using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>What the footer says of a column in one row group; what it does not say is null.</summary>
internal readonly record struct Bounds(long Rows, IComparable? Min, IComparable? Max, long? Nulls);

/// <summary>A condition, made ready for the type of its column.</summary>
internal abstract class RowTest
{
    /// <summary>False only if the bounds prove that no row meets the condition.</summary>
    public abstract bool CanMatch(in Bounds bounds);

    /// <summary>Clears the mark of each row that does not meet the condition.</summary>
    public abstract void Mark(ArrayData column, Span<bool> marks);

    protected static void ClearNulls(ArrayData column, Span<bool> marks)
    {
        if (column.GetNullCount() == 0)
            return;

        var validity = column.Buffers[0].Span;
        for (var i = 0; i < marks.Length; i++)
            marks[i] &= BitUtility.GetBit(validity, column.Offset + i);
    }
}

/// <summary>Is the value null, or is it not.</summary>
internal sealed class NullTest(bool wantsNull) : RowTest
{
    public override bool CanMatch(in Bounds bounds) => bounds.Nulls is not { } nulls || nulls != (wantsNull ? 0 : bounds.Rows);

    public override void Mark(ArrayData column, Span<bool> marks)
    {
        if (column.DataType is Apache.Arrow.Types.NullType)
        {
            if (!wantsNull)
                marks.Clear();
            return;
        }

        if (!wantsNull)
        {
            ClearNulls(column, marks);
            return;
        }

        var validity = column.Buffers[0].Span;
        var hasNulls = column.GetNullCount() > 0;
        for (var i = 0; i < marks.Length; i++)
            marks[i] &= hasNulls && !BitUtility.GetBit(validity, column.Offset + i);
    }
}

/// <summary>Numbers, dates and times, which are whole numbers of a fixed width to Arrow.</summary>
internal sealed class WholeTest<T> : RowTest
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly IReadOnlyList<Interval<Int128>> _allowed;
    private readonly Interval<T>[] _intervals;

    public WholeTest(IReadOnlyList<Interval<Int128>> allowed)
    {
        _allowed = allowed;
        var (least, greatest) = (Int128.CreateSaturating(T.MinValue), Int128.CreateSaturating(T.MaxValue));
        _intervals =
        [
            .. allowed.Where(i => i.From <= greatest && i.To >= least)
                .Select(i => new Interval<T>(T.CreateSaturating(i.From), T.CreateSaturating(i.To))),
        ];
    }

    public override bool CanMatch(in Bounds bounds)
    {
        var (min, max, count) = (Whole(bounds.Min), Whole(bounds.Max), bounds.Rows - (bounds.Nulls ?? 0));
        return count > 0 && _allowed.Any(i => !(min > i.To) && !(max < i.From));
    }

    public override void Mark(ArrayData column, Span<bool> marks)
    {
        var values = MemoryMarshal.Cast<byte, T>(column.Buffers[1].Span).Slice(column.Offset, marks.Length);
        if (_intervals is [var (from, to)])
        {
            for (var i = 0; i < marks.Length; i++)
                marks[i] &= values[i] >= from & values[i] <= to;
        }
        else
        {
            for (var i = 0; i < marks.Length; i++)
                marks[i] = marks[i] && Has(values[i]);
        }

        ClearNulls(column, marks);
    }

    private bool Has(T value)
    {
        var (low, high) = (0, _intervals.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (value < _intervals[middle].From)
                high = middle - 1;
            else if (value > _intervals[middle].To)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    private static Int128? Whole(IComparable? bound) => bound switch
    {
        long n => n,
        ulong n => n,
        BigInteger n when n >= Int128.MinValue && n <= Int128.MaxValue => (Int128)n,
        _ => null,
    };
}

/// <summary>Floating-point numbers of any width, compared as doubles, which hold each of them exactly.</summary>
internal sealed class FloatTest<T>(IReadOnlyList<Interval<double>> intervals, bool takesNaN) : RowTest
    where T : unmanaged, IFloatingPoint<T>
{
    // Bounds say nothing of NaN, which is unequal to everything.
    public override bool CanMatch(in Bounds bounds)
    {
        var (min, max, count) = (Number(bounds.Min), Number(bounds.Max), bounds.Rows - (bounds.Nulls ?? 0));
        return count > 0 && (takesNaN || intervals.Any(i => !(min > i.To) && !(max < i.From)));
    }

    public override void Mark(ArrayData column, Span<bool> marks)
    {
        var values = MemoryMarshal.Cast<byte, T>(column.Buffers[1].Span).Slice(column.Offset, marks.Length);
        for (var i = 0; i < marks.Length; i++)
            marks[i] = marks[i] && Has(double.CreateTruncating(values[i]));
        ClearNulls(column, marks);
    }

    private bool Has(double value)
    {
        foreach (var interval in intervals)
        {
            if (interval.Has(value))
                return true;
        }

        return takesNaN && double.IsNaN(value);
    }

    private static double? Number(IComparable? bound) => bound switch
    {
        Half n => (double)n,
        float n => n,
        double n => n,
        _ => null,
    };
}
