using System.Numerics;

namespace Catalog.Storage.Columnar;

/// <summary>All values from one to another, both included; none where they are the wrong way round.</summary>
internal readonly record struct Interval<T>(T From, T To)
    where T : IComparisonOperators<T, T, bool>
{
    public bool IsEmpty => !(From <= To);

    public bool Has(T value) => value >= From && value <= To;
}

/// <summary>The values of a type that a comparison lets through, as intervals in ascending order that do not touch.</summary>
internal static class Intervals
{
    /// <param name="floor">The greatest whole number that is not above the value compared with.</param>
    /// <param name="isExact">Whether it is the value itself.</param>
    public static IEnumerable<Interval<Int128>> Of(Comparison comparison, Int128 floor, bool isExact)
    {
        var (least, greatest) = (Int128.MinValue, Int128.MaxValue);
        return comparison switch
        {
            Comparison.Equal or Comparison.In => isExact ? [new(floor, floor)] : [],
            Comparison.NotEqual => isExact ? [new(least, floor - 1), new(floor + 1, greatest)] : [new(least, greatest)],
            Comparison.Less => [new(least, isExact ? floor - 1 : floor)],
            Comparison.LessOrEqual => [new(least, floor)],
            Comparison.Greater => [new(floor + 1, greatest)],
            _ => [new(isExact ? floor : floor + 1, greatest)],
        };
    }

    public static IEnumerable<Interval<double>> Of(Comparison comparison, double value)
    {
        var (least, greatest) = (double.NegativeInfinity, double.PositiveInfinity);
        var (below, above) = (Math.BitDecrement(value), Math.BitIncrement(value));
        Interval<double>[] under = value == least ? [] : [new(least, below)];
        Interval<double>[] over = value == greatest ? [] : [new(above, greatest)];
        return comparison switch
        {
            Comparison.Equal or Comparison.In => [new(value, value)],
            Comparison.NotEqual => [.. under, .. over],
            Comparison.Less => under,
            Comparison.LessOrEqual => [new(least, value)],
            Comparison.Greater => over,
            _ => [new(value, greatest)],
        };
    }

    /// <summary>Intervals of several comparisons of which one is enough, in order and without overlap.</summary>
    public static IReadOnlyList<Interval<T>> Union<T>(IEnumerable<Interval<T>> intervals)
        where T : IComparisonOperators<T, T, bool>, IComparable<T>
    {
        List<Interval<T>> united = [];
        foreach (var next in intervals.Where(i => !i.IsEmpty).OrderBy(i => i.From))
        {
            if (united is [.., var last] && next.From <= last.To)
                united[^1] = last with { To = next.To > last.To ? next.To : last.To };
            else
                united.Add(next);
        }

        return united;
    }
}
