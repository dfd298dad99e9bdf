using System.Text.Json;
using Catalog.Lineage.Known;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Columns as Marquez shows them in their graph; what is said of a dataset is looked at once, for all its columns.</summary>
/// <param name="told">By dataset.</param>
internal sealed class ColumnShapes(IReadOnlyDictionary<NodeId, ColumnsTold> told)
{
    /// <param name="column">A column.</param>
    /// <param name="inputs">The columns beside it that it was made of.</param>
    public ColumnShape Show(NodeId column, IEnumerable<NodeId> inputs)
    {
        var of = told[column.WithoutVersion()];
        var said = of.Lineage.GetValueOrDefault(column.Column ?? "");
        var how = said?.InputFields.ToLookup(i => (i.Namespace, i.Dataset, (string?)i.Field));
        return new ColumnShape(
            column.Namespace, column.Name, of.Newest, column.Column ?? "", of.Types.GetValueOrDefault(column.Column ?? ""),
            said?.TransformationDescription, said?.TransformationType, [.. inputs.Order(NodeId.Order).Select(Input)]);

        ColumnInputShape Input(NodeId input)
        {
            var field = how?[(input.Namespace, input.Name, input.Column)].FirstOrDefault();
            return new ColumnInputShape(
                input.Namespace, input.Name, told[input.WithoutVersion()].Newest, input.Column ?? "",
                field?.TransformationDescription, field?.TransformationType);
        }
    }
}

/// <summary>What is said of the columns of a dataset.</summary>
/// <param name="Newest">Its newest version.</param>
/// <param name="Types">By column.</param>
/// <param name="Lineage">What each column is made of, by column.</param>
internal sealed record ColumnsTold(
    Guid? Newest, IReadOnlyDictionary<string, string?> Types, IReadOnlyDictionary<string, ColumnLineageShape> Lineage)
{
    public static ColumnsTold Of(
        NodeId node, KnownDataset? dataset, MarquezGraph graph, IReadOnlyDictionary<string, JsonElement> facets) => new(
        graph.NewestOf(node) is { } newest ? MarquezIds.Uuid(newest) : null,
        (dataset is null ? [] : DatasetShapes.Fields(dataset, facets)).DistinctBy(f => f.Name, StringComparer.Ordinal)
            .ToDictionary(f => f.Name, f => f.Type, StringComparer.Ordinal),
        ColumnLineageFacet.Of(facets).DistinctBy(c => c.Name, StringComparer.Ordinal).ToDictionary(c => c.Name, StringComparer.Ordinal));
}
