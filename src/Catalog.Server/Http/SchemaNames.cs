using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;

namespace Catalog.Server.Http;

/// <summary>
/// What types are called in the description of the API. Slices nest types of the same short names (<c>Command</c>, <c>Body</c>,
/// <c>Answer</c>), so a nested type is called after its slice, too: <c>StartRunCommand</c>.
/// </summary>
internal static class SchemaNames
{
    /// <summary>Null for types that are described where they are used: numbers, texts, lists.</summary>
    public static string? Of(JsonTypeInfo type) => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is null ? null : Name(type.Type);

    private static string Name(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } value => Name(value),
        { IsGenericType: true } => $"{type.Name.Split('`')[0]}Of{string.Join("And", type.GetGenericArguments().Select(Name))}",
        { DeclaringType: { } slice } => Name(slice) + type.Name,
        _ => type.Name,
    };
}
