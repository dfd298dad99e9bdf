using Catalog.Datasets;
using Catalog.Manifests;
using Catalog.Models;
using Xunit;

namespace Catalog.Tests.Datasets;

public sealed class DatasetShapeTests
{
    private static readonly RegisterDataset.Validator s_register = new();
    private static readonly string s_sha256 = new('a', 64);

    [Theory]
    [MemberData(nameof(Shapes.GoodNames), MemberType = typeof(Shapes))]
    public void Datasets_may_be_called_so(string name) => s_register.Fits(new(name, name[..Math.Min(50, name.Length)], "team"));

    [Theory]
    [MemberData(nameof(Shapes.BadNames), MemberType = typeof(Shapes))]
    public void Datasets_may_not_be_called_so(string name)
    {
        s_register.Flags(new(name, "x", "team"), "Namespace");
        s_register.Flags(new("x", name, "team"), "Name");
    }

    [Fact]
    public void Ten_thousand_characters_are_no_name() => s_register.Flags(new("x", new string('n', 10_000), "team"), "Name");

    [Fact]
    public void Namespace_and_name_fit_an_index_key_together()
    {
        var wide = new string('✈', 512);

        s_register.Fits(new("x", wide, "team"));
        s_register.Flags(new(wide, wide, "team"), "name");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public void An_owner_is_an_id(string owner) => s_register.Flags(new("x", "y", owner), "Owner");

    [Fact]
    public void An_owners_id_has_an_end()
    {
        s_register.Fits(new("x", "y", new string('o', 256)));
        s_register.Flags(new("x", "y", new string('o', 257)), "Owner");
    }

    [Fact]
    public void Documentation_may_say_anything_but_NUL()
    {
        s_register.Fits(new("x", "y", "team", "# Title\r\n\t🛫 \u001b " + new string('d', 99_000)));
        s_register.Flags(new("x", "y", "team", "a\0b"), "Documentation");
        s_register.Flags(new("x", "y", "team", new string('d', 100_001)), "Documentation");
    }

    [Fact]
    public void Tags_are_names_of_128_characters_a_hundred_at_most()
    {
        s_register.Fits(new("x", "y", "team", Tags: ["tier:gold", "100%", "🛫", new string('t', 128)]));
        s_register.Flags(new("x", "y", "team", Tags: [new string('t', 129)]), "Tags");
        s_register.Flags(new("x", "y", "team", Tags: ["a\0b"]), "Tags");
        s_register.Flags(new("x", "y", "team", Tags: [""]), "Tags");
        s_register.Flags(new("x", "y", "team", Tags: [.. Enumerable.Range(0, 101).Select(n => $"{n}")]), "Tags");
    }

    [Theory]
    [MemberData(nameof(Shapes.BadNames), MemberType = typeof(Shapes))]
    public void A_tag_is_a_name(string tag) => new TagDataset.Validator().Flags(new("x", "y", Column: null, tag, Present: true), "Tag");

    [Theory]
    [InlineData("gold")]
    [InlineData("v3")]
    [InlineData("3.1")]
    [InlineData("Latest")]
    [InlineData("a/b @ 100%")]
    public void Versions_may_be_called_so(string alias)
    {
        new AliasVersion.Validator().Fits(new("x", "y", alias, 1, ExpectedStreamVersion: null));
        Assert.Equal(alias, NodeId.Dataset("x", "y").WithVersion(alias).Version);
    }

    /// <summary>Whatever could be taken for a number would be stored and then not be found, or not even printed.</summary>
    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("007")]
    [InlineData("-3")]
    [InlineData("+3")]
    [InlineData("１２")]
    [InlineData("٣")]
    [InlineData("latest")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Versions_may_not_be_called_so(string alias)
    {
        new AliasVersion.Validator().Flags(new("x", "y", alias, 1, ExpectedStreamVersion: null), "Alias");
        new AliasModelVersion.Validator().Flags(new("x", "y", alias, 1, ExpectedStreamVersion: null), "Alias");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_alias_points_to_a_number_from_one(long number) =>
        new AliasVersion.Validator().Flags(new("x", "y", "gold", number, ExpectedStreamVersion: null), "version");

    [Fact]
    public void A_compatibility_that_is_none_of_ours_is_refused() =>
        new DeclareCompatibility.Validator().Flags(new("x", "y", (Compatibility)7), "Mode");

    [Fact]
    public void A_datasheet_is_looked_at_field_by_field()
    {
        var much = new string('x', 4_001);

        Describe(new(Datasheet: new(new string('x', 4_000))));
        Describe(new(Datasheet: new(much)), "datasheet.licence");
        Describe(new(Datasheet: new(Origin: much)), "datasheet.origin");
        Describe(new(Datasheet: new(Collection: much)), "datasheet.collection");
        Describe(new(Datasheet: new(LegalBasis: much)), "datasheet.legalBasis");
        Describe(new(Datasheet: new(IntendedUse: much)), "datasheet.intendedUse");
        Describe(new(Datasheet: new(KnownLimits: "a\0")), "datasheet.knownLimits");
        Describe(new(Owner: ""), "owner");
        Describe(new(Documentation: "\0"), "documentation");
    }

    [Fact]
    public void Files_say_where_they_lie_or_what_was_uploaded()
    {
        Files(new FileSource(Uri: "file:///data/a.csv"));
        Files(new FileSource("a.csv", Sha256: s_sha256));
        Files(new FileSource("a.csv", "file:///data/a.csv", s_sha256, 10));
        Files(new FileSource("a.csv"), "Files[0].Uri");
        Files(new FileSource(Sha256: s_sha256), "Files[0].Path");
        Files(new FileSource("a.csv", Sha256: new string('A', 64)), "Files[0].Sha256");
        Files(new FileSource("a.csv", Sha256: "abc"), "Files[0].Sha256");
        Files(new FileSource("a.csv", Sha256: s_sha256, Bytes: -1), "Files[0].Bytes");
    }

    [Theory]
    [InlineData("/a.csv")]
    [InlineData("../a.csv")]
    [InlineData("a//b.csv")]
    [InlineData("a\\b.csv")]
    [InlineData("a\0.csv")]
    [InlineData("")]
    public void A_logical_path_is_relative_and_plain(string path)
    {
        Files(new FileSource(path, Sha256: s_sha256), "Files[0].Path");
        Version(new(Mode: CommitMode.Append, Remove: [path]), "Remove[0]");
    }

    [Fact]
    public void Folders_have_a_place_a_pattern_and_a_prefix()
    {
        Version(new(Folders: [new FolderSource("file:///data", "**/*.parquet", "2001/03/")]));
        Version(new(Folders: [new FolderSource("")]), "Folders[0].Uri");
        Version(new(Folders: [new FolderSource("file:///data", "")]), "Folders[0].Glob");
        Version(new(Folders: [new FolderSource("file:///data", new string('*', 1_001))]), "Folders[0].Glob");
        Version(new(Folders: [new FolderSource("file:///data", Prefix: "../x")]), "Folders[0].Prefix");
        Version(new(Folders: [new FolderSource("file:///data", Prefix: "/")]), "Folders[0].Prefix");
    }

    [Fact]
    public void A_version_holds_to_its_limits()
    {
        Version(new(Files: s_files, Remove: ["a.csv"]), "Remove");
        Version(new(Mode: CommitMode.Append, Remove: ["a.csv"]));
        Version(new(), "Files");
        Version(new(Files: [], Folders: []), "Files");
        Version(new(s_files, ExpectedParent: -1), "ExpectedParent");
        Version(new(s_files, IdempotencyKey: new string('k', 201)), "IdempotencyKey");
        Version(new(s_files, Message: "a\0"), "Message");
        Version(new(s_files, Message: new string('m', 2_001)), "Message");
        Version(new(s_files, Format: "csv"), "Format");
        Version(new(s_files, Format: "parquet"));
    }

    [Fact]
    public void An_observed_version_refers_and_replaces()
    {
        Observe(new(Files: [new FileSource(Uri: "file:///data/a.csv")], Observed: true));
        Observe(new(Files: [new FileSource("a.csv", Sha256: s_sha256)], Observed: true), "files[0]");
        Observe(new(s_files, Mode: CommitMode.Append, Observed: true), "mode");
    }

    [Fact]
    public void A_reason_is_given_for_retiring()
    {
        new RetireDataset.Validator().Fits(new("x", "y", "Replaced."));
        new RetireDataset.Validator().Flags(new("x", "y", " "), "Reason");
    }

    private static readonly FileSource[] s_files = [new(Uri: "file:///data/a.csv")];

    private static void Describe(DescribeDataset.Body body, string wrong = "") =>
        Says(new DescribeDataset.Validator(), new("x", "y", body, ExpectedStreamVersion: null), wrong);

    private static void Files(FileSource file, string wrong = "") => Version(new(Files: [file]), wrong);

    private static void Version(CommitVersion.Body body, string wrong = "") =>
        Says(new CommitVersion.Validator(), new("x", "y", body, Progress: null), wrong);

    private static void Observe(CommitVersion.Body body, string wrong = "") =>
        Says(new ObserveVersion.Validator(), new("x", "y", body), wrong);

    private static void Says<T>(FluentValidation.IValidator<T> validator, T command, string wrong)
    {
        if (wrong.Length == 0)
            validator.Fits(command);
        else
            validator.Flags(command, wrong);
    }
}
