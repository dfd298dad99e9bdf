namespace Catalog.Schemas;

/// <summary>Paths of nested columns: names joined by dots, with a backslash before each dot or backslash that belongs to a name.</summary>
internal static class ColumnPath
{
    public static string Join(string parent, string name)
    {
        var escaped = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal);
        return parent.Length == 0 ? escaped : $"{parent}.{escaped}";
    }
}
