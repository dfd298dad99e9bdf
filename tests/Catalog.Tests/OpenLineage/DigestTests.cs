using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.Integrity;
using Catalog.Lineage.OpenLineage;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>When two bodies are the same event.</summary>
public sealed class DigestTests
{
    public static TheoryData<string> Canonical =>
        [.. Fixture.Names.Where(n => n != "run-complete").Select(n => Encoding.UTF8.GetString(Fixture.Bytes(n))), .. Tricky];

    private static readonly string[] Tricky =
    [
        """{"b":1,"a":[true,false,null,-0,0.5,1e21,1E-7,123456789012345,1.0],"":{},"é":""}""",
        """{"\u0061\u0062":"\u20ac\/\"\\\b\f\n\r\t\u001f\u007f"}""",
        """{"\ufb33":1,"\ud83d\ude00":2,"😀x":3,"ﬀ":4,"\u0080":5,"a":6,"\r":7,"1":8}""",
        """{"text":"😀 \ud83d\ude00 ünïcödé","nested":{"z":{"y":{"x":[[],[[]]]}}}}""",
    ];

    [Theory]
    [MemberData(nameof(Canonical))]
    public void It_is_the_hash_of_canonical_JSON(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Equal(Sha256.Hash(CanonicalJson.Serialize(document.RootElement)), EventDigest.Of(document.RootElement));
    }

    [Fact]
    public void Texts_longer_than_any_buffer_are_hashed_whole()
    {
        var json = JsonSerializer.Serialize(new { b = new string('x', 100_000), a = new string('\n', 50_000) });
        using var document = JsonDocument.Parse(json);

        Assert.Equal(Sha256.Hash(CanonicalJson.Serialize(document.RootElement)), EventDigest.Of(document.RootElement));
    }

    [Theory]
    [InlineData("run-start")]
    [InlineData("run-complete")]
    public void White_space_and_order_do_not_make_another_event(string name)
    {
        var json = Encoding.UTF8.GetString(Fixture.Bytes(name));
        var turned = Turned(JsonNode.Parse(json))?.ToJsonString() ?? "";

        Assert.NotEqual(json, turned);
        Assert.Equal(
            OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(json)).Hash,
            OpenLineageInterpreter.Read(Encoding.UTF8.GetBytes(turned)).Hash);
    }

    [Theory]
    [InlineData("""{"id":3821550127947089009}""", """{"id":3821550127947089010}""")]
    [InlineData("""{"id":1e400}""", """{"id":1e500}""")]
    [InlineData("""{"a":"\ud800"}""", """{"a":"\ud801"}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2,"a":1}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":"1"}""", """{"a":1}""")]
    public void What_has_no_canonical_form_still_tells_events_apart(string one, string other)
    {
        using var first = JsonDocument.Parse(one);
        using var second = JsonDocument.Parse(other);

        Assert.NotEqual(EventDigest.Of(first.RootElement), EventDigest.Of(second.RootElement));
    }

    private static JsonNode? Turned(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Reverse().Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Turned(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Turned)]),
        _ => node?.DeepClone(),
    };
}
