using System.Globalization;

namespace Catalog.Sdk.Http;

/// <summary>
/// Parameter values as the catalog keeps them: text that does not depend on the machine's language, and reads back to the same value.
/// </summary>
internal static class ParameterText
{
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyDictionary<string, object> values) =>
        values.ToDictionary(p => p.Key, p => Of(p.Value), StringComparer.Ordinal);

    public static string Of(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable text => text.ToString(format: null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
