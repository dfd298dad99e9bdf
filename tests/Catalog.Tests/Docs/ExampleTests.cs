using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Schemas;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>Answers that docs/http.md shows are written as the server writes them.</summary>
public sealed class ExampleTests
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    [Fact]
    public void A_schema_change_is_shown_as_it_is_answered()
    {
        var shown = Document.Load("docs/http.md").Blocks("json")
            .SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(line => Find(JsonDocument.Parse(line).RootElement))
            .ToList();

        Assert.NotEmpty(shown);
        Assert.All(
            shown,
            change => Assert.Equal(
                JsonSerializer.Serialize(change.Deserialize<SchemaChange>(Options), Options), change.GetRawText()));
    }

    private static IEnumerable<JsonElement> Find(JsonElement value) => value.ValueKind is not JsonValueKind.Object
        ? []
        : value.EnumerateObject().SelectMany(p => p.NameEquals("schemaChange") ? [p.Value] : Find(p.Value));
}
