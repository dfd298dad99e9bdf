using System.Buffers;
using System.Text;
using System.Text.Json;
using Catalog.Schemas;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// Schemas as Spark writes them in JSON. Types are those that Spark reads from the same Parquet files; a column of a type that Delta has no
/// word for is left out, and with it whatever holds it.
/// </summary>
internal static class SparkSchema
{
    private const int MaxDecimalDigits = 38;

    private const string ZonelessTime = "timestamp_ntz";

    /// <summary>A schema as JSON in a string.</summary>
    /// <param name="schema">As the catalog has it.</param>
    /// <param name="zoneless">Whether timestamps without a zone are written as such.</param>
    public static string Write(TableSchema schema, bool zoneless = false)
    {
        var output = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = SharingJson.Options.Encoder }))
            WriteStruct(json, schema.Columns, zoneless);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Whether Delta has a word for a column's type and for those within it.</summary>
    public static bool Has(Column column) => column switch
    {
        { Type: "struct" } => column.Children?.Any(Has) is true,
        { Type: "list" or "map" } => column.Children?.All(Has) is true,
        _ => Plain(column.Type) is not null,
    };

    /// <summary>Whether there are timestamps without a zone, at any depth.</summary>
    public static bool HasZoneless(TableSchema schema) => schema.Columns.Any(HasZoneless);

    /// <summary>Paths of the columns that are left out.</summary>
    public static IEnumerable<string> LeftOut(TableSchema schema) => LeftOut(schema.Columns, parent: "");

    /// <summary>
    /// The name of a type without others in it; null where Delta has none. Sharing's own format knows one timestamp: clients that meet
    /// another there give up the table.
    /// </summary>
    /// <param name="type">As the catalog names it.</param>
    /// <param name="zoneless">Whether timestamps without a zone are written as such.</param>
    public static string? Plain(string type, bool zoneless = false) => type switch
    {
        _ when zoneless && IsZoneless(type) => ZonelessTime,
        "bool" => "boolean",
        "int8" => "byte",
        "int16" or "uint8" => "short",
        "int32" or "uint16" => "integer",
        "int64" or "uint32" => "long",
        "uint64" => "decimal(20,0)",
        "float32" => "float",
        "float64" => "double",
        "string" or "json" => "string",
        "binary" or "uuid" => "binary",
        "date" => "date",
        _ when type.StartsWith("fixed_binary(", StringComparison.Ordinal) => "binary",
        _ when type.StartsWith("timestamp(", StringComparison.Ordinal) => "timestamp",
        _ when type.StartsWith("decimal(", StringComparison.Ordinal) && Digits(type) <= MaxDecimalDigits => type,
        _ => null,
    };

    private static bool HasZoneless(Column column) => IsZoneless(column.Type) || column.Children?.Any(HasZoneless) is true;

    private static bool IsZoneless(string type) =>
        type.StartsWith("timestamp(", StringComparison.Ordinal) && !type.EndsWith(",UTC)", StringComparison.Ordinal);

    private static int Digits(string type) => int.Parse(type.AsSpan("decimal(".Length, type.IndexOf(',', StringComparison.Ordinal) - 8));

    private static IEnumerable<string> LeftOut(IEnumerable<Column> columns, string parent) => columns.SelectMany(column =>
    {
        var path = ColumnPath.Join(parent, column.Name);
        return Has(column) ? LeftOut(column.Children ?? [], path) : [path];
    });

    private static void WriteStruct(Utf8JsonWriter json, IEnumerable<Column> fields, bool zoneless)
    {
        json.WriteStartObject();
        json.WriteString("type", "struct");
        json.WriteStartArray("fields");
        foreach (var field in fields.Where(Has))
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WritePropertyName("type");
            WriteType(json, field, zoneless);
            json.WriteBoolean("nullable", field.Nullable);
            json.WriteStartObject("metadata");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, Column column, bool zoneless)
    {
        switch (column)
        {
            case { Type: "struct", Children: { } fields }:
                WriteStruct(json, fields, zoneless);
                break;
            case { Type: "list", Children: [var element] }:
                json.WriteStartObject();
                json.WriteString("type", "array");
                json.WritePropertyName("elementType");
                WriteType(json, element, zoneless);
                json.WriteBoolean("containsNull", element.Nullable);
                json.WriteEndObject();
                break;
            case { Type: "map", Children: [var key, var value] }:
                json.WriteStartObject();
                json.WriteString("type", "map");
                json.WritePropertyName("keyType");
                WriteType(json, key, zoneless);
                json.WritePropertyName("valueType");
                WriteType(json, value, zoneless);
                json.WriteBoolean("valueContainsNull", value.Nullable);
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(Plain(column.Type, zoneless));
                break;
        }
    }
}
