using Apache.Arrow;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>As many rows that want features as memory has room for, with their times.</summary>
/// <param name="Batches">Whole, in order.</param>
/// <param name="Times">By row, in microseconds; <see cref="long.MinValue"/> for a row without.</param>
/// <param name="Bytes">About what it takes in memory, with what one view after the other needs for it.</param>
internal sealed record RowChunk(IReadOnlyList<RecordBatch> Batches, long[] Times, long Bytes)
{
    public int Rows => Times.Length;

    /// <summary>Numbers the keys of the rows.</summary>
    /// <returns>By row; <see cref="KeyGroups.None"/> for one that matches nothing.</returns>
    public int[] Number(KeyGroups keys, KeyColumns columns)
    {
        var groups = new int[Rows];
        var at = 0;
        foreach (var batch in Batches)
        {
            keys.Add(batch, columns, Times.AsSpan(at, batch.Length), groups.AsSpan(at, batch.Length));
            at += batch.Length;
        }

        return groups;
    }
}
