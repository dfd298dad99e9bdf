namespace Catalog.Storage.Columnar;

/// <summary>A flat table, whole in memory and without nulls: for small ones.</summary>
public sealed class Table
{
    /// <exception cref="ArgumentException">There is no column, two have one name, or one is longer than another.</exception>
    public Table(params IReadOnlyList<TableColumn> columns)
    {
        if (columns.Count == 0 || columns.Any(c => c.Rows != columns[0].Rows))
            throw new ArgumentException("A table needs columns of one length.", nameof(columns));
        if (columns.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() != columns.Count)
            throw new ArgumentException("A table needs columns of different names.", nameof(columns));

        Columns = columns;
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    public int Rows => Columns[0].Rows;

    /// <exception cref="ArgumentException">There is no such column, or it holds something else.</exception>
    public IReadOnlyList<T> Column<T>(string name)
        where T : notnull => Columns.FirstOrDefault(c => c.Name == name) switch
        {
            TableColumn<T> column => column.Values,
            null => throw new ArgumentException($"The table has no column '{name}'.", nameof(name)),
            _ => throw new ArgumentException($"The column '{name}' does not hold {typeof(T).Name}.", nameof(name)),
        };
}

/// <summary>A column of a <see cref="Table"/>.</summary>
public abstract class TableColumn
{
    private protected TableColumn(string name) => Name = name;

    public string Name { get; }

    public abstract int Rows { get; }

    /// <param name="name">Its name.</param>
    /// <param name="values">
    /// <see cref="int"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, or <see cref="DateTime"/> in milliseconds
    /// and without a time zone.
    /// </param>
    public static TableColumn Of<T>(string name, IReadOnlyList<T> values)
        where T : notnull => new TableColumn<T>(name, values);
}

internal sealed class TableColumn<T>(string name, IReadOnlyList<T> values) : TableColumn(name)
    where T : notnull
{
    public IReadOnlyList<T> Values { get; } = values;

    public override int Rows => Values.Count;
}
