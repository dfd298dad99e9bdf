using System.Text;
using Catalog.Integrity;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Integrity;

public sealed class ManifestChunksTests
{
    private static readonly FileEntry[] s_many = Files(100_000);

    [Fact]
    public void The_chunks_hold_all_files_in_order()
    {
        var chunks = ManifestChunks.Split(s_many).ToArray();

        Assert.Equal(s_many, chunks.SelectMany(c => ManifestChunks.Read(c.Body)));
        Assert.InRange(chunks.Length, 50, 200);
        Assert.Equal(s_many.Length, chunks.Sum(c => c.Files));
        Assert.Equal(s_many.Sum(f => f.Bytes), chunks.Sum(c => c.Bytes));
        Assert.Equal(s_many.Sum(f => f.Rows), chunks.Sum(c => c.Rows));
        Assert.All(chunks, c => Assert.Equal(Sha256.Hash(c.Body.Span), c.Hash));
        Assert.All(chunks, c => Assert.Equal(c.FirstPath, ManifestChunks.Read(c.Body).First().Path));
        Assert.All(chunks, c => Assert.InRange(c.Files, 1, ManifestChunks.MaxFiles));
    }

    [Fact]
    public void Ten_files_more_change_a_few_chunks_only()
    {
        var before = Hashes(s_many);

        var atTheEnd = Hashes([.. s_many, .. Files(10, "z")]);
        var scattered = Hashes([.. s_many.Concat(s_many.Where((_, i) => i % 10_000 == 5).Select(f => f with { Path = f.Path + ".new" }))
            .OrderBy(f => f.Path, LogicalPath.Order)]);

        Assert.InRange(atTheEnd.Except(before).Count(), 1, 2);
        Assert.InRange(scattered.Except(before).Count(), 1, 11);
    }

    [Fact]
    public void Where_a_chunk_begins_depends_on_the_path_alone()
    {
        var first = ManifestChunks.Split(s_many).Skip(1).Select(c => c.FirstPath);
        var changed = ManifestChunks.Split(s_many.Select(f => f with { Bytes = 7, Rows = null, Uri = "file:///elsewhere" }))
            .Skip(1).Select(c => c.FirstPath);

        Assert.Equal(first, changed);
        Assert.All(first, path => Assert.True(ManifestChunks.Begins(path)));
    }

    [Fact]
    public void A_chunk_has_at_most_8192_files()
    {
        var files = Files(120_000).Where(f => !ManifestChunks.Begins(f.Path)).Take(20_000);

        Assert.Equal([8_192, 8_192, 3_616], ManifestChunks.Split(files).Select(c => c.Files));
    }

    [Fact]
    public void No_files_make_no_chunks() => Assert.Empty(ManifestChunks.Split([]));

    [Fact]
    public void Rows_are_unknown_when_one_files_rows_are() =>
        Assert.Null(Assert.Single(ManifestChunks.Split([File("a") with { Rows = null }, File("b")])).Rows);

    [Fact]
    public void A_line_of_the_body_is_canonical_json()
    {
        var file = new FileEntry("a \"b\"/🛫.parquet", "file:///data/a%20b", 9_007_199_254_740_993, null, new string('0', 64));

        var chunk = Assert.Single(ManifestChunks.Split([file]));

        var line = Encoding.UTF8.GetString(chunk.Body.Span);
        Assert.Equal(
            """{"bytes":"9007199254740993","path":"a \"b\"/🛫.parquet","rows":null"""
            + ""","sha256":"0000000000000000000000000000000000000000000000000000000000000000","uri":"file:///data/a%20b"}"""
            + "\n", line);
        Assert.Equal(line.TrimEnd('\n'), Encoding.UTF8.GetString(CanonicalJson.Serialize(System.Text.Json.Nodes.JsonNode.Parse(line))));
    }

    [Fact]
    public void Any_files_survive_splitting_and_reading() =>
        Gen.Select(Gen.String[1, 20], Gen.String, Gen.Long[0, long.MaxValue / 100], Gen.Long[0, 1000].Nullable())
            .Array[0, 20].Sample(rows =>
            {
                var files = rows
                    .Where(r => LogicalPath.Check(r.Item1) is null && Names.CheckCharacters(r.Item2) is null)
                    .DistinctBy(r => r.Item1)
                    .OrderBy(r => r.Item1, LogicalPath.Order)
                    .Select(r => new FileEntry(r.Item1, r.Item2, r.Item3, r.Item4, r.Item4 is null ? "" : Sha256.Hash([])))
                    .ToArray();

                Assert.Equal(files, ManifestChunks.Split(files).SelectMany(c => ManifestChunks.Read(c.Body)));
            });

    [Fact]
    public void Files_that_are_not_a_version_are_refused()
    {
        Assert.Contains("occurs twice", Refused(File("a"), File("a")), StringComparison.Ordinal);
        Assert.Contains("'a' belongs before 'b'", Refused(File("b"), File("a")), StringComparison.Ordinal);
        Assert.Contains("belongs before", Refused(File("🛫"), File("\uffee")), StringComparison.Ordinal);
        Assert.Contains("'..' parts", Refused(File("../a")), StringComparison.Ordinal);
        Assert.Contains("0 or more", Refused(File("a") with { Bytes = -1 }), StringComparison.Ordinal);
        Assert.Contains("0 or more", Refused(File("a") with { Rows = -1 }), StringComparison.Ordinal);
        Assert.Contains("lower-case", Refused(File("a") with { Sha256 = new string('A', 64) }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}\n")]
    [InlineData("x\n")]
    [InlineData("[]\n")]
    [InlineData("""{"bytes":1,"path":"a","rows":null,"sha256":"","uri":""}""" + "\n")]
    [InlineData("""{"bytes":"x","path":"a","rows":null,"sha256":"","uri":""}""" + "\n")]
    [InlineData("""{"bytes":"1","path":"a","rows":null,"sha256":"","uri":"","more":1}""" + "\n")]
    [InlineData("""{"bytes":"1","path":"a","rows":null,"sha256":"","uri":""}""")]
    public void A_body_that_was_not_made_here_is_refused(string body) =>
        Assert.Throws<InvalidDataException>(() => ManifestChunks.Read(Encoding.UTF8.GetBytes(body)).ToArray());

    private static string Refused(params FileEntry[] files)
    {
        Assert.Equal(ManifestChunksMessage(files), Assert.Throws<ArgumentException>(() => ContentHash.Compute(null, files)).Message);
        return ManifestChunksMessage(files);
    }

    private static string ManifestChunksMessage(FileEntry[] files) =>
        Assert.Throws<ArgumentException>(() => ManifestChunks.Split(files).Count()).Message;

    private static HashSet<string> Hashes(FileEntry[] files) => [.. ManifestChunks.Split(files).Select(c => c.Hash)];

    private static FileEntry File(string path) => new(path, "file:///data/" + path, 10, 5, Sha256.Hash(Encoding.UTF8.GetBytes(path)));

    private static FileEntry[] Files(int count, string folder = "images") =>
        [.. Enumerable.Range(0, count).Select(i => File($"{folder}/{i:D7}.png"))];
}
