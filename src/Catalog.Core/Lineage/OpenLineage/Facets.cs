using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// The facets of a run, job or dataset. Those that nobody here interprets are named and not looked into; <c>_deleted</c> marks one that is
/// taken back and needs no content.
/// </summary>
internal sealed class Facets(EventCursor cursor)
{
    /// <summary>Reads the object of facets under each of the given names, in turn.</summary>
    /// <param name="read">Called with the facet's name and content, the cursor inside it.</param>
    public (IReadOnlyList<string> Present, IReadOnlyList<string> Deleted) Each(
        JsonElement parent, ReadOnlySpan<string> members, Action<string, JsonElement> read)
    {
        var (present, deleted) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var name in members)
        {
            if (cursor.Object(parent, name) is not { } facets)
            {
                continue;
            }

            using var inside = cursor.Into(name);
            foreach (var facet in facets.EnumerateObject())
            {
                Take(JsonText.Name(facet), facet.Value, present, deleted, read);
            }
        }

        return ([.. present], [.. deleted]);
    }

    private void Take(
        string key, JsonElement content, SortedSet<string> present, SortedSet<string> deleted, Action<string, JsonElement> read)
    {
        // Clients in use send null for a facet that they have nothing to say in.
        if (content.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        using var at = cursor.Into(key);
        if (content.ValueKind != JsonValueKind.Object)
        {
            cursor.Fail("must be an object: a facet.");
        }
        else if (JsonText.Find(content, "_deleted") is { ValueKind: JsonValueKind.True })
        {
            deleted.Add(Label.Of(key));
        }
        else
        {
            present.Add(Label.Of(key));
            read(key, content);
        }
    }

    public IReadOnlyList<OpenLineageTag> Tags(JsonElement facet) => cursor.Each(
        facet,
        "tags",
        tag => new OpenLineageTag(cursor.RequiredWord(tag, "key"), cursor.Word(tag, "value") ?? "", cursor.Word(tag, "field")));

    /// <summary>Owners are people and stay in the raw body; that each has a name is what the specification asks.</summary>
    public void CheckOwners(JsonElement facet) => cursor.Each(facet, "owners", owner => cursor.RequiredText(owner, "name"));
}
