using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>Reads the <c>lineage</c> facet (1-0-0) of jobs and datasets: edges said one by one.</summary>
/// <param name="job">The event's own job, which an entry without name means; null in a dataset event.</param>
internal sealed class LineageReader(EventCursor cursor, NodeId? job)
{
    private enum EntityType
    {
        Dataset,
        Job,
    }

    /// <summary>Of a job: each entry names what its edges lead to.</summary>
    public IReadOnlyList<OpenLineageTarget> Entries(JsonElement facet)
    {
        var targets = new List<OpenLineageTarget>();
        if (JsonText.Find(facet, "entries") is null)
        {
            cursor.Fail("entries", "must be given, and be an array.");
        }

        foreach (var few in cursor.Each(facet, "entries", Entry))
        {
            targets.AddRange(few);
        }

        return targets;
    }

    /// <summary>Of a dataset: the edges lead to it.</summary>
    public IReadOnlyList<OpenLineageTarget> Dataset(JsonElement facet, NodeId dataset) => Into(facet, dataset);

    private List<OpenLineageTarget> Entry(JsonElement entry) => TypeOf(entry) switch
    {
        EntityType.Dataset => Into(entry, cursor.Named(NodeKind.Dataset, entry)),
        EntityType.Job => [new OpenLineageTarget(Job(entry), cursor.Run(entry), cursor.Each(entry, "inputs", Source))],
        _ => [],
    };

    /// <summary>
    /// Inputs of the dataset and of its fields. An empty list says that there is nothing upstream; a missing one says nothing.
    /// </summary>
    private List<OpenLineageTarget> Into(JsonElement value, NodeId dataset)
    {
        var targets = new List<OpenLineageTarget>();
        if (JsonText.Find(value, "inputs") is not null)
        {
            targets.Add(new OpenLineageTarget(dataset, Run: null, cursor.Each(value, "inputs", Source)));
        }

        targets.AddRange(cursor.EachMember(value, "fields", (name, field) => Field(dataset, name, field)));
        return targets;
    }

    private OpenLineageTarget? Field(NodeId dataset, string name, JsonElement field)
    {
        var sources = cursor.Each(field, "inputs", Source);
        if (Names.Check(name) is { } bad)
        {
            cursor.Fail($"The name of a column {bad}.");
            return null;
        }

        // A dataset that has no name is a problem already.
        return NodeId.TryCreate(NodeKind.Dataset, dataset.Namespace, dataset.Name, version: null, name, out var column, out _)
            ? new OpenLineageTarget(column, Run: null, sources)
            : null;
    }

    private OpenLineageSource? Source(JsonElement source) => TypeOf(source) switch
    {
        EntityType.Dataset => new OpenLineageSource(
            cursor.Named(NodeKind.Dataset, source, cursor.Text(source, "field")), Run: null, ColumnReader.Transformations(cursor, source)),
        EntityType.Job => new OpenLineageSource(Job(source), cursor.Run(source), ColumnReader.Transformations(cursor, source)),
        _ => null,
    };

    private EntityType? TypeOf(JsonElement value)
    {
        var type = cursor.OneOf<EntityType>(value, "type");
        if (type is null)
        {
            cursor.Fail("type", "must be given: DATASET or JOB.");
        }

        return type;
    }

    private NodeId Job(JsonElement value)
    {
        if (JsonText.Find(value, "namespace") is not null || JsonText.Find(value, "name") is not null)
        {
            return cursor.Named(NodeKind.Job, value);
        }

        if (job is null)
        {
            cursor.Fail("must have 'namespace' and 'name': a dataset event has no job of its own.");
        }

        return job ?? default;
    }
}
