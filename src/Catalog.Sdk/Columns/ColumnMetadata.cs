using System.Text.Json;
using Apache.Arrow;

namespace Catalog.Sdk;

/// <summary>What a server says of how columns are shown, in the metadata of their schema.</summary>
internal static class ColumnMetadata
{
    private const string MaskedKey = "catalog.masked";
    private const string FilteredKey = "catalog.filtered";

    /// <summary>By path of a masked column, its mask; empty where all are shown as they are.</summary>
    /// <exception cref="CatalogException"><c>network.unreadable</c>: the server does not say it as it should.</exception>
    public static IReadOnlyDictionary<string, string> Masked(Schema schema)
    {
        try
        {
            return schema.Metadata?.GetValueOrDefault(MaskedKey) is { } text
                ? (JsonSerializer.Deserialize<Shown[]>(text, JsonSerializerOptions.Web) ?? [])
                    .ToDictionary(s => s.Column, s => s.Mask, StringComparer.Ordinal)
                : new Dictionary<string, string>(StringComparer.Ordinal);
        }
        catch (JsonException e)
        {
            throw new CatalogException(null, "network.unreadable", $"The server did not say legibly which columns are masked: {e.Message}");
        }
    }

    public static bool IsFiltered(Schema schema) => schema.Metadata?.GetValueOrDefault(FilteredKey) == "true";

    private sealed record Shown(string Column, string Mask);
}
