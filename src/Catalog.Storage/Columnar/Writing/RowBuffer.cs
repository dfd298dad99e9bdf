using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Batches that wait to be written; rows are taken from the front as one contiguous batch.</summary>
internal sealed class RowBuffer(Schema schema) : IDisposable
{
    private readonly LinkedList<RecordBatch> _batches = [];

    public long Rows { get; private set; }

    /// <summary>Takes a batch over.</summary>
    /// <exception cref="ArgumentException">It has other columns than the file; it is disposed.</exception>
    public void Add(RecordBatch batch)
    {
        for (var i = 0; i < schema.FieldsList.Count; i++)
        {
            var field = schema.GetFieldByIndex(i);
            if (i < batch.ColumnCount && batch.Column(i).Data.DataType.TypeId == field.DataType.TypeId)
                continue;

            using (batch)
                throw new ArgumentException($"A batch has no column {i} '{field.Name}' of the type {field.DataType.Name}.", nameof(batch));
        }

        Rows += batch.Length;
        _batches.AddLast(batch);
    }

    public void PutBack(RecordBatch batch)
    {
        Rows += batch.Length;
        _batches.AddFirst(batch);
    }

    /// <summary>The first rows, which belong to the caller.</summary>
    public RecordBatch Take(int rows)
    {
        List<RecordBatch> parts = [];
        try
        {
            for (var missing = rows; missing > 0;)
            {
                var part = TakePart(missing);
                parts.Add(part);
                missing -= part.Length;
            }

            return Join(parts, rows);
        }
        finally
        {
            foreach (var part in parts)
                part.Dispose();
        }
    }

    /// <summary>Puts all rows into the order of columns, as <see cref="ParquetWriteOptions.SortBy"/> says.</summary>
    public void Sort(IReadOnlyList<string> columns)
    {
        using var all = Take(checked((int)Rows));
        var order = RowOrder.Of(columns.Select(c => all.Column(schema.GetFieldIndex(c)).Data), all.Length);
        PutBack(new(schema, [.. all.Arrays.Select(a => RowGather.Take(a, order))], all.Length));
    }

    public void Dispose()
    {
        foreach (var batch in _batches)
            batch.Dispose();
        _batches.Clear();
    }

    private RecordBatch TakePart(int most)
    {
        var first = _batches.First?.Value ?? throw new InvalidOperationException("More rows are taken than there are.");
        _batches.RemoveFirst();
        var rows = Math.Min(most, first.Length);
        Rows -= rows;
        if (rows == first.Length)
            return first;

        using (first)
        {
            _batches.AddFirst(first.SliceShared(rows, first.Length - rows));
            return first.SliceShared(0, rows);
        }
    }

    private RecordBatch Join(IReadOnlyList<RecordBatch> parts, int rows) => new(
        schema,
        [.. schema.FieldsList.Select((field, i) => Join([.. parts.Select(p => p.Column(i))], field.DataType))],
        rows);

    private static IArrowArray Join(IArrowArray[] parts, IArrowType type) => (parts, type) switch
    {
        (_, NullType) => new NullArray(parts.Sum(p => p.Length)),
        ([], _) => RowGather.Take(EmptyArrays.Of(type), []),
        ([var only], _) => ArrowArrayFactory.BuildArray(only.Data.Retain()),
        _ => ArrowArrayConcatenator.Concatenate(parts),
    };
}
