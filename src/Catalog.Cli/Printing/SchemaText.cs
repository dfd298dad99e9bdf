using Catalog.Integrity;
using Catalog.Schemas;

namespace Catalog.Cli.Printing;

/// <summary>Schemas and their changes, for people.</summary>
internal static class SchemaText
{
    private const int Most = 60;

    public static string? List(TableSchema? schema, IReadOnlyDictionary<string, ColumnStatistics>? statistics = null)
    {
        if (schema is null)
            return null;

        var lines = schema.Columns
            .Take(Most)
            .Select(c => $"{c.Name}  {c.Type}{(c.Nullable ? "" : "  not null")}{Range(statistics?.GetValueOrDefault(c.Name))}");
        var more = schema.Columns.Count > Most ? [$"… and {schema.Columns.Count - Most} more"] : Array.Empty<string>();
        return string.Join('\n', lines.Concat(more));
    }

    public static string? Changes(SchemaChange? change) => change is null || change.Level is SchemaChangeLevel.None
        ? null
        : $"{change.Level.ToString().ToLowerInvariant()}: {string.Join("; ", change.Changes.Select(Describe))}";

    private static string Range(ColumnStatistics? statistics) => statistics switch
    {
        null or { Min: null, Max: null, Nulls: null } => "",
        { Min: null } => $"  ({Plain.Count(statistics.Nulls)} nulls)",
        _ => $"  {statistics.Min} … {statistics.Max}{(statistics.Nulls > 0 ? $"  ({Plain.Count(statistics.Nulls)} nulls)" : "")}",
    };

    private static string Describe(ColumnChange c) => (c.From, c.To) switch
    {
        (null, null) => $"{c.Column} {c.Kind}",
        (null, { } to) => $"{c.Column} {c.Kind} ({to})",
        ({ } from, null) => $"{c.Column} {c.Kind} ({from})",
        var (from, to) => $"{c.Column} {c.Kind} ({from} → {to})",
    };
}
