using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>Reads the datasets of an event, each with the facets of what it is and of its use.</summary>
internal sealed class DatasetReader(EventCursor cursor, Facets facets, NodeId? job)
{
    /// <summary>A fact is written with at most 64 levels; no table in use nests its columns this deep.</summary>
    private const int MaxNesting = 16;

    /// <summary>Inputs or outputs; none where the member is absent or null, which says nothing.</summary>
    /// <param name="uses">The member that holds the facets of the use.</param>
    public IReadOnlyList<OpenLineageDataset> ReadAll(JsonElement value, string name, string uses) =>
        cursor.Each(value, name, d => Read(d, ["facets", uses]));

    /// <summary>The one dataset of a dataset event.</summary>
    public OpenLineageDataset? ReadOnly(JsonElement value)
    {
        if (cursor.RequiredObject(value, "dataset") is not { } dataset)
        {
            return null;
        }

        using var inside = cursor.Into("dataset");
        return Read(dataset, ["facets"]);
    }

    private OpenLineageDataset Read(JsonElement dataset, ReadOnlySpan<string> members)
    {
        var found = new OpenLineageDataset(
            cursor.Named(NodeKind.Dataset, dataset), Version: null, Type: null, Symlinks: [], Change: null, Schema: null, Columns: null,
            Lineage: null, Statistics: null, Assertions: [], Tags: [], Facets: [], Deleted: []);
        var (present, deleted) = facets.Each(dataset, members, (name, facet) => found = Take(found, name, facet));
        return found with { Facets = present, Deleted = deleted };
    }

    private OpenLineageDataset Take(OpenLineageDataset dataset, string name, JsonElement facet)
    {
        switch (name)
        {
            case "version":
                return dataset with { Version = cursor.RequiredWord(facet, "datasetVersion") };
            case "datasetType":
                return dataset with { Type = cursor.RequiredWord(facet, "datasetType") };
            case "symlinks":
                return dataset with { Symlinks = cursor.Each(facet, "identifiers", i => cursor.Named(NodeKind.Dataset, i)) };
            case "lifecycleStateChange":
                return dataset with { Change = Change(facet) };
            case "schema":
                return dataset with { Schema = Fields(facet, MaxNesting) };
            case "columnLineage":
                return dataset with { Columns = new ColumnReader(cursor).Read(facet) };
            case "lineage":
                return dataset with { Lineage = new LineageReader(cursor, job).Dataset(facet, dataset.Node) };
            case "inputStatistics" or "outputStatistics":
                return dataset with { Statistics = Statistics(facet) };
            case "dataQualityAssertions":
                return dataset with { Assertions = cursor.Each(facet, "assertions", Assertion) };
            case "tags":
                return dataset with { Tags = facets.Tags(facet) };
            case "ownership":
                facets.CheckOwners(facet);
                return dataset;
            case "dataQualityMetrics":
                CheckMetrics(facet);
                return dataset;
            default:
                return dataset;
        }
    }

    /// <summary>The specification asks for metrics of columns; clients that only counted rows are in use, too.</summary>
    private void CheckMetrics(JsonElement facet)
    {
        var (columns, rows) = (cursor.Object(facet, "columnMetrics"), cursor.Whole(facet, "rowCount"));
        if (columns is null && rows is null)
        {
            cursor.Fail("must have 'columnMetrics' or 'rowCount'.");
        }
    }

    private OpenLineageChange? Change(JsonElement facet)
    {
        var state = cursor.OneOf<OpenLineageLifecycle>(facet, "lifecycleStateChange");
        if (state is not { } known)
        {
            cursor.Fail("lifecycleStateChange", "must be given.");
            return null;
        }

        if (cursor.Object(facet, "previousIdentifier") is not { } previous)
        {
            return new OpenLineageChange(known, Previous: null);
        }

        using var inside = cursor.Into("previousIdentifier");
        return new OpenLineageChange(known, cursor.Named(NodeKind.Dataset, previous));
    }

    private OpenLineageStatistics Statistics(JsonElement facet) =>
        new(cursor.Whole(facet, "rowCount"), cursor.Whole(facet, "size"), cursor.Whole(facet, "fileCount"));

    private List<OpenLineageField> Fields(JsonElement parent, int levels) => levels == 0 ? [] : cursor.Each(
        parent,
        "fields",
        field => new OpenLineageField(cursor.RequiredWord(field, "name"), cursor.Word(field, "type"), Fields(field, levels - 1)));

    private OpenLineageAssertion? Assertion(JsonElement value)
    {
        var (name, success) = (cursor.RequiredWord(value, "assertion"), cursor.Flag(value, "success"));
        if (success is not { } held)
        {
            cursor.Fail("success", "must be given, and be true or false.");
            return null;
        }

        return new OpenLineageAssertion(name, cursor.Word(value, "column"), held);
    }
}
