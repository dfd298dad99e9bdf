using System.Globalization;
using System.Text.Json;
using Catalog.Schemas;
using Catalog.Sharing;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// Conditions in the protocol's JSON, such as <c>{"op":"equal","children":[{"op":"column","name":"day","valueType":"date"},
/// {"op":"literal","value":"2021-04-29","valueType":"date"}]}</c>. They are hints: a part that cannot be read, or that would compare values
/// as another type than their column's, says nothing, and then no file is left out for it.
/// </summary>
internal static class JsonPredicates
{
    private static readonly string[] s_instants = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];
    private static readonly JsonDocumentOptions s_lenient = new() { AllowTrailingCommas = true, MaxDepth = 64 };

    /// <summary>The condition; null where nothing can be read.</summary>
    public static FileTest? Read(string? text, TableSchema schema)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text, s_lenient);
            return Read(document.RootElement, schema);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FileTest Read(JsonElement node, TableSchema schema)
    {
        var children = Children(node);
        return (Text(node, "op"), children) switch
        {
            ("and", { Count: > 0 }) => new FileTest.All([.. children.Select(c => Read(c, schema))]),
            ("or", { Count: > 0 }) =>
                new FileTest.Not(new FileTest.All([.. children.Select(c => new FileTest.Not(Read(c, schema)))])),
            ("not", [var only]) => new FileTest.Not(Read(only, schema)),
            ("isNull", [var only]) when ColumnOf(only, schema) is { } column => new FileTest.Missing(column.Path),
            ({ } op, [var left, var right]) when ComparisonOf(op) is { } comparison => Compare(left, comparison, right, schema),
            _ => FileTest.Anything,
        };
    }

    private static FileTest Compare(JsonElement left, FileComparison comparison, JsonElement right, TableSchema schema)
    {
        if (Text(left, "op") == "literal")
            (left, right, comparison) = (right, left, Turned(comparison));
        return ColumnOf(left, schema) is var (path, type) && Text(right, "op") == "literal" && Text(right, "value") is { } value
            && Agrees(Text(right, "valueType"), type) && Agrees(Text(left, "valueType"), type) && IsWritten(value, type)
            ? new FileTest.Compare(path, type, comparison, value)
            : FileTest.Anything;
    }

    private static FileComparison? ComparisonOf(string op) => op switch
    {
        "equal" => FileComparison.Equal,
        "lessThan" => FileComparison.LessThan,
        "lessThanOrEqual" => FileComparison.LessThanOrEqual,
        "greaterThan" => FileComparison.GreaterThan,
        "greaterThanOrEqual" => FileComparison.GreaterThanOrEqual,
        _ => null,
    };

    private static FileComparison Turned(FileComparison comparison) => comparison switch
    {
        FileComparison.LessThan => FileComparison.GreaterThan,
        FileComparison.LessThanOrEqual => FileComparison.GreaterThanOrEqual,
        FileComparison.GreaterThan => FileComparison.LessThan,
        FileComparison.GreaterThanOrEqual => FileComparison.LessThanOrEqual,
        _ => comparison,
    };

    /// <summary>Whether a value of this type is compared as the column's own are.</summary>
    private static bool Agrees(string? valueType, string type) => valueType switch
    {
        "int" => type is "int8" or "int16" or "int32" or "uint8" or "uint16",
        "long" => type is "int8" or "int16" or "int32" or "int64" or "uint8" or "uint16" or "uint32",
        "float" => type is "float32",
        "double" => type is "float32" or "float64",
        "string" => type is "string",
        "date" => type is "date",
        "timestamp" => type.StartsWith("timestamp(", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>
    /// Whether a value is written as statistics write those of its type. Times are compared as texts, so another offset than UTC's would be
    /// taken for another time.
    /// </summary>
    private static bool IsWritten(string value, string type) => type switch
    {
        "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ when type.StartsWith("timestamp(", StringComparison.Ordinal) =>
            DateTime.TryParseExact(value, s_instants, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        _ => true,
    };

    /// <summary>A top-level column of the name, whatever is in it; else the one at the path.</summary>
    private static (string Path, string Type)? ColumnOf(JsonElement node, TableSchema schema)
    {
        if (Text(node, "op") != "column" || Text(node, "name") is not { } name)
            return null;
        if (schema.Columns.FirstOrDefault(c => c.Name == name) is { } top)
            return (ColumnPath.Join("", top.Name), top.Type);
        return schema.Find(name) is { } nested ? (name, nested.Type) : null;
    }

    private static IReadOnlyList<JsonElement> Children(JsonElement node) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty("children", out var children)
        && children.ValueKind == JsonValueKind.Array
            ? [.. children.EnumerateArray()]
            : [];

    private static string? Text(JsonElement node, string member) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
