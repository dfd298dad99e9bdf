using Catalog.Schemas;

namespace Catalog.Features;

/// <summary>Whether a table has what a definition takes from it: columns of types that its own can hold.</summary>
public static class SourceFit
{
    private const int Listed = 20;

    /// <summary>All that the table lacks, from the definition's first field to its last.</summary>
    /// <param name="definition">Without faults of its own (<see cref="FeatureRules"/>).</param>
    /// <param name="schema">Of the source.</param>
    public static IReadOnlyList<FeatureFault> Check(FeatureDefinition definition, TableSchema schema)
    {
        var columns = new Dictionary<string, Column>(StringComparer.Ordinal);
        foreach (var column in schema.Columns)
            columns.TryAdd(column.Name, column);
        return
        [
            .. definition.Entities
                .SelectMany((e, i) => e.Keys.Select((k, j) => Key(k, $"entities[{i}].keys[{j}]", columns)))
                .OfType<FeatureFault>(),
            .. Times(definition.Source, columns),
            .. definition.Features.Select((f, i) => Feature(f, $"features[{i}]", columns)).OfType<FeatureFault>(),
        ];
    }

    private static FeatureFault? Key(EntityKey key, string field, Dictionary<string, Column> columns) =>
        !columns.TryGetValue(key.Column, out var column) ? Missing($"{field}.column", key.Column, columns)
        : Holds(key.Type, column.Type) ? null
        : new($"{field}.type", $"of the key '{key.Name}' is {key.Type}, and the column '{column.Name}' is {column.Type}.");

    private static IEnumerable<FeatureFault> Times(FeatureSource source, Dictionary<string, Column> columns)
    {
        if (Time("source.eventTime", source.EventTime, columns) is { } eventTime)
            yield return eventTime;
        if (source.CreatedTime is { } name && Time("source.createdTime", name, columns) is { } createdTime)
            yield return createdTime;
    }

    private static FeatureFault? Time(string field, string name, Dictionary<string, Column> columns) =>
        !columns.TryGetValue(name, out var column) ? Missing(field, name, columns)
        : column.Type == "date" || column.Type.StartsWith("timestamp", StringComparison.Ordinal) ? null
        : new(field, $"must be a column of type date or timestamp; '{name}' is {column.Type}.");

    private static FeatureFault? Feature(Feature feature, string field, Dictionary<string, Column> columns)
    {
        if (feature.Column is not { } name)
            return null;
        if (!columns.TryGetValue(name, out var column))
            return Missing($"{field}.column", name, columns);
        return Fits(feature, column) ? null : new($"{field}.type", Differs(feature, column));
    }

    private static bool Fits(Feature feature, Column column) => feature.Aggregation?.Function switch
    {
        AggregateFunction.Count => true,
        AggregateFunction.Sum => feature.Type == "int64" ? IsSummed(column.Type) : FeatureType.IsFloat(column.Type),
        AggregateFunction.Mean => IsSummed(column.Type) || FeatureType.IsFloat(column.Type),
        _ => FeatureType.DimensionsOf(feature.Type) is not null ? Element(column) is "float32" or "float16"
            : FeatureType.ElementOf(feature.Type) is { } element ? Element(column) is { } there && Holds(element, there)
            : Holds(feature.Type, column.Type),
    };

    private static string Differs(Feature feature, Column column) =>
        $"of '{feature.Name}' is {feature.Type}{(feature.Aggregation is { } a ? $", as the {Aggregations.Write(a.Function)}" : "")}, "
        + $"and the column '{column.Name}' is {(Element(column) is { } element ? $"list({element})" : column.Type)}"
        + (feature.Aggregation?.Function is AggregateFunction.Sum or AggregateFunction.Mean ? Summed(column.Type) : ".");

    // Not all of uint64 is within int64.
    private static bool IsSummed(string type) => FeatureType.IsInteger(type) && type != "uint64";

    private static string Summed(string type) =>
        IsSummed(type) ? ": whole numbers sum to int64."
        : FeatureType.IsFloat(type) ? ": floating-point numbers sum to float64."
        : ": only floating-point numbers and whole ones within int64 are summed.";

    /// <summary>Whether each value of a column's type is one of the other: the same, or a number of a wider kind.</summary>
    private static bool Holds(string type, string column) =>
        type == column || (IsNumber(type) && IsNumber(column) && ColumnTypes.Widens(column, type));

    private static bool IsNumber(string type) => FeatureType.IsInteger(type) || FeatureType.IsFloat(type);

    private static string? Element(Column column) => column is { Type: "list", Children: [var element] } ? element.Type : null;

    private static FeatureFault Missing(string field, string name, Dictionary<string, Column> columns) => new(
        field,
        $"must be a column of the source, which has no '{name}'; it has "
        + $"{string.Join(", ", columns.Keys.Take(Listed))}{(columns.Count > Listed ? $" and {columns.Count - Listed} more" : "")}.");
}
