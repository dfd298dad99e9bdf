using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Catalog.Access.Policies;

namespace Catalog.Sdk.Http;

/// <summary>The JSON of the HTTP contract: camelCase, enums as camelCase strings, nothing for null.</summary>
internal static class Wire
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 300, // facets of others, in an answer of ours
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WriteWhole } },
    };

    public static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)Type(typeof(T));

    public static JsonTypeInfo Type(Type type) => Options.GetTypeInfo(type);

    /// <summary>A statement of policy is sent whole: what it does not say is null.</summary>
    private static void WriteWhole(JsonTypeInfo type)
    {
        if (type.Type != typeof(Statement) && type.Type != typeof(Requirement))
            return;
        foreach (var property in type.Properties)
            property.ShouldSerialize = static (_, _) => true;
    }
}
