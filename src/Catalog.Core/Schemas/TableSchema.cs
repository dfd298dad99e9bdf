namespace Catalog.Schemas;

/// <summary>The columns of a table, in order. Compared by value.</summary>
public sealed record TableSchema(IReadOnlyList<Column> Columns)
{
    public bool Equals(TableSchema? other) => other is not null && Columns.SequenceEqual(other.Columns);

    public override int GetHashCode() => Columns.Aggregate(17, HashCode.Combine);

    /// <summary>
    /// The column at a path (<c>a.b</c>; dots within names escaped as in <see cref="ColumnChange"/>), or null when there is none.
    /// </summary>
    public Column? Find(string path) => Find(Columns, parent: "", path);

    /// <summary>The paths of all columns, those of a struct, list or map before those within it.</summary>
    public IEnumerable<string> Paths() => Paths(Columns, parent: "");

    private static IEnumerable<string> Paths(IReadOnlyList<Column> columns, string parent) => columns.SelectMany(column =>
    {
        var path = ColumnPath.Join(parent, column.Name);
        return Paths(column.Children ?? [], path).Prepend(path);
    });

    private static Column? Find(IReadOnlyList<Column> columns, string parent, string path)
    {
        foreach (var column in columns)
        {
            var here = ColumnPath.Join(parent, column.Name);
            if (here == path)
                return column;
            if (path.StartsWith(here + '.', StringComparison.Ordinal) && Find(column.Children ?? [], here, path) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>
    /// What is wrong with the schema, in a sentence, or null: unknown types, children that do not fit their type, a name used twice.
    /// </summary>
    public string? Check() => Column.CheckAll(Columns, parent: "");
}

/// <summary>
/// A column: its name, its canonical type (<see cref="ColumnTypes"/>), whether it may hold nulls. A <c>struct</c> has its fields as
/// children, a <c>list</c> one child (the element), a <c>map</c> two (key, value); every other type has none. Compared by value.
/// </summary>
public sealed record Column(string Name, string Type, bool Nullable, IReadOnlyList<Column>? Children = null)
{
    public bool Equals(Column? other) =>
        other is not null && Name == other.Name && Type == other.Type && Nullable == other.Nullable
        && (Children ?? []).SequenceEqual(other.Children ?? []);

    public override int GetHashCode() => (Children ?? []).Aggregate(HashCode.Combine(Name, Type, Nullable), HashCode.Combine);

    internal static string? CheckAll(IReadOnlyList<Column> columns, string parent)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            var path = ColumnPath.Join(parent, column.Name);
            if (!names.Add(column.Name))
            {
                return $"There are two columns '{path}'; names within a table or struct must differ.";
            }

            if (column.Check(path) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private string? Check(string path)
    {
        if (string.IsNullOrEmpty(Name) || Names.CheckCharacters(Name) is not null)
        {
            return $"A column under '{path}' needs a name without control characters.";
        }

        if (!ColumnTypes.IsValid(Type))
        {
            return $"Column '{path}' has the type '{Type}'. The types are {ColumnTypes.List}.";
        }

        var count = Children?.Count ?? 0;
        return Type switch
        {
            "struct" when Children is null => $"Struct '{path}' must have its fields as children.",
            "list" when count != 1 => $"List '{path}' must have one child, its element, not {count}.",
            "map" when count != 2 => $"Map '{path}' must have two children, key and value, not {count}.",
            not ("struct" or "list" or "map") when count != 0 => $"Column '{path}' of type {Type} must have no children.",
            _ => CheckAll(Children ?? [], path),
        };
    }
}
