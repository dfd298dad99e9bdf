using System.Text.Json;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Store;
using Catalog.Schemas;

namespace Catalog.Manifests;

/// <summary>
/// Folds what the files of a table say of themselves into what they say together. Files of different ages may differ, as long as one of
/// their schemas can read them all: that one is the table's. It does not depend on the order of the files. Nothing of a file is kept once
/// it is taken in.
/// </summary>
internal sealed class TableJoin
{
    /// <summary>Schemas kept that do not go together so far: a later file may have one that reads them all.</summary>
    private const int MaxApart = 16;

    private readonly List<(TableSchema Schema, string Path)> _widest = [];
    private readonly Dictionary<string, ColumnStatisticsMerge> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private Problem? _unlike;
    private long _files;

    /// <param name="path">What to call the file in an error.</param>
    public void Add(string path, TableSchema schema, IReadOnlyDictionary<string, ColumnStatistics> statistics, long? rows)
    {
        _files++;
        Widen(schema, path);
        if (_unlike is not null)
            return;
        foreach (var (column, known) in statistics)
        {
            if (!_columns.TryGetValue(column, out var merge))
                _columns.Add(column, merge = new ColumnStatisticsMerge());
            merge.Add(TypeOf(column), known, rows);
        }
    }

    /// <summary>The table, or <c>schema.inconsistent</c> when no schema reads all files; null for no files.</summary>
    public Outcome<TableFacts>? Result() => (_unlike, _widest) switch
    {
        ({ } unlike, _) => unlike,
        (_, []) => null,
        (_, [var (schema, _)]) => new TableFacts(schema, _columns.ToDictionary(c => c.Key, c => Known(c.Value), StringComparer.Ordinal)),
        (_, [var (one, _), var (other, path), ..]) => Unlike(path, one, other),
    };

    /// <summary>A column that some files do not have, or say nothing of, is one of which nothing is known.</summary>
    private ColumnStatistics Known(ColumnStatisticsMerge column) => column.Files == _files ? column.Result() : ColumnStatistics.Unknown;

    private void Widen(TableSchema schema, string path)
    {
        for (var i = _widest.Count - 1; i >= 0; i--)
        {
            var (wide, _) = _widest[i];
            if (wide.Equals(schema))
                return;
            switch (Reads(wide, schema), Reads(schema, wide))
            {
                case (true, true):
                    _widest[i] = First(wide, schema) ? _widest[i] : (schema, path);
                    return;
                case (true, false):
                    return;
                case (false, true):
                    _widest.RemoveAt(i);
                    break;
            }
        }

        _types.Clear();
        if (_widest.Count == MaxApart)
            _unlike ??= Unlike(path, _widest[0].Schema, schema);
        else
            _widest.Add((schema, path));
    }

    private static bool Reads(TableSchema reader, TableSchema file) => !SchemaComparison.Compare(file, reader).IsBreaking;

    /// <summary>
    /// Of schemas that differ in the order of their columns only, one is as good as the other, but it must always be the same one.
    /// </summary>
    private static bool First(TableSchema a, TableSchema b) =>
        string.CompareOrdinal(JsonSerializer.Serialize(a, CatalogStore.Json), JsonSerializer.Serialize(b, CatalogStore.Json)) <= 0;

    private static Problem Unlike(string path, TableSchema before, TableSchema schema)
    {
        var change = SchemaComparison.Compare(before, schema).Changes.First(c => c.Level == SchemaChangeLevel.Major);
        return Problem.Field(
            "schema.inconsistent", "files",
            $"'{path}' does not fit the files before it: column '{change.Column}' {change.Kind.Replace('_', ' ')}.");
    }

    /// <summary>Remembered, because looking a column up in a schema costs as much as the schema is wide.</summary>
    private string TypeOf(string column)
    {
        if (!_types.TryGetValue(column, out var type))
            _types.Add(column, type = _widest.Select(w => w.Schema.Find(column)?.Type).FirstOrDefault(t => t is not null) ?? "");
        return type;
    }
}
