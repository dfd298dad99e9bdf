using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>A facet as it stands in the body of an event.</summary>
/// <param name="Member">What it stands under: <c>facets</c>, <c>inputFacets</c> or <c>outputFacets</c>.</param>
/// <param name="Name">As the fact names it: shortened where it is very long.</param>
/// <param name="Value">The facet, whole.</param>
public readonly record struct EventFacet(string Member, string Name, JsonElement Value);

/// <summary>
/// Finds facets in the bodies of events that were interpreted before: what they are of is in the facts, what they say is here.
/// </summary>
public static class EventFacets
{
    private static readonly string[] s_own = ["facets"];
    private static readonly string[] s_input = ["facets", "inputFacets"];
    private static readonly string[] s_output = ["facets", "outputFacets"];

    /// <summary>The facets of a run, job or dataset, those that were taken back left out.</summary>
    /// <param name="body">The event.</param>
    /// <param name="node">What they are of; of a run event it is the one run.</param>
    /// <param name="role"><c>input</c> or <c>output</c> of the run or job; null where the event is of the thing itself.</param>
    public static IEnumerable<EventFacet> Of(JsonElement body, NodeId node, string? role) => (node.Kind, role) switch
    {
        (NodeKind.Run, _) => Under(JsonText.Find(body, "run"), s_own),
        (NodeKind.Job, _) => Under(JsonText.Find(body, "job"), s_own),
        (_, "input") => Among(JsonText.Find(body, "inputs"), node).SelectMany(d => Under(d, s_input)),
        (_, "output") => Among(JsonText.Find(body, "outputs"), node).SelectMany(d => Under(d, s_output)),
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

    private static IEnumerable<JsonElement?> Among(JsonElement? datasets, NodeId node) =>
        datasets is not { ValueKind: JsonValueKind.Array } array ? []
        : array.EnumerateArray()
            .Where(d => Text(d, "namespace") == node.Namespace && Text(d, "name") == node.Name)
            .Select(d => (JsonElement?)d);

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
