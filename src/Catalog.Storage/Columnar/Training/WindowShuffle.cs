using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Copies the rows of a window into the order in which they are handed out.</summary>
internal static class WindowShuffle
{
    /// <summary>One column; several may be copied at the same time.</summary>
    /// <param name="ranges">All rows of the window, in the order of its parts.</param>
    /// <param name="column">Its place in their schema.</param>
    /// <param name="rows">Which of the rows, in which order.</param>
    /// <param name="pool">Where they are put.</param>
    public static (ArrayData Column, BufferLease Memory) Of(IReadOnlyList<RowRange> ranges, int column, int[] rows, BufferPool pool)
    {
        var memory = pool.Lease();
        if (ranges is [var only])
            return (RowGather.Take(only.Batch.Column(column).Data.Slice(only.From, only.Rows), rows, memory), memory);

        var joined = pool.Lease();
        var all = ArrayConcat.Of([.. ranges.Select(r => new ArrayRange(r.Batch.Column(column).Data, r.From, r.Rows))], joined);
        var taken = RowGather.Take(all, rows, memory);
        joined.Release();
        return (taken, memory);
    }
}
