using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Copies the rows of a window into the order in which they are handed out.</summary>
internal static class WindowShuffle
{
    /// <summary>One column; several may be copied at the same time.</summary>
    /// <param name="ranges">All rows of the window, in the order of its parts.</param>
    /// <param name="column">Its place in their schema.</param>
    /// <param name="places">Where each of the rows goes; -1 for those that are another shard's.</param>
    /// <param name="rows">How many go somewhere.</param>
    /// <param name="pool">Where they are put.</param>
    public static (ArrayData Column, BufferLease Memory) Of(
        IReadOnlyList<RowRange> ranges, int column, int[] places, int rows, BufferPool pool)
    {
        var memory = pool.Lease();
        var sources = ranges.Select(r => new ArrayRange(r.Batch.Column(column).Data, r.From, r.Rows));
        return (new ArrayScatter(places, rows, memory).Of([.. sources]), memory);
    }
}
