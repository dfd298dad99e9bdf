using System.Text.Json;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Online;
using Xunit;

namespace Catalog.Tests.Serving;

/// <summary>What is wrong with a request is told by its field, with what would be right.</summary>
public sealed class FeastRequestTests
{
    private static readonly FeastPlan s_plan = FeastPlan.Of(
        Served.Plan(
            Served.State(Served.View("demo", "v", Served.Define(
                [
                    new("id", "int32", "a"), new("name", "string", "b"), new("day", "date", "c"), new("price", "decimal(5,2)", "d"),
                    new("at", "timestamp(ms,UTC)", "e"), new("tag", "uuid", "f"),
                ],
                [new("x", "float64", "x")]))),
            "v:x"),
        fullNames: false);

    [Theory]
    [InlineData("[]", "body")]
    [InlineData("{}", "entities")]
    [InlineData("""{"entities":{}}""", "features")]
    [InlineData("""{"entities":{},"features":[]}""", "features")]
    [InlineData("""{"entities":{},"features":["v:x"],"feature_service":"s"}""", "features")]
    [InlineData("""{"entities":{},"features":"v:x"}""", "features")]
    [InlineData("""{"entities":{},"features":[1]}""", "features")]
    [InlineData("""{"entities":[],"features":["v:x"]}""", "entities")]
    [InlineData("""{"entities":{},"feature_service":1}""", "feature_service")]
    public void A_body_that_does_not_say_what_is_wanted_is_refused_by_its_field(string body, string field) =>
        Assert.Contains(field, Refused(() => new FeastBody().Find(Served.Utf8(body))).Keys);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"entities":{},"features":["v:x"]} x""")]
    [InlineData("""{"entities":{"a":[1,},"features":["v:x"]}""")]
    public void A_body_that_is_no_JSON_is_malformed(string body) =>
        Assert.ThrowsAny<JsonException>(() => new FeastBody().Find(Served.Utf8(body)));

    [Theory]
    [InlineData("id", "1.5", "whole number of int32")]
    [InlineData("id", "\"1x\"", "whole number of int32")]
    [InlineData("id", "2147483648", "whole number of int32")]
    [InlineData("id", "[1]", "a list or an object")]
    [InlineData("name", "7", "must be a string")]
    [InlineData("day", "\"2026-02-30\"", "a date such as")]
    [InlineData("price", "\"1.234\"", "2 digits behind the point")]
    [InlineData("at", "\"yesterday\"", "seconds since 1970")]
    [InlineData("at", "\"2026-11-26T14:02:00.0001Z\"", "seconds since 1970")]
    [InlineData("tag", "\"550e8400\"", "an id such as")]
    public void A_key_of_another_type_is_refused_with_its_row(string key, string value, string right)
    {
        var errors = Refused(() => Read($$"""{"{{key}}":[null,{{value}}]}"""));
        Assert.Contains("in row 1", Assert.Single(errors[$"entities.{key}"]), StringComparison.Ordinal);
        Assert.Contains(right, Assert.Single(errors[$"entities.{key}"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_none_is_refused() => Assert.Contains(
        "in row 0", Assert.Single(Refused(() => Read("""{"name":["\ud800"]}"""))["entities.name"]), StringComparison.Ordinal);

    [Fact]
    public void Columns_must_be_there_once_known_and_of_one_length()
    {
        Assert.Contains("entities.name", Refused(() => Read("""{"id":[1]}""")).Keys);
        Assert.Contains("'other'", Assert.Single(Refused(() => Read("""{"other":[1]}"""))["entities"]), StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Single(Refused(() => Read("""{"id":[1],"id":[2]}"""))["entities.id"]), StringComparison.Ordinal);
        var uneven = """{"id":[1],"name":["a","b"],"day":["2026-01-01"],"price":["1"],"at":[1],"tag":[null]}""";
        Assert.Contains("has 2 values", Assert.Single(Refused(() => Read(uneven))["entities.name"]), StringComparison.Ordinal);
    }

    [Fact]
    public void More_rows_than_ten_thousand_are_too_many()
    {
        Read($"{{\"id\":[{string.Join(',', Enumerable.Range(0, 10_000))}]}}", complete: false);
        var refused = Assert.Throws<ProblemException>(() => Read($"{{\"id\":[{string.Join(',', Enumerable.Range(0, 10_001))}]}}"));
        Assert.Equal("request.too_large", refused.Problem.Code);
    }

    [Fact]
    public void Keys_are_read_as_views_have_them()
    {
        var keys = Read(
            """
            {"\u0069d":["7"],"name":["caf\u00e9"],"day":["1970-01-02"],"price":["-1.5"],"at":["1970-01-01T00:00:01.5Z"],
             "tag":["550e8400-e29b-41d4-a716-446655440000"]}
            """);
        var batch = new KeyBatch();
        batch.Reset(new KeyLayout([.. s_plan.Read.Keys]));
        for (var key = 0; key < s_plan.Keys.Count; key++)
            keys[key].FillPart(batch, 0);
        batch.EndKey();

        var expected = new KeyBatch();
        expected.Reset(new KeyLayout([.. s_plan.Read.Keys]));
        expected.Part(7);
        expected.Part("café"u8);
        expected.Part(1);
        expected.Part([0x6A, .. Enumerable.Repeat((byte)0xFF, 15)]);
        expected.Part(1500);
        expected.Part(Convert.FromHexString("550e8400e29b41d4a716446655440000"));
        expected.EndKey();
        Assert.Equal(expected.BytesOf(0), batch.BytesOf(0));
    }

    [Fact]
    public void A_row_that_lacks_a_part_of_its_key_is_found_nowhere()
    {
        var view = Served.View("demo", "v", Served.Define([new("a", "int64", "a"), new("b", "int64", "b")], [new("x", "bool", "x")]));
        Assert.Contains(
            """{"values":[null],"statuses":["NOT_FOUND"]""",
            FeastAnswerTests.Answer(Served.State(view), """{"features":["v:x"],"entities":{"b":[1],"a":[null]}}"""),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_without_a_namespace_must_be_in_one_only()
    {
        var definition = Served.Define([new("a", "int64", "a")], [new("x", "bool", "x"), new("odd:name", "bool", "x")]);
        var state = Served.State(
            Served.View("one", "both", definition), Served.View("two", "both", definition), Served.View("s3://b", "only", definition));
        Assert.Equal("feature-view:s3%3A%2F%2Fb/only:x", FeatureNames.Feature("only:x", null, state).ToString());
        Assert.Equal("feature-view:two/both@1:x", FeatureNames.Feature("two/both@v1:x", null, state).ToString());
        Assert.Equal("feature-view:one/both:odd:name", FeatureNames.Feature("both:odd%3Aname", "one", state).ToString());
        Assert.Contains(
            "one, two", Assert.Single(Refused(() => FeatureNames.Feature("both:x", null, state))["features"]), StringComparison.Ordinal);
        Assert.Equal(
            "feature_view.not_found",
            Assert.Throws<ProblemException>(() => FeatureNames.Feature("none:x", null, state)).Problem.Code);
        Assert.Contains("features", Refused(() => FeatureNames.Feature("both", null, state)).Keys);
    }

    private static KeyColumns Read(string entities, bool complete = true)
    {
        var body = Served.Utf8($"{{\"features\":[\"v:x\"],\"entities\":{entities}}}");
        var call = FeastCall.Take();
        call.Body.Find(body);
        if (complete)
        {
            call.ReadKeys(body, s_plan);
            return call.Keys;
        }

        call.Keys.Begin(s_plan.Read, "entities");
        var json = new Utf8JsonReader(body.AsSpan()[call.Body.Entities[0].Values]);
        JsonKeys.Read(ref json, call.Keys.Add(0));
        return call.Keys;
    }

    private static IReadOnlyDictionary<string, string[]> Refused(Action act) =>
        Assert.Throws<ProblemException>(act).Problem.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal);
}
