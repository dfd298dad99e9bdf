using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>Reads the run of an event.</summary>
internal static class RunReader
{
    public static OpenLineageRun? Read(EventCursor cursor, Facets facets, JsonElement value)
    {
        if (cursor.RequiredObject(value, "run") is not { } run)
        {
            return null;
        }

        using var inside = cursor.Into("run");
        var found = new OpenLineageRun(
            cursor.RequiredRun(run), Parent: null, Root: null, NominalStart: null, NominalEnd: null, Tags: [], Facets: [], Deleted: []);
        var (present, deleted) = facets.Each(run, ["facets"], (name, facet) => found = Take(cursor, facets, found, name, facet));
        return found with { Facets = present, Deleted = deleted };
    }

    private static OpenLineageRun Take(EventCursor cursor, Facets facets, OpenLineageRun run, string name, JsonElement facet) => name switch
    {
        // The second is what the facet was called before 1-0-0 and what old Airflow still sends.
        "parent" or "parentRun" => run with { Parent = Parent(cursor, facet), Root = Root(cursor, facet) },
        "nominalTime" => run with { NominalStart = NominalStart(cursor, facet), NominalEnd = cursor.Time(facet, "nominalEndTime") },
        "tags" => run with { Tags = facets.Tags(facet) },
        _ => run,
    };

    private static DateTimeOffset? NominalStart(EventCursor cursor, JsonElement facet)
    {
        var start = cursor.Time(facet, "nominalStartTime");
        if (start is null)
        {
            cursor.Fail("nominalStartTime", "must be given: a time such as 2026-11-24T10:00:00.000Z.");
        }

        return start;
    }

    private static OpenLineageParent? Root(EventCursor cursor, JsonElement facet)
    {
        if (cursor.Object(facet, "root") is not { } root)
        {
            return null;
        }

        using var inside = cursor.Into("root");
        return Parent(cursor, root);
    }

    private static OpenLineageParent? Parent(EventCursor cursor, JsonElement value)
    {
        if (cursor.RequiredObject(value, "run") is not { } run || cursor.RequiredObject(value, "job") is not { } job)
        {
            return null;
        }

        NodeId runNode, jobNode;
        using (cursor.Into("run"))
        {
            runNode = cursor.RequiredRun(run);
        }

        using (cursor.Into("job"))
        {
            jobNode = cursor.Named(NodeKind.Job, job);
        }

        return new OpenLineageParent(runNode, jobNode);
    }
}
