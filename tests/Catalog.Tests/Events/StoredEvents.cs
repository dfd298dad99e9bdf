using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Tests.Events;

/// <summary>The stored example of each event, read as the store reads it.</summary>
internal static class StoredEvents
{
    private static readonly ISerializer s_store = StoreSerializer();

    public static IReadOnlyList<string> Names => [.. CatalogStore.Facts.All.Select(e => e.StoredName)];

    public static FactRegistry.Entry Entry(string name) => CatalogStore.Facts.All.Single(e => e.StoredName == name);

    public static string SchemaFile(string name) => Repository.File("schemas", "events", $"{name}.json");

    public static string ExampleFile(string name) => Repository.File("schemas", "events", "examples", $"{name}.json");

    public static string Example(string name) => File.ReadAllText(ExampleFile(name));

    public static object Read(string name) => Read(Entry(name).Fact, Example(name));

    public static object Read(Type fact, string json) => s_store.FromJson(fact, new MemoryStream(Encoding.UTF8.GetBytes(json)));

    public static string Write(object fact) => s_store.ToJson(fact);

    /// <summary>A fact or state as text to compare with: records that hold lists are not equal by value.</summary>
    public static string Text(object? value) => JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), s_readable);

    private static readonly JsonSerializerOptions s_readable =
        new(CatalogStore.Json) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Marten's own serialiser, set up as the server does it: connecting is not needed for that.</summary>
    private static ISerializer StoreSerializer()
    {
        var options = new StoreOptions();
        CatalogStore.Configure(options, new CatalogDatabase("Host=nowhere.invalid;Database=none"), TimeProvider.System);
        return options.Serializer();
    }
}
