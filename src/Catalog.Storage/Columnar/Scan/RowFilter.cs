using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Keeps the rows of a batch that meet every condition, and of these the columns that were asked for.</summary>
/// <param name="tests">With the place of their column among those that are read.</param>
/// <param name="schema">Of what is handed out: the first columns of those that are read.</param>
internal sealed class RowFilter(IReadOnlyList<(int Column, RowTest Test)> tests, Schema schema)
{
    /// <summary>A batch that takes the place of the one given, or null where no row is left; that one is then gone.</summary>
    public RecordBatch? Apply(RecordBatch batch)
    {
        if (tests.Count == 0)
            return batch;

        var marks = Marks(tests, batch);
        var kept = marks.AsSpan().Count(true);
        if (kept == batch.Length)
            return Whole(batch);

        using (batch)
            return kept == 0 ? null : Some(batch, Rows(marks, kept));
    }

    /// <summary>How many rows of a batch meet every condition.</summary>
    public static int Count(IReadOnlyList<(int Column, RowTest Test)> tests, RecordBatch batch) =>
        Marks(tests, batch).AsSpan().Count(true);

    private static bool[] Marks(IReadOnlyList<(int Column, RowTest Test)> tests, RecordBatch batch)
    {
        var marks = new bool[batch.Length];
        marks.AsSpan().Fill(true);
        foreach (var (column, test) in tests)
            test.Mark(batch.Column(column).Data, marks);
        return marks;
    }

    private RecordBatch Whole(RecordBatch batch)
    {
        var columns = schema.FieldsList.Count;
        foreach (var unwanted in batch.Arrays.Skip(columns))
            unwanted.Dispose();
        return new(schema, batch.Arrays.Take(columns), batch.Length);
    }

    private RecordBatch Some(RecordBatch batch, int[] rows) =>
        new(schema, [.. batch.Arrays.Take(schema.FieldsList.Count).Select(a => RowGather.Take(a, rows))], rows.Length);

    private static int[] Rows(bool[] marks, int count)
    {
        var rows = new int[count];
        for (int i = 0, at = 0; at < count; i++)
        {
            rows[at] = i;
            at += marks[i] ? 1 : 0;
        }

        return rows;
    }
}
