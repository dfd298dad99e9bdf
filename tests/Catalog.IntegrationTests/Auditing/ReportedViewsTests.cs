using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>What SQL tools see of what OpenLineage events told.</summary>
public sealed class ReportedViewsTests(AuditedCatalog catalog) : IClassFixture<AuditedCatalog>
{
    [Fact]
    public async Task A_run_that_was_only_heard_of_shows_what_its_events_told()
    {
        await TellAsync("START", "10:00", "\"nominalTime\":{\"nominalStartTime\":\"2026-11-24T09:00:00Z\"}");
        await TellAsync("FAIL", "10:05");

        var run = Assert.Single(await RowsAsync(
            $"""
            select job, origin, state, started_at, ended_at, nominal_start, first_event, last_event
            from catalog.runs where run = 'run:{Run}'
            """));
        Assert.Equal([$"job:audited/{Job}", "openlineage", "failed", At(10, 0), At(10, 5), At(9, 0), At(10, 0), At(10, 5)], run);
    }

    [Fact]
    public async Task A_job_and_a_dataset_show_their_types_also_beside_no_edge()
    {
        await TellAsync("START", "10:00");
        (await catalog.Api.SendAsync(
            Sent.Single,
            """
            {"eventTime":"2026-11-24T11:00:00Z","producer":"https://example.org/reports",
             "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
             "dataset":{"namespace":"audited","name":"alone","facets":{
               "datasetType":{"_producer":"https://example.org","_schemaURL":"https://example.org/f","datasetType":"VIEW"},
               "lifecycleStateChange":{"_producer":"https://example.org","_schemaURL":"https://example.org/f",
                 "lifecycleStateChange":"CREATE"}}}}
            """)).Expect(201);
        await catalog.InStepAsync();

        Assert.Equal(
            ["openlineage", "VIEW", "create", At(11, 0)],
            Assert.Single(await RowsAsync(
                "select origin, type, lifecycle_change, first_event from catalog.datasets where dataset = 'dataset:audited/alone'")));
        Assert.Equal(
            ["openlineage", "BATCH", $"run:{Run}"],
            Assert.Single(await RowsAsync(
                $"select origin, processing_type, last_run from catalog.jobs where job = 'job:audited/{Job}'")));
    }

    [Fact]
    public async Task The_facets_that_stand_are_those_of_the_latest_events_and_none_that_was_taken_back()
    {
        await TellAsync("START", "12:00", Facet("a"), Facet("b"));
        await TellAsync("RUNNING", "12:01", Facet("a"), Facet("c"));
        await TellAsync("RUNNING", "12:02", "\"b\":{\"_deleted\":true}");

        var facets = await RowsAsync(
            $"""
            select facet, event_time from catalog.openlineage_facets where node = 'run:{Run}' and facet in ('a', 'b', 'c') order by facet
            """);
        Assert.Equal([["a", At(12, 1)], ["c", At(12, 1)]], facets);
        Assert.Equal(
            ["run", "running", 64, false],
            (await RowsAsync(
                $"""
                select kind, state, length(hash), late from catalog.openlineage_events
                where run = 'run:{Run}' and event_time = '2026-11-24 12:01Z'
                """))[0]);
    }

    private string Run { get; } = Guid.CreateVersion7().ToString();

    private string Job => $"nightly-{Run}";

    private async Task TellAsync(string type, string time, params string[] facets)
    {
        (await catalog.Api.SendAsync(
            Sent.Single,
            $$$"""
            {"eventType":"{{{type}}}","eventTime":"2026-11-24T{{{time}}}:00Z","producer":"https://example.org/reports",
             "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
             "run":{"runId":"{{{Run}}}","facets":{ {{{string.Join(',', facets)}}} } },
             "job":{"namespace":"audited","name":"{{{Job}}}","facets":{"jobType":{"_producer":"https://example.org",
               "_schemaURL":"https://example.org/f","processingType":"BATCH","integration":"CRON"} } } }
            """)).Expect(201);
        await catalog.InStepAsync();
    }

    private static string Facet(string name) =>
        $$"""
        "{{name}}":{"_producer":"https://example.org","_schemaURL":"https://example.org/f","said":true}
        """;

    private static DateTime At(int hour, int minute) => new(2026, 11, 24, hour, minute, 0, DateTimeKind.Utc);

    private Task<IReadOnlyList<object[]>> RowsAsync(string sql) => AuditorTests.RowsAsync(catalog.Auditor, sql);
}
