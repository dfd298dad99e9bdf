using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Catalog.Integrity;
using Catalog.Schemas;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// Statistics of a file as Delta writes them: <c>numRecords</c>, and <c>minValues</c>, <c>maxValues</c> and <c>nullCount</c> in the shape
/// of the schema. What is not known, or what Delta keeps no bounds of, is left out.
/// </summary>
internal static class DeltaStatistics
{
    /// <summary>A bound is for skipping files: a longer text costs more than it saves.</summary>
    private const int MaxText = 1_000;

    private const int Millis = 3;
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff";

    private delegate string? Pick(Column column, ColumnStatistics known);

    /// <summary>As JSON in a string; null where nothing is known.</summary>
    /// <param name="schema">Of the table.</param>
    /// <param name="rows">Of the file.</param>
    /// <param name="known">By column path.</param>
    /// <param name="zoneless">Whether timestamps without a zone are written as such.</param>
    public static string? Write(
        TableSchema schema, long? rows, IReadOnlyDictionary<string, ColumnStatistics>? known, bool zoneless = false)
    {
        if (rows is null)
            return null;
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = SharingJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteNumber("numRecords", rows.Value);
            if (known is not null)
            {
                WriteStruct(
                    json, "minValues", schema.Columns, parent: "", known,
                    (c, s) => Bound(SparkSchema.Plain(c.Type, zoneless), s.Min, isMax: false));
                WriteStruct(
                    json, "maxValues", schema.Columns, parent: "", known,
                    (c, s) => Bound(SparkSchema.Plain(c.Type, zoneless), s.Max, isMax: true));
                WriteStruct(
                    json, "nullCount", schema.Columns, parent: "", known, (_, s) => s.Nulls?.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void WriteStruct(
        Utf8JsonWriter json, string name, IReadOnlyList<Column> fields, string parent,
        IReadOnlyDictionary<string, ColumnStatistics> known, Pick pick)
    {
        json.WriteStartObject(name);
        foreach (var field in fields.Where(SparkSchema.Has))
        {
            var path = ColumnPath.Join(parent, field.Name);
            if (field is { Type: "struct", Children: { } children })
                WriteStruct(json, field.Name, children, path, known, pick);
            else if (known.TryGetValue(path, out var statistics) && pick(field, statistics) is { } value)
                WriteRaw(json, field.Name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }

    /// <summary>A bound as JSON; null where there is none.</summary>
    private static string? Bound(string? type, string? text, bool isMax) => (type, text) switch
    {
        (_, null) => null,
        ("byte" or "short" or "integer" or "long", _) => text,
        ("float" or "double", _) => Number(text),
        ("string", { Length: <= MaxText }) => JsonSerializer.Serialize(text, SharingJson.Options),
        ("date", { Length: 10 }) => $"\"{text}\"",
        ("timestamp", _) => Time(text, isMax, zone: "Z"),
        ("timestamp_ntz", _) => Time(text, isMax, zone: ""),
        ({ } name, _) when name.StartsWith("decimal", StringComparison.Ordinal) => text,
        _ => null,
    };

    private static string? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? JsonSerializer.Serialize(value)
            : null;

    /// <summary>Delta's are in milliseconds, so the lower one is rounded down and the upper one up.</summary>
    private static string? Time(string text, bool isMax, string zone)
    {
        var (seconds, fraction) = text.TrimEnd('Z').Split('.') is [var whole, var part] ? (whole, part) : (text.TrimEnd('Z'), "");
        var millis = fraction.Length > Millis ? fraction[..Millis] : fraction.PadRight(Millis, '0');
        if (!DateTime.TryParseExact($"{seconds}.{millis}", Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
            return null;
        var up = isMax && fraction.Length > Millis && fraction.AsSpan(Millis).ContainsAnyExcept('0');
        return up && at > DateTime.MaxValue.AddMilliseconds(-1)
            ? null
            : $"\"{(up ? at.AddMilliseconds(1) : at).ToString(Form, CultureInfo.InvariantCulture)}{zone}\"";
    }
}
