using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>A facet as it stands in the body of an event.</summary>
/// <param name="Member">What it stands under: <c>facets</c>, <c>inputFacets</c> or <c>outputFacets</c>.</param>
/// <param name="Name">As the fact names it: shortened where it is very long.</param>
/// <param name="Value">The facet, whole.</param>
public readonly record struct EventFacet(string Member, string Name, JsonElement Value);

/// <summary>
/// Finds facets in the body of an event that was interpreted before: what they are of is in the fact, what they say is here.
/// </summary>
/// <param name="body">The event, which is not disposed of while facets are looked for.</param>
public sealed class EventFacets(JsonElement body)
{
    private static readonly string[] s_own = ["facets"];
    private static readonly string[] s_input = ["facets", "inputFacets"];
    private static readonly string[] s_output = ["facets", "outputFacets"];

    // By name: an event may have thousands of inputs, and be asked about each.
    private readonly Lazy<ILookup<(string? Namespace, string? Name), JsonElement>> _inputs = new(() => ByName(body, "inputs"));
    private readonly Lazy<ILookup<(string? Namespace, string? Name), JsonElement>> _outputs = new(() => ByName(body, "outputs"));

    /// <summary>The facets of a run, job or dataset, those that were taken back left out.</summary>
    /// <param name="node">What they are of; of a run event it is the one run.</param>
    /// <param name="role"><c>input</c> or <c>output</c> of the run or job; null where the event is of the thing itself.</param>
    public IEnumerable<EventFacet> Of(NodeId node, string? role) => (node.Kind, role) switch
    {
        (NodeKind.Run, _) => Under(JsonText.Find(body, "run"), s_own),
        (NodeKind.Job, _) => Under(JsonText.Find(body, "job"), s_own),
        (_, "input") => _inputs.Value[(node.Namespace, node.Name)].SelectMany(d => Under(d, s_input)),
        (_, "output") => _outputs.Value[(node.Namespace, node.Name)].SelectMany(d => Under(d, s_output)),
        _ => Under(JsonText.Find(body, "dataset"), s_own),
    };

    /// <summary>The text of a member; null where there is none.</summary>
    public static string? Text(JsonElement parent, string member) =>
        parent.ValueKind == JsonValueKind.Object && JsonText.Find(parent, member) is { ValueKind: JsonValueKind.String } text
            ? JsonText.Read(text)
            : null;

    /// <summary>The items of a list; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement parent, string member) =>
        parent.ValueKind == JsonValueKind.Object && JsonText.Find(parent, member) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray()
            : [];

    private static ILookup<(string? Namespace, string? Name), JsonElement> ByName(JsonElement body, string list) =>
        Items(body, list).ToLookup(d => (Text(d, "namespace"), Text(d, "name")));

    private static IEnumerable<EventFacet> Under(JsonElement? thing, string[] members)
    {
        if (thing is not { ValueKind: JsonValueKind.Object } parent)
            yield break;
        foreach (var member in members)
        {
            if (JsonText.Find(parent, member) is not { ValueKind: JsonValueKind.Object } facets)
                continue;
            foreach (var facet in facets.EnumerateObject())
            {
                if (facet.Value.ValueKind == JsonValueKind.Object
                    && JsonText.Find(facet.Value, "_deleted") is not { ValueKind: JsonValueKind.True })
                    yield return new EventFacet(member, Label.Of(JsonText.Name(facet)), facet.Value);
            }
        }
    }
}
