namespace Catalog.Features.PointInTime;

/// <summary>
/// Events of some keys, in the order of key, event time, created time and tie rule. Values are the bits of an <c>int64</c> or of a
/// <c>float64</c> that is no negative zero: so that equal numbers are equal bits.
/// </summary>
/// <param name="groups">By event, the number of its key.</param>
/// <param name="times">By event, in microseconds.</param>
/// <param name="created">By event; empty where it does not count.</param>
/// <param name="orders">By event: its place, or the complement of it, so that the greater one holds.</param>
/// <param name="values">By column and event.</param>
/// <param name="isThere">By column and event: false for null.</param>
public sealed class KeyedEvents(
    int[] groups, long[] times, long[] created, long[] orders, IReadOnlyList<long[]> values, IReadOnlyList<bool[]> isThere)
{
    public int Count => groups.Length;

    internal ReadOnlySpan<int> Groups => groups;

    internal ReadOnlySpan<long> Times => times;

    internal ReadOnlySpan<long> Orders => orders;

    internal ReadOnlySpan<long> Values(int column) => values[column];

    internal ReadOnlySpan<bool> IsThere(int column) => isThere[column];

    /// <summary>Puts them in order.</summary>
    /// <param name="firstGroup">The least number of a key.</param>
    /// <param name="groupCount">How many there are from there on.</param>
    public KeyedEvents Sorted(int firstGroup, int groupCount)
    {
        var order = InOrderOfGroups(firstGroup, groupCount, out var starts);
        for (var g = 0; g < groupCount; g++)
            SortOne(order.AsSpan(starts[g]..starts[g + 1]));
        return new(
            Take(groups, order), Take(times, order), created.Length == 0 ? created : Take(created, order), Take(orders, order),
            [.. values.Select(v => Take(v, order))], [.. isThere.Select(v => Take(v, order))]);
    }

    private int[] InOrderOfGroups(int firstGroup, int groupCount, out int[] starts)
    {
        starts = new int[groupCount + 1];
        foreach (var group in groups)
            starts[group - firstGroup + 1]++;
        for (var g = 0; g < groupCount; g++)
            starts[g + 1] += starts[g];
        var next = starts.AsSpan(0, groupCount).ToArray();
        var order = GC.AllocateUninitializedArray<int>(groups.Length);
        for (var i = 0; i < groups.Length; i++)
            order[next[groups[i] - firstGroup]++] = i;
        return order;
    }

    private void SortOne(Span<int> order)
    {
        for (var i = 1; i < order.Length; i++)
        {
            if (Compare(order[i - 1], order[i]) <= 0)
                continue;
            order.Sort(Compare);
            return;
        }
    }

    private int Compare(int a, int b) =>
        times[a] != times[b] ? times[a].CompareTo(times[b])
        : created.Length > 0 && created[a] != created[b] ? created[a].CompareTo(created[b])
        : orders[a].CompareTo(orders[b]);

    private static T[] Take<T>(T[] from, int[] order)
    {
        var taken = GC.AllocateUninitializedArray<T>(order.Length);
        for (var i = 0; i < order.Length; i++)
            taken[i] = from[order[i]];
        return taken;
    }
}
