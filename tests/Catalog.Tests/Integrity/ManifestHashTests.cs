using System.Text;
using System.Text.Json.Nodes;
using Catalog.Integrity;
using Catalog.Schemas;
using Xunit;

namespace Catalog.Tests.Integrity;

public sealed class ManifestHashTests
{
    private static readonly ManifestRoot s_root = new(
        new TableSchema([new Column("delay", "int32", Nullable: true)]),
        [new ChunkRef(new string('a', 64), 2, 30, 15, "a")],
        new Dictionary<string, ColumnStatistics>(StringComparer.Ordinal)
        {
            ["delay"] = new("-5", "90", 3),
            ["a.b"] = ColumnStatistics.Unknown,
        },
        Parent: 1,
        Run: "r1",
        Format: "parquet",
        Message: "February");

    [Fact]
    public void The_document_is_canonical_and_complete()
    {
        var document = Encoding.UTF8.GetString(ManifestHash.Document(s_root));

        const string Expected = """
            {"chunks":[{"bytes":"30","files":2,"firstPath":"a","hash":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "rows":"15"}],
            "filesFormat":"parquet","format":"catalog-manifest/1","message":"February","parent":"1","run":"r1",
            "schema":{"columns":[{"name":"delay","nullable":true,"type":"int32"}]},
            "statistics":{"a.b":{"max":null,"min":null,"nulls":null},"delay":{"max":"90","min":"-5","nulls":"3"}}}
            """;
        Assert.Equal(Expected.Replace("\n", "", StringComparison.Ordinal), document);
        Assert.Equal(document, Encoding.UTF8.GetString(CanonicalJson.Serialize(JsonNode.Parse(document))));
        Assert.Equal(Sha256.Hash(Encoding.UTF8.GetBytes(document)), ManifestHash.Compute(s_root));
    }

    [Fact]
    public void Every_part_of_the_manifest_counts()
    {
        ManifestRoot[] others =
        [
            s_root with { Schema = null },
            s_root with { Chunks = [] },
            s_root with { Chunks = [s_root.Chunks[0] with { Rows = null }] },
            s_root with { Statistics = new Dictionary<string, ColumnStatistics>(StringComparer.Ordinal) },
            s_root with { Parent = null },
            s_root with { Run = null },
            s_root with { Format = null },
            s_root with { Message = null },
        ];

        Assert.Equal(others.Length + 1, others.Append(s_root).Select(ManifestHash.Compute).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_chunk_is_referred_to_by_all_but_its_body()
    {
        var chunk = Assert.Single(ManifestChunks.Split([new FileEntry("a", "file:///a", 1, 2, Sha256.Hash([]))]));

        Assert.Equal(new ChunkRef(Sha256.Hash(chunk.Body.Span), 1, 1, 2, "a"), chunk.Reference);
    }
}
