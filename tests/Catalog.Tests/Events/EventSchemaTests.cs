using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Catalog.Platform.Store;
using NJsonSchema;
using Xunit;

namespace Catalog.Tests.Events;

/// <summary>
/// The contract of the log: a released fact is never edited. schemas/events holds the schema of each, byte for byte as the code has it, and
/// one stored example that must be readable for ever.
/// </summary>
public sealed partial class EventSchemaTests
{
    public static TheoryData<string> Names => [.. StoredEvents.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_schema_of_an_event_is_as_reviewed(string name) =>
        Golden.Check(StoredEvents.SchemaFile(name), EventSchemas.Of(StoredEvents.Entry(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_stored_example_fits_its_schema(string name)
    {
        var schema = await JsonSchema.FromJsonAsync(EventSchemas.Of(StoredEvents.Entry(name)));

        Assert.Empty(schema.Validate(StoredEvents.Example(name)).Select(e => e.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stored_example_comes_back_whole(string name)
    {
        var written = StoredEvents.Write(StoredEvents.Read(name));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(StoredEvents.Example(name)), JsonNode.Parse(written)), written);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_member_that_nobody_knows_does_not_fit(string name)
    {
        var schema = await JsonSchema.FromJsonAsync(EventSchemas.Of(StoredEvents.Entry(name)));
        var example = JsonNode.Parse(StoredEvents.Example(name)) ?? throw new InvalidOperationException("An example is an object.");
        example["surprise"] = 1;

        Assert.NotEmpty(schema.Validate(example.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_member_left_out_does_not_fit(string name)
    {
        var schema = await JsonSchema.FromJsonAsync(EventSchemas.Of(StoredEvents.Entry(name)));

        Assert.All(
            JsonNode.Parse(StoredEvents.Example(name))?.AsObject().Select(m => m.Key) ?? [],
            member =>
            {
                var example = JsonNode.Parse(StoredEvents.Example(name))?.AsObject() ?? [];
                example.Remove(member);
                Assert.NotEmpty(schema.Validate(example.ToJsonString()));
            });
    }

    /// <summary>Facts hold what happened; what follows from it (a computed property) does not belong in the log.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_derived_is_stored(string name) => Assert.Empty(Derived(JsonNode.Parse(EventSchemas.Of(StoredEvents.Entry(name)))));

    [Fact]
    public void Something_derived_is_found() =>
        Assert.Equal(
            ["area"],
            Derived(JsonNode.Parse(
                """{"items":{"properties":{"side":{"type":"integer"},"area":{"type":"integer"}},"required":["side"]}}""")));

    [Fact]
    public void Every_event_has_its_files_and_every_file_its_event()
    {
        var names = StoredEvents.Names.Order(StringComparer.Ordinal);

        Assert.Equal(names, FilesIn("schemas", "events"));
        Assert.Equal(names, FilesIn("schemas", "events", "examples"));
    }

    [Fact]
    public void Stored_names_are_used_once_and_written_in_one_way()
    {
        Assert.Equal(StoredEvents.Names.Count, StoredEvents.Names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(CatalogStore.Facts.All.Count, CatalogStore.Facts.All.Select(e => e.Fact).Distinct().Count());
        Assert.All(StoredEvents.Names, name => Assert.Matches(StoredName(), name));
    }

    /// <summary>jsonb keeps neither the order of members nor white space; the examples must not lean on either.</summary>
    [Fact]
    public void Examples_are_written_as_the_database_gives_them_back() =>
        Assert.All(
            StoredEvents.Names,
            name => Assert.Equal(AsJsonb(JsonNode.Parse(StoredEvents.Example(name))) + "\n", StoredEvents.Example(name)));

    private static IEnumerable<string> FilesIn(params string[] folder) =>
        Directory.EnumerateFiles(Repository.File(folder)).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    /// <summary>Members that no constructor asks for and that have no default: a reader of the fact could not set them.</summary>
    private static IEnumerable<string> Derived(JsonNode? schema) => schema switch
    {
        JsonObject node => node.SelectMany(m => Derived(m.Value)).Concat(
            (node["properties"] as JsonObject ?? [])
            .Where(m => m.Value is JsonObject value && !value.ContainsKey("default")).Select(m => m.Key)
            .Except((node["required"] as JsonArray ?? []).Select(r => r?.GetValue<string>() ?? ""), StringComparer.Ordinal)),
        JsonArray items => items.SelectMany(Derived),
        _ => [],
    };

    private static string AsJsonb(JsonNode? node) => node switch
    {
        JsonObject members => $"{{{string.Join(", ", members
            .OrderBy(m => Encoding.UTF8.GetByteCount(m.Key)).ThenBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => $"{Quoted(m.Key)}: {AsJsonb(m.Value)}"))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(AsJsonb))}]",
        null => "null",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => Quoted(text.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    private static string Quoted(string text) =>
        $"\"{text
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    [GeneratedRegex("^[a-z]+(_[a-z]+)+$", RegexOptions.ExplicitCapture)]
    private static partial Regex StoredName();
}
