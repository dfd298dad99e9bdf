using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>Reads the <c>columnLineage</c> facet (1-2-0, and what was said differently before).</summary>
internal sealed class ColumnReader(EventCursor cursor)
{
    public OpenLineageColumns Read(JsonElement facet) =>
        new(cursor.EachMember(facet, "fields", Column), cursor.Each(facet, "dataset", source => Source(source, before: null)));

    /// <summary>What was done with a source on the way.</summary>
    public static IReadOnlyList<OpenLineageTransformation> Transformations(EventCursor cursor, JsonElement source) => cursor.Each(
        source,
        "transformations",
        t => new OpenLineageTransformation(cursor.RequiredWord(t, "type"), cursor.Word(t, "subtype"), cursor.Flag(t, "masking") ?? false));

    private OpenLineageColumn? Column(string name, JsonElement column)
    {
        if (Names.Check(name) is { } bad)
        {
            cursor.Fail($"The name of a column {bad}.");
            return null;
        }

        var before = Before(cursor.Word(column, "transformationType"));
        return new OpenLineageColumn(name, cursor.Each(column, "inputFields", source => Source(source, before)));
    }

    private OpenLineageSource Source(JsonElement source, OpenLineageTransformation? before)
    {
        var node = cursor.Named(NodeKind.Dataset, source, cursor.RequiredText(source, "field"));
        var transformations = Transformations(cursor, source);
        return new OpenLineageSource(node, Run: null, transformations.Count == 0 && before is not null ? [before] : transformations);
    }

    /// <summary>
    /// Before 1-1-0 the column had one word for all its sources: <c>IDENTITY</c>, or <c>MASKED</c> for values that cannot be told.
    /// </summary>
    private static OpenLineageTransformation? Before(string? word) => word switch
    {
        null or "" => null,
        "MASKED" => new OpenLineageTransformation("DIRECT", Subtype: null, Masking: true),
        _ => new OpenLineageTransformation("DIRECT", word, Masking: false),
    };
}
