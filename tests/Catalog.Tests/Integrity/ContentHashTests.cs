using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Catalog.Integrity;
using Catalog.Schemas;
using Xunit;

namespace Catalog.Tests.Integrity;

public sealed partial class ContentHashTests
{
    private static readonly JsonSerializerOptions s_web = new(JsonSerializerDefaults.Web);

    [Fact]
    public void The_worked_example_of_the_documentation_is_right()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "integrity.md"));
        var example = JsonSerializer.Deserialize<Example>(Block(page, "json"), s_web) ?? throw new InvalidDataException("No example.");
        var texts = Blocks().Matches(page).Where(m => m.Groups["language"].Value == "text").Select(m => m.Groups["body"].Value).ToArray();

        var hash = ContentHash.Compute(
            example.Schema, example.Files.Select(f => new FileEntry(f.Path, "file:///anywhere", f.Bytes, f.Rows, f.Sha256)));

        Assert.Equal(Sha256.Hash(Encoding.UTF8.GetBytes(texts[0])), hash);
        Assert.Equal(texts[1].Trim(), hash);
    }

    [Fact]
    public void Moving_a_file_keeps_the_content_and_anything_else_changes_it()
    {
        var schema = new TableSchema([new Column("a", "int8", Nullable: true)]);
        var file = new FileEntry("a", "file:///a", 1, 2, new string('a', 64));
        var hash = ContentHash.Compute(schema, [file]);

        Assert.Equal(hash, ContentHash.Compute(schema, [file with { Uri = "s3://bucket/a" }]));
        string[] others =
        [
            ContentHash.Compute(null, [file]),
            ContentHash.Compute(new TableSchema([]), [file]),
            ContentHash.Compute(new TableSchema([new Column("a", "int8", Nullable: false)]), [file]),
            ContentHash.Compute(schema, []),
            ContentHash.Compute(schema, [file, file with { Path = "b" }]),
            ContentHash.Compute(schema, [file with { Path = "b" }]),
            ContentHash.Compute(schema, [file with { Bytes = 2 }]),
            ContentHash.Compute(schema, [file with { Rows = 3 }]),
            ContentHash.Compute(schema, [file with { Rows = null }]),
            ContentHash.Compute(schema, [file with { Sha256 = new string('b', 64) }]),
        ];
        Assert.DoesNotContain(hash, others);
        Assert.Equal(others.Length, others.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Without_children_is_the_same_as_with_none() => Assert.Equal(
        ContentHash.Compute(new TableSchema([new Column("a", "int8", Nullable: true)]), []),
        ContentHash.Compute(new TableSchema([new Column("a", "int8", Nullable: true, [])]), []));

    [Fact]
    public void Files_that_were_not_read_have_no_content_hash() => Assert.Contains(
        "needs its SHA-256",
        Assert.Throws<ArgumentException>(() => ContentHash.Compute(null, [new FileEntry("a", "file:///a", 1, null, "")])).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_stream_has_the_hash_of_its_bytes()
    {
        var bytes = Encoding.UTF8.GetBytes("test");

        Assert.Equal("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Sha256.Hash(bytes));
        Assert.Equal(Sha256.Hash(bytes), await Sha256.HashAsync(new MemoryStream(bytes), TestContext.Current.CancellationToken));
        Assert.True(Sha256.IsHash(Sha256.Hash(bytes)));
        Assert.False(Sha256.IsHash(Sha256.Hash(bytes).ToUpperInvariant()));
    }

    private static string Block(string page, string language) =>
        Blocks().Matches(page).First(m => m.Groups["language"].Value == language).Groups["body"].Value;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Catalog.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run within the repository.");
    }

    [GeneratedRegex(
        "^```(?<language>[a-z]+)\n(?<body>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();

    private sealed record Example(TableSchema? Schema, IReadOnlyList<ExampleFile> Files);

    private sealed record ExampleFile(string Path, long Bytes, long? Rows, string Sha256);
}
