using System.Text;
using System.Text.Json;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>What an event means, rule by rule, and how leniently it is read.</summary>
public sealed class InterpretationTests
{
    public static TheoryData<string> Fixtures => [.. Fixture.Names];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void An_event_is_interpreted_as_reviewed(string name) =>
        Golden.Check(Fixture.InterpretedFile(name), Fixture.Text(Fixture.Read(Encoding.UTF8.GetString(Fixture.Bytes(name)))));

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Free_text_stays_out(string name)
    {
        var raw = Encoding.UTF8.GetString(Fixture.Bytes(name));

        Assert.Contains("FREE TEXT", raw, StringComparison.Ordinal);
        Assert.DoesNotContain("FREE TEXT", Fixture.Text(Fixture.Read(raw)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void An_interpreted_event_comes_back_from_the_log_whole(string name)
    {
        var written = JsonSerializer.Serialize(Fixture.Read(Encoding.UTF8.GetString(Fixture.Bytes(name))), CatalogStore.Json);
        var back = JsonSerializer.Deserialize<OpenLineageEvent>(written, CatalogStore.Json);

        Assert.Equal(written, JsonSerializer.Serialize(back, CatalogStore.Json));
    }

    [Theory]
    [InlineData("""{"run":{"runId":"r"},"job":{"namespace":"a","name":"b"},"dataset":{"namespace":"c"}""", OpenLineageKind.Run, "run:r")]
    [InlineData("""{"dataset":{"namespace":"c","name":"d"},"job":{"namespace":"a","name":"b"}""", OpenLineageKind.Dataset, "dataset:c/d")]
    [InlineData("""{"job":{"namespace":"a","name":"b"},"run":null""", OpenLineageKind.Job, "job:a/b")]
    [InlineData("""{"schemaURL":"OpenLineage.json#/$defs/RunEvent","job":{"namespace":"a","name":"b"}""", OpenLineageKind.Job, "job:a/b")]
    public void Kinds_are_told_by_the_keys_present(string members, OpenLineageKind kind, string subject)
    {
        var read = Fixture.Read(members + ""","eventTime":"2026-11-24T10:00:00Z"}""");

        Assert.Equal(kind, read.Kind);
        Assert.Equal(subject, read.Subject().ToString());
    }

    [Theory]
    [InlineData("run_id", "run:run_id")]
    [InlineData("manual__2026-11-24T10:00:00+00:00", "run:manual__2026-11-24T10%3A00%3A00+00%3A00")]
    [InlineData("0198D8F2-0000-7000-8000-00000000000A", "run:0198d8f2-0000-7000-8000-00000000000a")]
    public void Ids_of_runs_need_not_be_UUIDs(string id, string node) => Assert.Equal(
        node,
        Fixture.Read($$$"""{"eventTime":"2026-11-24","run":{"runId":"{{{id}}}"},"job":{"namespace":"a","name":"b"}}""")
            .Run?.Node.ToString());

    [Theory]
    [InlineData("\"START\"", OpenLineageState.Start)]
    [InlineData("\"complete\"", OpenLineageState.Complete)]
    [InlineData("\"OTHER\"", OpenLineageState.Other)]
    [InlineData("null", null)]
    public void The_step_of_a_run_is_one_of_six_or_none(string type, OpenLineageState? state) =>
        Assert.Equal(state, Fixture.Read(Fixture.Run($"\"eventType\":{type}")).State);

    [Fact]
    public void Members_that_are_null_or_empty_say_nothing()
    {
        var read = Fixture.Read(
            """
            {
              "eventTime":"2026-11-24", "run":{"runId":"r","facets":null}, "job":{"namespace":"a","name":"b","facets":{"jobType":null}},
              "inputs":null, "outputs":[]
            }
            """);

        Assert.Empty(read.Inputs);
        Assert.Empty(read.Outputs);
        Assert.Empty(read.Job?.Facets ?? ["?"]);
        Assert.Null(read.Job?.Lineage);
    }

    [Fact]
    public void Unknown_facets_are_named_and_not_looked_into()
    {
        var read = Fixture.Read(Fixture.Output("""{"acme_cost":{"run":7,"fields":"x"},"spark.logicalPlan":{}}"""));

        Assert.Equal(["acme_cost", "spark.logicalPlan"], read.Outputs[0].Facets);
    }

    [Fact]
    public void A_facet_that_is_taken_back_needs_no_content()
    {
        var facets = """
            {"version":{"_deleted":true},"columnLineage":{"_deleted":true,"fields":7},"schema":{"_deleted":false,"fields":[]}}
            """;
        var output = Fixture.Read(Fixture.Output(facets)).Outputs[0];

        Assert.Equal(["columnLineage", "version"], output.Deleted);
        Assert.Equal(["schema"], output.Facets);
        Assert.Null(output.Columns);
        Assert.Empty(output.Schema ?? [new("?", null, [])]);
    }

    [Fact]
    public void The_last_of_repeated_members_counts()
    {
        var read = Fixture.Read("""{"eventTime":"2026-11-24","job":{"namespace":"a"},"job":{"namespace":"c","n\u0061me":"d"}}""");

        Assert.Equal("job:c/d", read.Job?.Node.ToString());
    }

    [Theory]
    [InlineData("IDENTITY", "IDENTITY", false)]
    [InlineData("MASKED", null, true)]
    public void A_column_that_says_its_transformation_in_the_old_way_says_it_of_all_its_sources(string word, string? subtype, bool masking)
    {
        var facets = """
            {"columnLineage":{"fields":{"c":{"inputFields":[{"namespace":"n","name":"d","field":"f"}],"transformationType":"WORD"}}}}
            """.Replace("WORD", word, StringComparison.Ordinal);
        var columns = Fixture.Read(Fixture.Output(facets)).Outputs[0].Columns;

        Assert.Equal(
            new OpenLineageTransformation("DIRECT", subtype, masking),
            Assert.Single(columns?.Fields[0].Sources[0].Transformations ?? []));
    }

    [Theory]
    [InlineData("12", 12L)]
    [InlineData("12.0", 12L)]
    [InlineData("1e3", 1000L)]
    [InlineData("-1", -1L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("null", null)]
    public void Counts_are_whole_numbers_of_64_bits(string written, long? rows) => Assert.Equal(
        rows,
        Fixture.Read(Fixture.Output(outputFacets: $$$"""{"outputStatistics":{"rowCount":{{{written}}}}}""")).Outputs[0].Statistics?.Rows);

    [Fact]
    public void Versions_may_be_numbers() =>
        Assert.Equal("7", Fixture.Read(Fixture.Output("""{"version":{"datasetVersion":7}}""")).Outputs[0].Version);

    [Fact]
    public void Long_words_are_cut_and_stay_different()
    {
        var (one, other) = (new string('x', 5_000) + "1", new string('x', 5_000) + "2");
        string? TypeOf(string word) =>
            Fixture.Read(Fixture.Output($$$"""{"schema":{"fields":[{"name":"c","type":"{{{word}}}"}]}}""")).Outputs[0].Schema?[0].Type;

        Assert.NotEqual(TypeOf(one), TypeOf(other));
        Assert.Equal(512, TypeOf(one)?.Length);
        Assert.StartsWith("xxxx", TypeOf(one), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""a\u0000b""")]
    [InlineData("""a\ud800b""")]
    public void Words_that_no_database_takes_are_made_fit(string word)
    {
        var facets = $$$"""{"schema":{"fields":[{"name":"c","type":"{{{word}}}"}]}}""";
        var type = Fixture.Read(Fixture.Output(facets)).Outputs[0].Schema?[0].Type;

        Assert.StartsWith("a b…", type, StringComparison.Ordinal);
        Assert.Null(Names.CheckCharacters(type ?? "\0"));
    }

    [Fact]
    public void Schemas_nested_beyond_reason_are_cut()
    {
        var nested = string.Concat(Enumerable.Repeat("""{"name":"c","fields":[""", 100)) + string.Concat(Enumerable.Repeat("]}", 100));
        var read = Fixture.Read(Fixture.Output($$$"""{"schema":{"fields":[{{{nested}}}]}}"""));

        Assert.Contains("\"c\"", JsonSerializer.Serialize(read, CatalogStore.Json), StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over()
    {
        var reading = OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes("\uFEFF" + Fixture.Run()));

        Assert.True(reading.Succeeded);
    }
}
