using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;
using CsCheck;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>Whatever the bytes, the answer is an event or a problem.</summary>
public sealed partial class HostileTests
{
    private static readonly byte[][] s_events = [.. Fixture.Names.Select(Fixture.Bytes)];

    private static readonly string[] s_values =
    [
        "null", "true", "{}", "[]", "[{}]", "[null]", "7", "-1e999", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "{\"\\ud800\":{}}",
        "{\"a\":{\"_deleted\":true}}", "\"..\"", "{\"namespace\":\"\\udfff\",\"name\":\"x\"}", "[[[[[[]]]]]]",
        "{\"fields\":{\"\\udfff\":{}}}", "\"DATASET\"", "\"2026-01-01T00:00:00Z\"",
    ];

    private static readonly string[] s_names =
    [
        "run", "job", "dataset", "facets", "fields", "inputs", "name", "namespace", "type", "_deleted", "lineage", "schema", "\ud83d\ude00",
    ];

    private static readonly Gen<int> s_which = Gen.Int[0, s_events.Length - 1];

    private static readonly Gen<int> s_place = Gen.Int[0, 10_000];

    [Fact]
    public void Any_bytes_lead_to_an_answer() => Gen.Byte.Array[0, 200].Sample(bytes => Answered(bytes));

    [Fact]
    public void Changed_bytes_lead_to_an_answer() =>
        Gen.Select(s_which, Gen.Select(s_place, Gen.Byte).Array[1, 8]).Sample((which, changes) =>
        {
            var bytes = (byte[])s_events[which].Clone();
            foreach (var (at, value) in changes)
                bytes[at % bytes.Length] = value;
            Answered(bytes);
        });

    [Fact]
    public void Cut_and_repeated_pieces_lead_to_an_answer() =>
        Gen.Select(s_which, s_place, s_place, s_place).Sample((which, from, to, into) =>
        {
            var bytes = s_events[which];
            var piece = bytes.AsSpan(from % bytes.Length, Math.Min(to % bytes.Length, bytes.Length - from % bytes.Length));
            var at = into % bytes.Length;
            Answered([.. bytes.AsSpan(0, at), .. piece, .. bytes.AsSpan(at)]);
        });

    [Fact]
    public void Values_of_any_kind_anywhere_lead_to_an_answer()
    {
        var changed = Gen.Select(s_place, Gen.Int[0, s_values.Length - 1], Gen.Int[0, s_names.Length]).Array[1, 4];
        Gen.Select(s_which, changed).Sample((which, changes) =>
        {
            var root = JsonNode.Parse(s_events[which]) ?? new JsonObject();
            foreach (var (at, value, name) in changes)
                Change(root, at, value, name);
            Answered(Encoding.UTF8.GetBytes(Mark().Replace(root.ToJsonString(), m => s_values[int.Parse(m.Groups["value"].Value)])));
        });
    }

    [Fact]
    public void Free_text_costs_no_memory()
    {
        var text = new string('x', 1_000_000);
        var facets = """{"sql":{"query":"@"},"sourceCode":{"sourceCode":"@"},"acme":{"a":["@","@"]}}""";
        var body = Encoding.UTF8.GetBytes(Fixture.Run(jobFacets: facets.Replace("@", text, StringComparison.Ordinal)));

        OpenLineageInterpreter.Read(body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = OpenLineageInterpreter.Read(body);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(reading.Succeeded);
        Assert.True(allocated < 100_000, $"{allocated} bytes were allocated for an event of {body.Length}.");
    }

    /// <summary>
    /// Puts a value in the place of the nth node, or adds it there under a name. The mark becomes the value in the text, which JsonNode
    /// could not hold.
    /// </summary>
    private static void Change(JsonNode root, int at, int value, int name)
    {
        var nodes = Below(root).ToList();
        var node = nodes[at % nodes.Count];
        JsonNode mark = JsonValue.Create($"@@{value}");
        if (name < s_names.Length && node is JsonObject members)
            members[s_names[name]] = mark;
        else if (node.Parent is JsonObject parent)
            parent[node.GetPropertyName()] = mark;
        else if (node.Parent is JsonArray items)
            items[node.GetElementIndex()] = mark;
    }

    private static IEnumerable<JsonNode> Below(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => Below(m.Value)).Prepend(node),
        JsonArray items => items.SelectMany(Below).Prepend(node),
        null => [],
        _ => [node],
    };

    /// <summary>Either a problem with a path and a sentence, or an event that the log can hold.</summary>
    private static void Answered(byte[] bytes)
    {
        var reading = OpenLineageInterpreter.Read(bytes);
        if (reading.Problem is { } problem)
        {
            Assert.StartsWith("$", problem.Path, StringComparison.Ordinal);
            Assert.EndsWith(".", problem.Detail, StringComparison.Ordinal);
            Assert.Null(reading.Event);
            return;
        }

        var written = JsonSerializer.Serialize(reading.Event, CatalogStore.Json);
        Assert.DoesNotContain("\\u0000", written, StringComparison.Ordinal);
        var back = JsonSerializer.Deserialize<OpenLineageEvent>(written, CatalogStore.Json);
        Assert.Equal(written, JsonSerializer.Serialize(back, CatalogStore.Json));
        Assert.Matches("^[0-9a-f]{64}$", reading.Hash);
        Assert.NotEqual(default, reading.Event?.Subject());
    }

    [GeneratedRegex("\"@@(?<value>[0-9]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Mark();
}
