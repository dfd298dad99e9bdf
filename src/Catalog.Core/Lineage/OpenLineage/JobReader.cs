using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>Reads the job of an event.</summary>
internal static class JobReader
{
    private const string CompleteSnapshot = "COMPLETE_SNAPSHOT";

    public static OpenLineageJob? Read(EventCursor cursor, Facets facets, JsonElement value)
    {
        if (cursor.RequiredObject(value, "job") is not { } job)
        {
            return null;
        }

        using var inside = cursor.Into("job");
        var found = new OpenLineageJob(
            cursor.Named(NodeKind.Job, job), CodeRevision: null, ProcessingType: null, Integration: null, JobType: null,
            CompleteSnapshot: false, Lineage: null, Tags: [], Facets: [], Deleted: []);
        var (present, deleted) = facets.Each(job, ["facets"], (name, facet) => found = Take(cursor, facets, found, name, facet));
        return found with { Facets = present, Deleted = deleted };
    }

    private static OpenLineageJob Take(EventCursor cursor, Facets facets, OpenLineageJob job, string name, JsonElement facet)
    {
        switch (name)
        {
            case "sourceCodeLocation":
                return job with { CodeRevision = cursor.Word(facet, "version") };
            case "jobType":
                return job with
                {
                    ProcessingType = cursor.Word(facet, "processingType"),
                    Integration = cursor.Word(facet, "integration"),
                    JobType = cursor.Word(facet, "jobType"),
                    CompleteSnapshot = cursor.Object(facet, "emissionPattern") is { } pattern
                        && cursor.Word(pattern, "eventContentMode") == CompleteSnapshot,
                };
            case "lineage":
                return job with { Lineage = new LineageReader(cursor, job.Node).Entries(facet) };
            case "tags":
                return job with { Tags = facets.Tags(facet) };
            case "ownership":
                facets.CheckOwners(facet);
                return job;
            default:
                return job;
        }
    }
}
