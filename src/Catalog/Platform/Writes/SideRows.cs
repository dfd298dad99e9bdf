using Marten;

namespace Catalog.Platform.Writes;

/// <summary>
/// A table beside the log that writes fill in the transaction of their facts. Its statement takes one array a column, so that all rows of a
/// shared commit go in at once.
/// </summary>
/// <param name="sql">Inserts from <c>unnest</c> of one <c>?</c> a column, and bears rows that are there already.</param>
/// <param name="columns">The .NET type of each column.</param>
internal sealed class SideTable(string sql, params IReadOnlyList<Type> columns)
{
    public string Sql => sql;

    public IReadOnlyList<Type> Columns => columns;
}

/// <summary>The rows that the writes of one shared commit leave beside the log: manifests, labels.</summary>
internal sealed class SideRows
{
    private readonly Dictionary<SideTable, List<object[]>> _rows = [];

    /// <param name="row">A value a column, in the table's order.</param>
    public void Add(SideTable table, params object[] row)
    {
        if (!_rows.TryGetValue(table, out var rows))
            _rows.Add(table, rows = []);
        rows.Add(row);
    }

    /// <summary>Queues one statement a table.</summary>
    public void AppendTo(IDocumentOperations operations)
    {
        foreach (var (table, rows) in _rows)
            operations.QueueSqlCommand(table.Sql, [.. table.Columns.Select((type, i) => Column(type, rows, i))]);
    }

    internal static Array Column(Type type, List<object[]> rows, int column)
    {
        var values = Array.CreateInstance(type, rows.Count);
        for (var i = 0; i < rows.Count; i++)
            values.SetValue(rows[i][column], i);
        return values;
    }
}
