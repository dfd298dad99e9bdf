using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog;

/// <summary>Node ids are strings in JSON, as values and as property names.</summary>
internal sealed class NodeIdJsonConverter : JsonConverter<NodeId>
{
    public override NodeId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String
            ? Read(reader.GetString())
            : throw new JsonException("A node id is a string like dataset:demo/flights@3.");

    public override void Write(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[256];
        if (value.Kind != default && value.TryFormat(text, out var written))
        {
            writer.WriteStringValue(text[..written]);
        }
        else
        {
            writer.WriteStringValue(Text(value));
        }
    }

    public override NodeId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(reader.GetString());

    public override void WriteAsPropertyName(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(Text(value));

    private static NodeId Read(string? text) => NodeId.TryParse(text, out var node, out var error) ? node : throw new JsonException(error);

    private static string Text(NodeId node) =>
        node.Kind != default ? node.ToString() : throw new JsonException("An unset node id cannot be written.");
}
