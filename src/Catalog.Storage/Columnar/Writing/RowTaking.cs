using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Chosen rows of batches.</summary>
public static class RowTaking
{
    /// <summary>A new batch of some rows, in the order wanted. The one given stays the caller's.</summary>
    public static RecordBatch Take(RecordBatch batch, ReadOnlySpan<int> rows)
    {
        var arrays = new IArrowArray[batch.ColumnCount];
        for (var i = 0; i < arrays.Length; i++)
            arrays[i] = RowGather.Take(batch.Column(i), rows);
        return new(batch.Schema, arrays, rows.Length);
    }
}
