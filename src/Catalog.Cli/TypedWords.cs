using System.Globalization;
using System.Text.Json;
using Catalog.Features;

namespace Catalog.Cli;

/// <summary>Values on the command line as the types of a view want them: <c>hour=7</c> is a number where <c>hour</c> is one.</summary>
internal static class TypedWords
{
    /// <summary>A value by its type's rules; null for nothing behind the sign, except where a text may be empty.</summary>
    /// <param name="name">Of the key or feature.</param>
    /// <param name="type">Its type; null where the view has none of the name, which the catalog then says.</param>
    /// <param name="word">As it was given.</param>
    /// <exception cref="UsageException">It is none of the type.</exception>
    public static object? Read(string name, string? type, string word) => type switch
    {
        null or "string" => word,
        _ when word.Length == 0 => null,
        _ when FeatureType.ElementOf(type) is not null || FeatureType.DimensionsOf(type) is not null => List(name, type, word),
        "bool" => bool.TryParse(word, out var yes) ? yes : throw Wrong(name, "true or false", word),
        "uint64" => ulong.TryParse(word, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(name, "a whole number from 0 up", word),
        _ when FeatureType.IsInteger(type) => long.TryParse(word, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(name, $"a whole number ({type})", word),
        _ when FeatureType.IsFloat(type) => double.TryParse(word, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Wrong(name, $"a number ({type})", word),
        _ => word,
    };

    private static JsonElement List(string name, string type, string word)
    {
        try
        {
            using var list = JsonDocument.Parse(word);
            return list.RootElement.ValueKind == JsonValueKind.Array
                ? list.RootElement.Clone()
                : throw Wrong(name, $"a list in JSON ({type})", word);
        }
        catch (JsonException)
        {
            throw Wrong(name, $"a list in JSON ({type})", word);
        }
    }

    private static UsageException Wrong(string name, string right, string word) => new($"'{name}' must be {right}, not '{word}'.");
}
