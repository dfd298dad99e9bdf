using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Catalog.Features.PointInTime;

/// <summary>A row that waits for the latest event of its key that is not after it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RowSlot
{
    /// <summary>Of the row.</summary>
    public long Time;

    /// <summary>Of the best event so far; <see cref="long.MinValue"/> while there is none.</summary>
    public long EventTime;

    /// <summary>When that event was written.</summary>
    public long Created;

    /// <summary>Where that event stands among those of the same times: the greater one holds.</summary>
    public long Order;
}

/// <summary>
/// Rows that want features, those of one key beside each other and in the order of their times. Events stream past them, in any order;
/// nothing is kept of an event but where the best one for a row is, so memory depends on rows and not on events.
/// </summary>
public sealed class RowSlots
{
    private readonly RowSlot[] _slots;
    private readonly int[] _starts;
    private readonly int[] _rows;

    private RowSlots(RowSlot[] slots, int[] starts, int[] rows) => (_slots, _starts, _rows) = (slots, starts, rows);

    /// <summary>How many bytes a row takes here.</summary>
    public const int BytesPerRow = 32 + 4 + 4;

    public int Count => _slots.Length;

    public int Groups => _starts.Length - 1;

    internal ReadOnlySpan<RowSlot> Slots => _slots;

    /// <summary>Row numbers by slot.</summary>
    internal ReadOnlySpan<int> Rows => _rows;

    /// <summary>Where slots of a group begin; one more than there are groups.</summary>
    internal ReadOnlySpan<int> Starts => _starts;

    /// <param name="groups">By row, the number of its key; negative for a row that matches nothing.</param>
    /// <param name="times">By row, in microseconds since 1970.</param>
    /// <param name="groupCount">Greater than any number of a key.</param>
    public static RowSlots Of(ReadOnlySpan<int> groups, ReadOnlySpan<long> times, int groupCount)
    {
        var starts = new int[groupCount + 1];
        foreach (var group in groups)
        {
            if (group >= 0)
                starts[group + 1]++;
        }

        for (var g = 0; g < groupCount; g++)
            starts[g + 1] += starts[g];

        var slots = GC.AllocateUninitializedArray<RowSlot>(starts[groupCount]);
        var rows = GC.AllocateUninitializedArray<int>(slots.Length);
        var next = starts.AsSpan(0, groupCount).ToArray();
        for (var row = 0; row < groups.Length; row++)
        {
            if (groups[row] < 0)
                continue;
            var at = next[groups[row]]++;
            slots[at] = new() { Time = times[row], EventTime = long.MinValue, Created = long.MinValue, Order = long.MinValue };
            rows[at] = row;
        }

        var sorted = new RowSlots(slots, starts, rows);
        sorted.SortGroups();
        return sorted;
    }

    /// <summary>When the last row of a key is.</summary>
    public long LastTime(int group) => _slots[_starts[group + 1] - 1].Time;

    /// <summary>When the first row of a key is.</summary>
    public long FirstTime(int group) => _slots[_starts[group]].Time;

    /// <summary>Shows events to the rows that they may be the latest for.</summary>
    /// <param name="groups">By event, the number of its key; negative for a key that no row has.</param>
    /// <param name="times">By event; <see cref="long.MinValue"/> for one that never was.</param>
    /// <param name="created">By event; empty where it does not count.</param>
    /// <param name="first">Place of the first event among all.</param>
    /// <param name="ties">Which of two that are otherwise equal holds.</param>
    public void Offer(ReadOnlySpan<int> groups, ReadOnlySpan<long> times, ReadOnlySpan<long> created, long first, TieRule ties)
    {
        // Ten million times: without checks of bounds, which numbers of keys that came from here cannot miss.
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref var starts = ref MemoryMarshal.GetArrayDataReference(_starts);
        ref var group = ref MemoryMarshal.GetReference(groups);
        ref var time = ref MemoryMarshal.GetReference(times);
        var (last, from) = (-1, 0);
        for (var i = 0; i < groups.Length; i++)
        {
            Prefetch(ref group, i, groups.Length, ref slots, ref starts);
            var (key, at) = (Unsafe.Add(ref group, i), Unsafe.Add(ref time, i));
            if (key < 0 || at == long.MinValue)
                continue;

            if (key != last)
                (last, from) = (key, Unsafe.Add(ref starts, key));
            ref var slot = ref Unsafe.Add(ref slots, from);
            if (slot.Time < at)
            {
                var rest = _slots.AsSpan(from..Unsafe.Add(ref starts, key + 1));
                var found = NotBefore(rest, at);
                if (found == rest.Length)
                    continue;
                slot = ref rest[found];
            }

            if (at < slot.EventTime)
                continue;
            var order = ties == TieRule.Last ? first + i : ~(first + i);
            var known = created.IsEmpty ? long.MinValue : created[i];
            if (IsLater(at, known, order, slot))
                (slot.EventTime, slot.Created, slot.Order) = (at, known, order);
        }
    }

    /// <summary>Hands on what holds for a row to those after it, once all events were shown; then tells what holds for each.</summary>
    /// <param name="timeToLive">In microseconds; null for ever.</param>
    /// <param name="ties">As when events were shown.</param>
    /// <param name="places">By row, the place of its event; left alone where there is none.</param>
    public void Settle(long? timeToLive, TieRule ties, Span<long> places)
    {
        for (var group = 0; group < Groups; group++)
        {
            for (var at = _starts[group]; at < _starts[group + 1]; at++)
            {
                ref var slot = ref _slots[at];
                if (at > _starts[group] && _slots[at - 1] is var before && before.EventTime != long.MinValue
                    && IsLater(before.EventTime, before.Created, before.Order, slot))
                    (slot.EventTime, slot.Created, slot.Order) = (before.EventTime, before.Created, before.Order);
                if (slot.EventTime != long.MinValue && (timeToLive is not { } ttl || slot.Time - slot.EventTime <= ttl))
                    places[_rows[at]] = ties == TieRule.Last ? slot.Order : ~slot.Order;
            }
        }
    }

    private static bool IsLater(long time, long created, long order, in RowSlot slot) =>
        time != slot.EventTime ? time > slot.EventTime
        : created != slot.Created ? created > slot.Created
        : order > slot.Order;

    /// <summary>How many of the slots are before a time, of which the first is: most keys have few rows, so from the front.</summary>
    private static int NotBefore(ReadOnlySpan<RowSlot> slots, long time)
    {
        var (low, high) = (1, 1);
        for (; high < slots.Length && slots[high].Time < time; high *= 2)
            low = high + 1;
        high = Math.Min(high, slots.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (slots[middle].Time < time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    // Events by time touch a key anywhere in memory: asked for ahead, most of it is there when it is needed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(ref int group, int at, int count, ref RowSlot slots, ref int starts)
    {
        const int Ahead = 10;
        if (!Sse.IsSupported || at + (2 * Ahead) >= count)
            return;

        // Of events by key, only the first of each.
        var far = Unsafe.Add(ref group, at + (2 * Ahead));
        if (far >= 0 && far != Unsafe.Add(ref group, at + (2 * Ahead) - 1))
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref starts, far)));
        var near = Unsafe.Add(ref group, at + Ahead);
        if (near >= 0 && near != Unsafe.Add(ref group, at + Ahead - 1))
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref slots, Unsafe.Add(ref starts, near))));
    }

    private void SortGroups()
    {
        for (var group = 0; group < Groups; group++)
        {
            var slots = _slots.AsSpan(_starts[group].._starts[group + 1]);
            for (var i = 1; i < slots.Length; i++)
            {
                if (slots[i].Time >= slots[i - 1].Time)
                    continue;
                slots.Sort(_rows.AsSpan(_starts[group], slots.Length), static (a, b) => a.Time.CompareTo(b.Time));
                break;
            }
        }
    }
}
