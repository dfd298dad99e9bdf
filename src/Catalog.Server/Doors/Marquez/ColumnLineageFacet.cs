using System.Text.Json;
using Catalog.Lineage.OpenLineage;

namespace Catalog.Server.Doors.Marquez;

/// <summary>The facet <c>columnLineage</c> (1-2-0) as Marquez tells it, which knows one transformation of each input.</summary>
internal static class ColumnLineageFacet
{
    public static IEnumerable<ColumnLineageShape> Of(IReadOnlyDictionary<string, JsonElement> facets)
    {
        if (!facets.TryGetValue("columnLineage", out var facet) || !facet.TryGetProperty("fields", out var fields)
            || fields.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var field in fields.EnumerateObject().Where(f => f.Value.ValueKind == JsonValueKind.Object))
        {
            var inputs = Inputs(field.Value).ToList();
            var first = inputs.Find(i => i.TransformationType is not null || i.TransformationDescription is not null);
            yield return new ColumnLineageShape(field.Name, inputs, first?.TransformationDescription, first?.TransformationType);
        }
    }

    private static IEnumerable<InputFieldShape> Inputs(JsonElement field)
    {
        if (!field.TryGetProperty("inputFields", out var inputs) || inputs.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (var input in inputs.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object))
        {
            var transformation = input.TryGetProperty("transformations", out var all) && all is { ValueKind: JsonValueKind.Array }
                ? all.EnumerateArray().FirstOrDefault()
                : default;
            yield return new InputFieldShape(
                EventFacets.Text(input, "namespace") ?? "", EventFacets.Text(input, "name") ?? "", EventFacets.Text(input, "field") ?? "",
                EventFacets.Text(transformation, "description") ?? EventFacets.Text(field, "transformationDescription"),
                EventFacets.Text(transformation, "subtype") ?? EventFacets.Text(transformation, "type")
                    ?? EventFacets.Text(field, "transformationType"));
        }
    }
}
