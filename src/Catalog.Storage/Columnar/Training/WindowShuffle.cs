using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Sorts the rows of a window by the batches that they belong to. Within a batch they stay as they came, and <see cref="BatchAssembly"/>
/// brings them into their order: memory is written in as many places as there are batches, and later within one of them. A window is
/// larger than a processor's cache, and rows that are put at their place at once wait for memory, each of them and for each column; so
/// copying twice takes half as long.
/// </summary>
internal static class WindowShuffle
{
    /// <summary>Where the rows of a window go.</summary>
    /// <param name="turn">The window, and which of its rows the shard has.</param>
    /// <param name="order">For each place of the window, which of its rows comes there.</param>
    /// <param name="streams">Of the shard.</param>
    /// <param name="batchRows">Of a batch.</param>
    /// <returns>
    /// For each row of the window, its slot among those that the shard has, -1 for those that are another's; for each slot, the place of
    /// its row in the batch.
    /// </returns>
    public static (int[] Slots, int[] Places) Plan(WindowTurn turn, int[] order, int streams, int batchRows)
    {
        var slots = new int[order.Length];
        slots.AsSpan().Fill(-1);
        for (var i = 0; i < turn.Count; i++)
            slots[order[turn.First + (i * turn.Step)]] = i;

        var first = turn.FirstRow % batchRows;
        var places = GC.AllocateUninitializedArray<int>(turn.Count);

        // Where a batch has one row of the window at most, places are slots; nothing is counted then for each of very many batches.
        var next = streams < batchRows ? Firsts(first, turn.Count, streams, batchRows) : [];
        foreach (ref var slot in slots.AsSpan())
        {
            if (slot < 0)
                continue;
            var (batch, place) = Math.DivRem((ulong)(first + ((long)slot * streams)), (ulong)batchRows);
            if (streams < batchRows)
                slot = next[batch]++;
            places[slot] = (int)place;
        }

        return (slots, places);
    }

    /// <summary>Of each batch that has rows of the window, the slot of the first.</summary>
    private static int[] Firsts(long first, int count, int streams, int batchRows)
    {
        var firsts = new int[((first + ((count - 1L) * streams)) / batchRows) + 1];
        for (var batch = 1; batch < firsts.Length; batch++)
            firsts[batch] = (int)(((batch * (long)batchRows) - first + streams - 1) / streams);
        return firsts;
    }

    /// <summary>One column; several may be copied at the same time.</summary>
    /// <param name="ranges">All rows of the window, in the order of its parts.</param>
    /// <param name="column">Its place in their schema.</param>
    /// <param name="slots">Where each of the rows goes; -1 for those that are another shard's.</param>
    /// <param name="rows">How many go somewhere.</param>
    /// <param name="pool">Where they are put.</param>
    public static (ArrayData Column, BufferLease Memory) Of(
        IReadOnlyList<RowRange> ranges, int column, int[] slots, int rows, BufferPool pool)
    {
        var memory = pool.Lease();
        var sources = ranges.Select(r => new ArrayRange(r.Batch.Column(column).Data, r.From, r.Rows));
        return (new ArrayScatter(slots, rows, memory).Of([.. sources]), memory);
    }
}
