using Marten;
using Weasel.Postgresql.Tables;

namespace Catalog.Platform.Store;

/// <summary>
/// A table that a projection fills with rows that merge: each column says how, and whichever rows come first, the table is the same. One
/// statement takes all rows of a page of the log, one array a column.
/// </summary>
internal sealed class MergeTable
{
    private readonly string _name;
    private readonly IReadOnlyList<MergeColumn> _columns;
    private readonly int[] _keys;
    private readonly int[] _stamps;
    private readonly List<string[]> _indexes = [];

    /// <param name="name">In our schema.</param>
    /// <param name="columns">In the order of the values of a row.</param>
    public MergeTable(string name, params IReadOnlyList<MergeColumn> columns)
    {
        (_name, _columns) = ($"{CatalogStore.Schema}.{name}", columns);
        _keys = [.. Enumerable.Range(0, columns.Count).Where(i => columns[i].Rule == Merging.Key)];
        _stamps = [.. columns.Select(c => c.Stamp is null ? -1 : columns.ToList().FindIndex(s => s.Name == c.Stamp))];
        Sql = Write();
    }

    public string Name => _name;

    /// <summary>Takes one <c>?</c> a column: the array that <see cref="Arrays"/> makes of it.</summary>
    public string Sql { get; }

    /// <param name="columns">Names, in the order of the index.</param>
    public MergeTable WithIndex(params string[] columns)
    {
        _indexes.Add(columns);
        return this;
    }

    public void AddTo(StoreOptions options)
    {
        var table = new Table(_name);
        foreach (var column in _columns)
        {
            var added = table.AddColumn(column.Name, column.DbType);
            if (column.Rule == Merging.Key)
                added.AsPrimaryKey();
        }

        foreach (var index in _indexes)
            table.Indexes.Add(new IndexDefinition($"{table.Identifier.Name}_{string.Join('_', index)}") { Columns = index });
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>Rows merged into one a key: a statement may meet a row only once.</summary>
    public IReadOnlyList<object?[]> Merge(IEnumerable<object?[]> rows)
    {
        var merged = new Dictionary<string, object?[]>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var key = KeyOf(row);
            if (merged.TryGetValue(key, out var there))
                MergeInto(there, row);
            else
                merged.Add(key, row);
        }

        return [.. merged.Values];
    }

    /// <summary>The values of each column, typed, to be given to <see cref="Sql"/>.</summary>
    public object[] Arrays(IReadOnlyList<object?[]> rows)
    {
        var arrays = new object[_columns.Count];
        for (var i = 0; i < arrays.Length; i++)
        {
            var values = Array.CreateInstance(_columns[i].Type, rows.Count);
            for (var row = 0; row < rows.Count; row++)
                values.SetValue(rows[row][i], row);
            arrays[i] = values;
        }

        return arrays;
    }

    private string KeyOf(object?[] row) => string.Join(
        MergeColumn.Separator, _keys.Select(k => row[k] is byte[] bytes ? Convert.ToHexString(bytes) : row[k]?.ToString()));

    private void MergeInto(object?[] row, object?[] other)
    {
        // The stamps last: they say which values are the latest.
        for (var i = 0; i < _columns.Count; i++)
        {
            if (_columns[i].Rule == Merging.Latest && IsGreater(other[_stamps[i]], row[_stamps[i]]))
                row[i] = other[i];
        }

        for (var i = 0; i < _columns.Count; i++)
        {
            var takes = _columns[i].Rule switch
            {
                Merging.Least => row[i] is null || IsGreater(row[i], other[i] ?? row[i]),
                Merging.Greatest => IsGreater(other[i], row[i]),
                _ => false,
            };
            row[i] = takes ? other[i] : row[i];
        }
    }

    private static bool IsGreater(object? a, object? b) => a is not null && (b is null || MergeColumn.Compare(a, b) > 0);

    private string Write()
    {
        var names = string.Join(", ", _columns.Select(c => c.Name));
        var arrays = string.Join(", ", _columns.Select(c => $"?::{c.SentAs}[]"));
        var keys = string.Join(", ", _keys.Select(k => _columns[k].Name));
        return $"""
            insert into {_name} as t ({names})
            select {string.Join(", ", _columns.Select(c => c.Stored))} from unnest({arrays}) as sent ({names})
            on conflict ({keys}) do {OnConflict()}
            """;
    }

    private string OnConflict()
    {
        var changing = _columns.Where(c => c.Rule is not (Merging.Key or Merging.Constant)).ToList();
        if (changing.Count == 0)
            return "nothing";
        var set = $"update set {string.Join(", ", changing.Select(c => $"{c.Name} = {c.Merged}"))}";

        // Where all depends on one stamp, a row that says nothing newer writes nothing.
        return changing.Select(c => c.Stamp ?? c.Name).Distinct(StringComparer.Ordinal).ToList() is [var stamp]
            ? $"{set} where excluded.{stamp} > t.{stamp}"
            : set;
    }
}
