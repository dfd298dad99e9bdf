namespace Catalog.Schemas;

/// <summary>Paths of nested columns: names joined by dots, with a backslash before each dot or backslash that belongs to a name.</summary>
public static class ColumnPath
{
    /// <summary>The path of a column.</summary>
    /// <param name="parent">The path of the column that it is in; empty for none.</param>
    /// <param name="name">As the schema has it.</param>
    public static string Join(string parent, string name)
    {
        var escaped = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal);
        return parent.Length == 0 ? escaped : $"{parent}.{escaped}";
    }
}
