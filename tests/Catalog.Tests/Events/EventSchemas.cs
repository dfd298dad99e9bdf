using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;

namespace Catalog.Tests.Events;

/// <summary>
/// Writes the JSON Schema of a stored fact from its record: as the store writes it, so every member is there, null where nothing is known.
/// </summary>
internal static class EventSchemas
{
    public const string NodePattern = "^(dataset|job|model|deployment|feature-view|feature-service|run|generation|file):.+$";
    private const string SpanPattern = "^[0-9]+(\\.[0-9]+)?(d|h|m|s|ms|us)$";

    private static readonly JsonSerializerOptions s_stored = Stored();

    private static readonly JsonSerializerOptions s_pretty =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSchemaExporterOptions s_exporter =
        new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Refine };

    public static string Of(FactRegistry.Entry entry)
    {
        var document = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = entry.StoredName };
        foreach (var (name, value) in s_stored.GetJsonSchemaAsNode(entry.Fact, s_exporter).AsObject())
            document[name] = value?.DeepClone();
        return document.ToJsonString(s_pretty) + "\n";
    }

    /// <summary>
    /// The store's own options, made strict: a fact is written whole, so a schema may ask for all of it and for nothing else.
    /// </summary>
    private static JsonSerializerOptions Stored()
    {
        var json = new JsonSerializerOptions { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
        CatalogStore.ConfigureJson(json);
        json.MakeReadOnly(populateMissingResolver: true);
        return json;
    }

    private static JsonNode Refine(JsonSchemaExporterContext context, JsonNode schema)
    {
        var described = context.TypeInfo.Type == typeof(NodeId) ? new JsonObject { ["type"] = "string", ["pattern"] = NodePattern }
            : context.TypeInfo.Type == typeof(NodeId?)
                ? new JsonObject { ["type"] = new JsonArray("string", "null"), ["pattern"] = NodePattern }
            : context.TypeInfo.Type == typeof(TimeSpan) ? new JsonObject { ["type"] = "string", ["pattern"] = SpanPattern }
            : schema;
        if (described is not JsonObject node)
            return schema;

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && node.ContainsKey("type") && !node.ContainsKey("additionalProperties"))
            node["additionalProperties"] = false;
        foreach (var span in context.TypeInfo.Properties.Where(p => p.PropertyType == typeof(TimeSpan?)))
            DescribeSpan(span, node);
        if (Description(context) is { } text)
            node.Insert(0, "description", text);
        return node;
    }

    /// <summary>Of what may be null, the exporter does not ask when a converter of its own writes it.</summary>
    private static void DescribeSpan(JsonPropertyInfo span, JsonObject parent)
    {
        if (parent["properties"]?[span.Name] is not JsonObject schema)
            return;
        schema.Insert(0, "description", Docstrings.OfParameter(span.DeclaringType, span.Name));
        schema.Insert(1, "type", new JsonArray("string", "null"));
        schema.Insert(2, "pattern", SpanPattern);
    }

    private static string? Description(JsonSchemaExporterContext context) => context.PropertyInfo is { } property
        ? Docstrings.OfParameter(property.DeclaringType, property.Name)
        : context.Path.IsEmpty ? Docstrings.OfType(context.TypeInfo.Type) : null;
}
