using System.Text.Json;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Serving.Pushing;
using Xunit;

namespace Catalog.Tests.Serving;

/// <summary>Rows that are pushed as JSON: what fits, and what is said of what does not.</summary>
public sealed class PushedJsonTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("bool", "true", "01")]
    [InlineData("int8", "-1", "FF")]
    [InlineData("uint16", "65535", "FFFF")]
    [InlineData("int64", "\"9223372036854775807\"", "FFFFFFFFFFFFFF7F")]
    [InlineData("float32", "1.5", "0000C03F")]
    [InlineData("float64", "\"NaN\"", "000000000000F8FF")]
    [InlineData("date", "\"1970-01-02\"", "01000000")]
    [InlineData("time(ms)", "\"00:00:01.5\"", "DC050000")]
    [InlineData("timestamp(us,UTC)", "\"1970-01-01T00:00:01Z\"", "40420F0000000000")]
    [InlineData("timestamp(s)", "\"1970-01-01T00:00:01\"", "0100000000000000")]
    [InlineData("decimal(5,2)", "\"-1.5\"", "6AFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("string", "\"ü\"", "C3BC")]
    [InlineData("binary", "\"AQI=\"", "0102")]
    [InlineData("uuid", "\"00112233-4455-6677-8899-aabbccddeeff\"", "00112233445566778899AABBCCDDEEFF")]
    [InlineData("json", "\"{\\\"a\\\":1}\"", "7B2261223A317D")]
    public void A_value_is_the_bytes_that_rows_have(string type, string json, string bytes) =>
        Assert.Equal(bytes, Convert.ToHexString(JsonValues.Read(HotType.Of(type), Json(json)) ?? []));

    [Theory]
    [InlineData("bool", "1")]
    [InlineData("int8", "128")]
    [InlineData("uint8", "-1")]
    [InlineData("int32", "1.5")]
    [InlineData("int32", "\"1\"")]
    [InlineData("float32", "1e300")]
    [InlineData("float64", "\"many\"")]
    [InlineData("date", "\"26.11.2026\"")]
    [InlineData("timestamp(s,UTC)", "\"1970-01-01T00:00:01.5Z\"")]
    [InlineData("decimal(5,2)", "\"1.005\"")]
    [InlineData("decimal(5,2)", "\"1000\"")]
    [InlineData("string", "1")]
    [InlineData("binary", "\"no-base64\"")]
    [InlineData("uuid", "\"1\"")]
    [InlineData("json", "\"{\"")]
    [InlineData("fixed_binary(2)", "\"AQ==\"")]
    public void What_is_no_value_of_the_type_is_none(string type, string json) =>
        Assert.Null(JsonValues.Read(HotType.Of(type), Json(json)));

    [Fact]
    public void What_is_wrong_is_told_by_its_field()
    {
        Assert.Equal("rows[3].keys.id", Field("""{"id":"one"}""", "{}"));
        Assert.Equal("rows[3].keys.id", Field("{}", "{}"));
        Assert.Equal("rows[3].keys.it", Field("""{"id":1,"it":2}""", "{}"));
        Assert.Equal("rows[3].features.delay", Field("""{"id":1}""", """{"delay":"late"}"""));
        Assert.Equal("rows[3].features.dely", Field("""{"id":1}""", """{"dely":1}"""));
        Assert.Equal("rows[3].features.place", Field("""{"id":1}""", """{"place":[1,2,3]}"""));
        Assert.Equal("rows[3].features.place", Field("""{"id":1}""", """{"place":[1,"x"]}"""));
        Assert.Equal("rows[3].eventTime", Field("""{"id":1}""", "{}", s_now.AddMinutes(1)));
        Assert.Null(Field("""{"id":1}""", """{"delay":1,"place":[1,null]}"""));
    }

    private static string? Field(string keys, string features, DateTimeOffset? at = null)
    {
        var view = new FeatureDefinition(
            [new Entity("thing", [new EntityKey("id", "int64", "id")])],
            new FeatureSource(NodeId.Dataset("t", "events"), "at"),
            [new Feature("delay", "float64", "delay"), new Feature("place", "embedding(2)", "place")]);
        var row = new PushRows.Row(Members(keys), at ?? s_now, Members(features));
        return new JsonRowPacker(RowLayout.Of(view), s_now).Pack(row, "rows[3].").Problem?.Errors?.Keys.Single();
    }

    private static Dictionary<string, JsonElement> Members(string json) =>
        Json(json).EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
