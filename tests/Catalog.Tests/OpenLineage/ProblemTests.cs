using Catalog.Lineage.OpenLineage;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>What is wrong with an event, where, and what would be right.</summary>
public sealed class ProblemTests
{
    private const string Named = "\"namespace\":\"n\",\"name\":\"d\"";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "", "$", "must be JSON of at most 256 levels; it is not from line 1, byte 1 on." },
        { "{\n  \"run\": }", "$", "must be JSON of at most 256 levels; it is not from line 2, byte 10 on." },
        { "[]", "$", "must be an object: a run, job or dataset event." },
        { "7", "$", "must be an object: a run, job or dataset event." },
        { "{}", "$", "must have 'run' and 'job' (a run event), 'job' (a job event) or 'dataset' (a dataset event)." },
        { """{"job":{"namespace":"a","name":"b"}}""", "$.eventTime", "must be given: when it happened, such as 2026-11-24T10:00:00.000Z." },
        {
            """{"job":{"namespace":"a","name":"b"},"eventTime":"yesterday"}""",
            "$.eventTime",
            "must be a time such as 2026-11-24T10:00:00.000Z (ISO 8601; UTC is meant where no offset is given)."
        },
        { """{"job":{"namespace":"a","name":"b"},"eventTime":1764000000}""", "$.eventTime", "must be a text." },
        { """{"eventTime":"2026-11-24","run":{"runId":"r"}}""", "$.job", "must be given, and be an object." },
        {
            """{"eventTime":"2026-11-24","run":{},"job":{"namespace":"a","name":"b"}}""",
            "$.run.runId",
            "must be given, and be a text: a UUID is best."
        },
        { """{"eventTime":"2026-11-24","run":{"runId":""},"job":{"namespace":"a","name":"b"}}""", "$.run.runId", "must not be empty." },
        { """{"eventTime":"2026-11-24","run":[],"job":{"namespace":"a","name":"b"}}""", "$.run", "must be an object." },
        { """{"eventTime":"2026-11-24","job":{"namespace":"a","name":" b"}}""", "$.job.name", "must not begin or end with white space." },
        {
            """{"eventTime":"2026-11-24","job":{"namespace":"a\u0000","name":"b"}}""",
            "$.job.namespace",
            "must not hold the control character U+0000."
        },
        {
            """{"eventTime":"2026-11-24","job":{"namespace":"a","name":"\ud800"}}""",
            "$.job.name",
            "must not hold half of a surrogate pair (U+D800)."
        },
        { """{"eventTime":"2026-11-24","dataset":{"namespace":"a"}}""", "$.dataset.name", "must be given, and be a text." },
        { Fixture.Run("\"eventType\":\"STOP\""), "$.eventType", "must be one of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER." },
        { Fixture.Run("\"inputs\":{}"), "$.inputs", "must be an array." },
        { Fixture.Run("\"inputs\":[null]"), "$.inputs[0]", "must be an object." },
        { Fixture.Run($"\"inputs\":[{{{Named}}},{{\"namespace\":\"n\",\"name\":7}}]"), "$.inputs[1].name", "must be a text." },
        {
            Fixture.Run($"\"inputs\":[{{\"namespace\":\"n\",\"name\":\"{new string('x', 513)}\"}}]"),
            "$.inputs[0].name",
            "must have at most 512 characters, not 513."
        },
        {
            Fixture.Run($"\"inputs\":[{{\"namespace\":\"{new string('ß', 512)}\",\"name\":\"{new string('ß', 512)}\"}}]"),
            "$.inputs[0].name",
            "Namespace and name of a dataset must take at most 2000 bytes together once encoded, not 2057."
        },
        { Fixture.Run(runFacets: "[]"), "$.run.facets", "must be an object." },
        { Fixture.Run(runFacets: """{"acme":7}"""), "$.run.facets.acme", "must be an object: a facet." },
        { Fixture.Run(runFacets: """{"a'b \\":7}"""), @"$.run.facets['a\'b \\']", "must be an object: a facet." },
        {
            Fixture.Run(runFacets: """{"parent":{"run":{},"job":{"namespace":"n","name":"d"}}}"""),
            "$.run.facets.parent.run.runId",
            "must be given, and be a text: a UUID is best."
        },
        { Fixture.Run(runFacets: """{"parent":{"run":{"runId":"p"}}}"""), "$.run.facets.parent.job", "must be given, and be an object." },
        {
            Fixture.Run(runFacets: """{"nominalTime":{}}"""),
            "$.run.facets.nominalTime.nominalStartTime",
            "must be given: a time such as 2026-11-24T10:00:00.000Z."
        },
        { Fixture.Run(runFacets: """{"tags":{"tags":[{"value":"v"}]}}"""), "$.run.facets.tags.tags[0].key", "must be given." },
        {
            Fixture.Run(jobFacets: """{"ownership":{"owners":[{"no-name":"x"}]}}"""),
            "$.job.facets.ownership.owners[0].name",
            "must be given, and be a text."
        },
        { Fixture.Run(jobFacets: """{"lineage":{}}"""), "$.job.facets.lineage.entries", "must be given, and be an array." },
        {
            Fixture.Run(jobFacets: """{"lineage":{"entries":[{"namespace":"n","name":"d"}]}}"""),
            "$.job.facets.lineage.entries[0].type",
            "must be given: DATASET or JOB."
        },
        {
            Fixture.Run(jobFacets: """{"lineage":{"entries":[{"type":"JOB","name":"d"}]}}"""),
            "$.job.facets.lineage.entries[0].namespace",
            "must be given, and be a text."
        },
        {
            Fixture.Run(
                jobFacets: """{"lineage":{"entries":[{"type":"DATASET","namespace":"n","name":"d","fields":{"":{"inputs":[]}}}]}}"""),
            "$.job.facets.lineage.entries[0].fields['']",
            "The name of a column must not be empty."
        },
        { Fixture.Output("""{"schema":{"fields":[{"type":"INT"}]}}"""), "$.outputs[0].facets.schema.fields[0].name", "must be given." },
        { Fixture.Output("""{"version":{}}"""), "$.outputs[0].facets.version.datasetVersion", "must be given." },
        {
            Fixture.Output("""{"symlinks":{"identifiers":[{"namespace":"n"}]}}"""),
            "$.outputs[0].facets.symlinks.identifiers[0].name",
            "must be given, and be a text."
        },
        {
            Fixture.Output("""{"lifecycleStateChange":{}}"""),
            "$.outputs[0].facets.lifecycleStateChange.lifecycleStateChange",
            "must be given."
        },
        {
            Fixture.Output("""{"lifecycleStateChange":{"lifecycleStateChange":"BURN"}}"""),
            "$.outputs[0].facets.lifecycleStateChange.lifecycleStateChange",
            "must be one of ALTER, CREATE, DROP, OVERWRITE, RENAME, TRUNCATE."
        },
        {
            Fixture.Output("""{"columnLineage":{"fields":{"a b":{"inputFields":[{"namespace":"n","name":"d"}]}}}}"""),
            "$.outputs[0].facets.columnLineage.fields['a b'].inputFields[0].field",
            "must be given, and be a text."
        },
        {
            Fixture.Output("""
                {"columnLineage":{"fields":{"c":{"inputFields":[{"namespace":"n","name":"d","field":"f","transformations":[{}]}]}}}}
                """),
            "$.outputs[0].facets.columnLineage.fields.c.inputFields[0].transformations[0].type",
            "must be given."
        },
        {
            Fixture.Output(outputFacets: """{"outputStatistics":{"rowCount":"wrong"}}"""),
            "$.outputs[0].outputFacets.outputStatistics.rowCount",
            "must be a whole number of 64 bits."
        },
        {
            Fixture.Output(outputFacets: """{"outputStatistics":{"size":1e30}}"""),
            "$.outputs[0].outputFacets.outputStatistics.size",
            "must be a whole number of 64 bits."
        },
        {
            Fixture.Output(outputFacets: """{"dataQualityMetrics":{}}"""),
            "$.outputs[0].outputFacets.dataQualityMetrics",
            "must have 'columnMetrics' or 'rowCount'."
        },
        {
            Fixture.Output(outputFacets: """{"dataQualityAssertions":{"assertions":[{"assertion":"x","success":"yes"}]}}"""),
            "$.outputs[0].outputFacets.dataQualityAssertions.assertions[0].success",
            "must be true or false."
        },
        {
            """{"eventTime":"2026-11-24","dataset":{"namespace":"n","name":"d","facets":{"lineage":{"inputs":[{"type":"JOB"}]}}}}""",
            "$.dataset.facets.lineage.inputs[0]",
            "must have 'namespace' and 'name': a dataset event has no job of its own."
        },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_problem_names_the_path_and_what_would_be_right(string json, string path, string detail) =>
        Assert.Equal(new OpenLineageProblem(path, detail), Fixture.Problem(json));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_a_problem()
    {
        byte[] body = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        var reading = OpenLineageInterpreter.Read(body);

        Assert.Equal(new OpenLineageProblem("$", "must be JSON in UTF-8."), reading.Problem);
    }

    [Fact]
    public void JSON_that_is_too_deep_is_a_problem()
    {
        var reading = OpenLineageInterpreter.Read(System.Text.Encoding.UTF8.GetBytes(new string('[', 100_000)));

        Assert.StartsWith("must be JSON of at most 256 levels", reading.Problem?.Detail, StringComparison.Ordinal);
    }
}
