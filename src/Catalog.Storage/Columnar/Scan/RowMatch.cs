using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Tells the rows of batches that meet any of some conditions from those that meet none.</summary>
public sealed class RowMatch
{
    private readonly (int Column, RowTest Test)[] _tests;

    private RowMatch((int Column, RowTest Test)[] tests) => _tests = tests;

    /// <param name="conditions">Each is enough.</param>
    /// <param name="schema">Of the batches.</param>
    /// <exception cref="ScanException">A condition does not fit its column.</exception>
    public static RowMatch OfAny(IReadOnlyList<Condition> conditions, Schema schema) =>
        new([.. conditions.Select(c => (schema.GetFieldIndex(c.Column), RowTests.Of(c, schema.GetFieldByName(c.Column))))]);

    /// <summary>By row, whether it meets a condition.</summary>
    public bool[] Of(RecordBatch batch)
    {
        var (any, one) = (new bool[batch.Length], new bool[batch.Length]);
        foreach (var (column, test) in _tests)
        {
            one.AsSpan().Fill(true);
            test.Mark(batch.Column(column).Data, one);
            for (var i = 0; i < any.Length; i++)
                any[i] |= one[i];
        }

        return any;
    }
}
