using System.Text.Json;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>Facets for people: those that many clients send are laid out, all others are JSON.</summary>
internal static class FacetText
{
    private const int MostLines = 60;

    public static string Of(ReportedFacet facet) =>
        facet.Value is not { ValueKind: JsonValueKind.Object } value
            ? "(the event was erased)"
            : Known(facet.Name, value) is { Length: > 0 } text ? text : Compact(value);

    private static string? Known(string name, JsonElement facet) => name switch
    {
        "sql" => Text(facet, "query"),
        "documentation" => Text(facet, "description"),
        "errorMessage" => Lines(Text(facet, "message"), Text(facet, "stackTrace")),
        "sourceCode" => Lines(Text(facet, "language"), Text(facet, "sourceCode")),
        "sourceCodeLocation" => Words(Text(facet, "url"), Text(facet, "version")),
        "nominalTime" => Words(Text(facet, "nominalStartTime"), Text(facet, "nominalEndTime")),
        "ownership" => Each(facet, "owners", o => Words(Text(o, "name"), Text(o, "type"))),
        "schema" => Each(facet, "fields", f => Words(Text(f, "name"), Text(f, "type"), Text(f, "description"))),
        "tags" => Each(facet, "tags", t => Words($"{Text(t, "key")}={Text(t, "value")}", Text(t, "field"))),
        "symlinks" => Each(facet, "identifiers", i => Words(Text(i, "namespace"), Text(i, "name"), Text(i, "type"))),
        "dataSource" => Words(Text(facet, "name"), Text(facet, "uri")),
        "version" => Text(facet, "datasetVersion"),
        "datasetType" => Words(Text(facet, "datasetType"), Text(facet, "subType")),
        "jobType" => Words(Text(facet, "processingType"), Text(facet, "integration"), Text(facet, "jobType")),
        "storage" => Words(Text(facet, "storageLayer"), Text(facet, "fileFormat")),
        "catalog" => Words(Text(facet, "framework"), Text(facet, "type"), Text(facet, "name"), Text(facet, "metadataUri")),
        "lifecycleStateChange" => Text(facet, "lifecycleStateChange"),
        "processing_engine" => Words(Text(facet, "name"), Text(facet, "version")),
        "inputStatistics" or "outputStatistics" => Statistics(facet),
        "dataQualityAssertions" => Each(
            facet, "assertions", a => Words(Text(a, "success") == "true" ? "held:" : "failed:", Text(a, "assertion"), Text(a, "column"))),
        _ => null,
    };

    private static string? Statistics(JsonElement facet) => Words(
        Counted(facet, "rowCount", "rows"), Counted(facet, "size", "bytes"), Counted(facet, "fileCount", "files"));

    private static string? Counted(JsonElement facet, string member, string of) =>
        Text(facet, member) is { } count ? $"{count} {of}" : null;

    /// <summary>A text, or what else it is as JSON writes it.</summary>
    private static string? Text(JsonElement parent, string member) =>
        !parent.TryGetProperty(member, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };

    private static string? Each(JsonElement parent, string member, Func<JsonElement, string?> line)
    {
        if (!parent.TryGetProperty(member, out var items) || items.ValueKind != JsonValueKind.Array)
            return null;
        var lines = items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object).Take(MostLines).Select(line);
        var more = items.GetArrayLength() - MostLines;
        return Lines([.. lines, more > 0 ? $"… and {more} more" : null]);
    }

    private static string Words(params string?[] words) => string.Join("  ", words.Where(w => !string.IsNullOrEmpty(w)));

    private static string Lines(params string?[] lines) => string.Join('\n', lines.Where(l => !string.IsNullOrEmpty(l)));

    /// <summary>Without what all facets have.</summary>
    private static string Compact(JsonElement facet) => string.Join(
        '\n',
        facet.EnumerateObject().Where(m => m.Name is not ("_producer" or "_schemaURL")).Select(m => $"{m.Name}: {m.Value.GetRawText()}"));
}
