using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog.Cli.Printing;

/// <summary>
/// JSON of others, on one line and else as it came: the framework's writer decodes texts first, and throws on half a surrogate pair.
/// </summary>
internal sealed class AsSent : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(WithoutSpace(JsonMarshal.GetRawUtf8Value(value)), skipInputValidation: true);
    }

    /// <summary>Without the space between tokens.</summary>
    private static ReadOnlySpan<byte> WithoutSpace(ReadOnlySpan<byte> json)
    {
        var (kept, count, inText, escaped) = (new byte[json.Length], 0, false, false);
        foreach (var one in json)
        {
            if (!inText && one is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            kept[count++] = one;
            inText = one == '"' && !escaped ? !inText : inText;
            escaped = inText && one == '\\' && !escaped;
        }

        return kept.AsSpan(0, count);
    }
}
