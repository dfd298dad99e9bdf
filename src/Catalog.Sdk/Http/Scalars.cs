using System.Globalization;
using System.Text.Json;

namespace Catalog.Sdk.Http;

/// <summary>Parameter values as JSON: numbers and booleans as such, everything else as text.</summary>
internal static class Scalars
{
    public static IReadOnlyDictionary<string, JsonElement>? Of(IReadOnlyDictionary<string, object>? values) =>
        values?.ToDictionary(p => p.Key, p => Of(p.Value), StringComparer.Ordinal);

    public static JsonElement Of(object value) => value switch
    {
        JsonElement element => element,
        bool flag => JsonSerializer.SerializeToElement(flag, Wire.Type<bool>()),
        sbyte or byte or short or ushort or int or uint or long => Element(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        float or double when Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) => Element(value),
        IFormattable text => Element(text.ToString(format: null, CultureInfo.InvariantCulture)),
        _ => Element(value.ToString() ?? ""),
    };

    private static JsonElement Element(object value) => JsonSerializer.SerializeToElement(value, Wire.Type(value.GetType()));
}
