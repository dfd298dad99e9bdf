using System.Text;
using System.Text.Json;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Nodes;

public sealed class NodeIdTests
{
    private static readonly string[] s_pieces =
        ["/", ":", "@", "#", "%", "%2F", "%252F", " ", "🛫", "é", "漢", ".", "\\", "?", "+", "&", "\"", "a", "Z", "7", "\u200d"];

    private static readonly Gen<string> s_name =
        Gen.OneOf(Gen.Int[0, s_pieces.Length - 1].Select(i => s_pieces[i]), Gen.Char.Select(c => c.ToString()))
            .Array[1, 12]
            .Select(string.Concat)
            .Where(name => Names.Check(name) is null);

    private static readonly Gen<string> s_version = Gen.OneOf(Gen.Long[1, long.MaxValue].Select(n => n.ToString()), s_name)
        .Where(version => Names.CheckVersion(version) is null);

    [Fact]
    public void Every_allowed_name_survives_printing_and_parsing() =>
        Gen.Select(Gen.Enum<NodeKind>(), s_name, s_name, s_version.Null(), s_name.Null()).Sample((kind, ns, name, version, column) =>
        {
            var idOnly = kind is NodeKind.Run or NodeKind.Generation or NodeKind.File;
            var id = kind is NodeKind.File
                ? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)))
                : name;
            version = kind is NodeKind.Dataset or NodeKind.Model or NodeKind.FeatureView or NodeKind.FeatureService ? version : null;
            column = kind is NodeKind.Dataset or NodeKind.FeatureView ? column : null;
            Assert.True(NodeId.TryCreate(kind, idOnly ? "" : ns, id, version, column, out var node, out var error), error);

            var parsed = NodeId.Parse(node.ToString());

            Assert.Equal(node, parsed);
            Assert.Equal(node, NodeIdText.ReadWritten(Encoding.UTF8.GetBytes(node.ToString())));
            Assert.Equal(
                (kind, idOnly ? "" : ns, id, version, column),
                (parsed.Kind, parsed.Namespace, parsed.Name, parsed.Version, parsed.Column));
            Assert.Equal(node, JsonSerializer.Deserialize<NodeId>(JsonSerializer.Serialize(node)));
            Assert.Equal(node.WithoutVersion(), NodeId.Parse(node.StreamId));
        });

    [Fact]
    public void Uri_escaping_of_the_parts_reads_as_the_same_node() =>
        Gen.Select(s_name, s_name).Sample((ns, name) =>
            Assert.Equal(NodeId.Dataset(ns, name), NodeId.Parse($"dataset:{Uri.EscapeDataString(ns)}/{Uri.EscapeDataString(name)}")));

    [Fact]
    public void Any_text_is_read_or_refused_with_a_sentence() =>
        Gen.OneOf(
            Gen.String, Gen.String.Select(s => "dataset:" + s),
            Gen.String[Gen.Char["a:/@#%2F0 .é"], 0, 20].Select(s => "model:a/" + s)).Sample(text =>
        {
            if (NodeId.TryParse(text, out var node, out var error))
            {
                Assert.Equal(node, NodeId.Parse(node.ToString()));
            }
            else
            {
                Assert.EndsWith(".", error, StringComparison.Ordinal);
            }
        });

    [Fact]
    public void Ids_are_written_as_people_know_them()
    {
        Assert.Equal("dataset:demo/flights@3#delay", NodeId.Dataset("demo", "flights", 3, "delay").ToString());
        Assert.Equal("dataset:demo/flights#delay", NodeId.Dataset("demo", "flights", column: "delay").ToString());
        Assert.Equal("dataset:s3%3A%2F%2Fbucket/a b%2Fc%252F🛫@gold", NodeId.Dataset("s3://bucket", "a b/c%2F🛫", "gold").ToString());
        Assert.Equal("job:demo/train", NodeId.Job("demo", "train").ToString());
        Assert.Equal("model:demo/flight-delay@1", NodeId.Model("demo", "flight-delay", 1).ToString());
        Assert.Equal("deployment:demo/production", NodeId.Deployment("demo", "production").ToString());
        Assert.Equal("feature-view:demo/origin#delay", NodeId.FeatureView("demo", "origin", column: "delay").ToString());
        Assert.Equal("feature-service:demo/delays", NodeId.FeatureService("demo", "delays").ToString());
        Assert.Equal("run:01990000-0000-7000-8000-00000000000a", NodeId.Run(new Guid("01990000-0000-7000-8000-00000000000A")).ToString());
        Assert.Equal("run:a%2Fb", NodeId.Run("a/b").ToString());
        Assert.Equal("generation:g1", NodeId.Generation("g1").ToString());
        Assert.Equal("file:" + new string('0', 64), NodeId.File(new string('0', 64)).ToString());
    }

    [Fact]
    public void A_stream_belongs_to_the_node_in_all_its_versions()
    {
        var node = NodeId.Dataset("demo", "flights", 3, "delay");

        Assert.Equal("dataset:demo/flights", node.StreamId);
        Assert.Equal(NodeId.Dataset("demo", "flights"), node.WithoutVersion());
        Assert.Equal("dataset:demo/flights@4#delay", node.WithVersion(4).ToString());
        Assert.Equal("dataset:demo/flights#delay", node.WithVersion(null).ToString());
        Assert.Equal((3L, null), (node.VersionNumber, node.WithVersion("gold").VersionNumber));
    }

    [Theory]
    [InlineData("", "must not be empty")]
    [InlineData("flights", "does not begin with a kind")]
    [InlineData("table:demo/flights", "The kinds are dataset, job")]
    [InlineData("Dataset:demo/flights", "The kinds are dataset, job")]
    [InlineData(":demo/flights", "does not begin with a kind")]
    [InlineData("dataset:demo", "write dataset:namespace/name")]
    [InlineData("dataset:", "write dataset:namespace/name")]
    [InlineData("dataset:/flights", "The namespace of a dataset must not be empty")]
    [InlineData("dataset:demo/", "The name of a dataset must not be empty")]
    [InlineData("dataset:demo/..", "must not be '.' or '..'")]
    [InlineData("dataset:demo/%2E%2e", "must not be '.' or '..'")]
    [InlineData("dataset:demo/flights@", "leave the '@' out")]
    [InlineData("dataset:demo/flights#", "leave the '#' out")]
    [InlineData("dataset:demo/flights@#delay", "leave the '@' out")]
    [InlineData("dataset:demo/flights@0", "a whole number from 1 up")]
    [InlineData("dataset:demo/flights@-1", "a whole number from 1 up")]
    [InlineData("dataset:demo/flights@01", "a whole number from 1 up")]
    [InlineData("dataset:demo/flights@99999999999999999999", "a whole number from 1 up")]
    [InlineData("dataset:demo/a/b", "the name holds a bare '/'; within a part it is written %2F")]
    [InlineData("dataset:s3://b/x", "the namespace holds a bare ':'; within a part it is written %3A")]
    [InlineData("dataset:demo/a@1@2", "the version holds a bare '@'")]
    [InlineData("dataset:demo/a#b@2", "the column holds a bare '@'")]
    [InlineData("dataset:demo/a#b#c", "the column holds a bare '#'")]
    [InlineData("dataset:demo/a%", "a percent sign is written %25")]
    [InlineData("dataset:demo/a%2", "a percent sign is written %25")]
    [InlineData("dataset:demo/a%zz", "a percent sign is written %25")]
    [InlineData("dataset:demo/%FF", "not UTF-8")]
    [InlineData("dataset:demo/%C0%AF", "not UTF-8")]
    [InlineData("dataset:demo/%ED%A0%80", "not UTF-8")]
    [InlineData("dataset:demo/a%00", "control character U+0000")]
    [InlineData("dataset:demo/a\u2028b", "control character U+2028")]
    [InlineData("dataset:demo/ a", "white space")]
    [InlineData("job:demo/train@1", "The version of a job must be left out")]
    [InlineData("model:demo/m#c", "The column of a model must be left out")]
    [InlineData("run:", "The id of a run must not be empty")]
    [InlineData("run:a/b", "the id holds a bare '/'")]
    [InlineData("run:a@1", "The version of a run must be left out")]
    [InlineData("file:abc", "64 lower-case hexadecimal digits")]
    public void What_is_not_a_node_id_is_refused_with_what_would_be_right(string text, string reason)
    {
        Assert.False(NodeId.TryParse(text, out var node, out var error));
        Assert.Equal(default, node);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("\u2028", error, StringComparison.Ordinal);
        Assert.Equal(error, Assert.Throws<FormatException>(() => NodeId.Parse(text)).Message);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_wherever_it_stands()
    {
        Assert.False(NodeId.TryParse("dataset:demo/a" + '\ud83d', out _, out var error));
        Assert.Contains("half of a surrogate pair", error, StringComparison.Ordinal);
        Assert.Throws<NodeIdException>(() => NodeId.Dataset("" + '\udeeb', "a"));
    }

    [Fact]
    public void Names_and_texts_that_are_too_long_are_refused_briefly()
    {
        Assert.False(NodeId.TryParse("dataset:demo/" + new string('a', 10_000), out _, out var error));
        Assert.Contains("at most 512 characters, not 10000", error, StringComparison.Ordinal);
        Assert.True(error.Length < 250);
        Assert.False(NodeId.TryParse("dataset:demo/" + new string('a', 10_000_000), out _, out error));
        Assert.Contains("at most", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_id_fits_the_index_of_the_database()
    {
        Assert.True(NodeId.TryCreate(NodeKind.Dataset, new string('漢', 320), new string('漢', 320), null, null, out var node, out _));
        Assert.True(Encoding.UTF8.GetByteCount(node.StreamId) <= Names.MaxStreamIdBytes);
        Assert.False(NodeId.TryCreate(NodeKind.Dataset, new string('漢', 400), new string('漢', 400), null, null, out _, out var error));
        Assert.Contains("at most 2000 bytes together", error, StringComparison.Ordinal);
        Assert.False(NodeId.TryCreate(NodeKind.Run, "", new string('/', 512) + "x", null, null, out _, out _));
    }

    [Fact]
    public void The_order_of_ids_counts_versions_as_numbers()
    {
        var sorted = new[]
        {
            NodeId.Dataset("a", "x"), NodeId.Dataset("a", "x", 1, "c"), NodeId.Dataset("a", "x", 2), NodeId.Dataset("a", "x", 10),
            NodeId.Dataset("a", "x", "gold"), NodeId.Dataset("a", "y"), NodeId.Dataset("b", "a"), NodeId.Job("a", "a"), NodeId.Run("0"),
        };

        Assert.Equal(sorted, sorted.Reverse().Order(NodeId.Order));
    }

    [Fact]
    public void Json_holds_ids_as_strings_and_as_keys()
    {
        var node = NodeId.Dataset("demo", "flights", 3);

        Assert.Equal("""{"Node":"dataset:demo/flights@3"}""", JsonSerializer.Serialize(new { Node = node }));
        Assert.Equal("""{"dataset:demo/flights@3":1}""", JsonSerializer.Serialize(new Dictionary<NodeId, int> { [node] = 1 }));
        Assert.Equal(1, JsonSerializer.Deserialize<Dictionary<NodeId, int>>("""{"dataset:demo/flights@3":1}""")?[node]);
        Assert.Contains(
            "The kinds are",
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<NodeId>("\"x\"")).Message,
            StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<NodeId>("3"));
        Assert.Throws<JsonException>(() => JsonSerializer.Serialize(default(NodeId)));
    }

    [Fact]
    public void An_unset_id_prints_nothing_and_is_no_dataset() =>
        Assert.Equal(("", ""), (default(NodeId).ToString(), default(NodeId).Name));
}
