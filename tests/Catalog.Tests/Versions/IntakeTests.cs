using Catalog.Garbage;
using Catalog.Manifests;
using Catalog.Platform.Store;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Catalog.Tests.Storage;
using Catalog.Tests.Storage.Columnar;
using Marten;
using Xunit;

namespace Catalog.Tests.Versions;

/// <summary>What files become when they are taken in, without a database.</summary>
public sealed class IntakeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DocumentStore _store;
    private readonly ManifestStore _manifests;
    private readonly Intake _intake;

    public IntakeTests()
    {
        _store = DocumentStore.For(
            options => CatalogStore.Configure(options, new CatalogDatabase("Host=nowhere.invalid;Database=none"), TimeProvider.System));
        _manifests = new ManifestStore(_store);
        var roots = new AllowedRoots([_folder.Path]);
        var objects = LocalObjects.Open(_folder.Join("objects"));
        _intake = new Intake(
            new ContentStore(objects), new UnusedObjects(_store), roots, new FolderListing(roots),
            new FileHasher(roots, TimeProvider.System), new Footers(roots, objects), _manifests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_rewritten_between_hashing_and_reading_its_footer_has_changed(bool sound)
    {
        var path = await WriteAsync("a.parquet", Columns("a"));
        var rewritten = sound ? FooterBuilder.FileOf(Columns("b")) : "not Parquet at all"u8.ToArray();
        var hashed = new Reports(_ => File.WriteAllBytes(path, rewritten));

        var read = await _intake.ReadAsync([new FileSource(Uri: path)], dirs: null, format: null, hashed, Ct);

        Assert.Equal("file.changed", read.Problem?.Code);
    }

    [Fact]
    public async Task A_link_that_moves_after_hashing_leads_nowhere_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links are tested on Linux.");
        var one = await WriteAsync("one.parquet", Columns("a"));
        var other = await WriteAsync("other.parquet", Columns("b"));
        var link = _folder.Join("link.parquet");
        File.CreateSymbolicLink(link, one);
        var hashed = new Reports(_ =>
        {
            File.Delete(link);
            File.CreateSymbolicLink(link, other);
        });

        var read = await _intake.ReadAsync([new FileSource(Uri: link)], dirs: null, format: null, hashed, Ct);

        Assert.Equal(FileUri.FromPath(one), Assert.Single(read.Value?.Files ?? []).Uri);
        Assert.Equal(
            "a",
            Assert.Single(Intake.Whole(read.Value ?? throw new InvalidOperationException()).Value?.Schema?.Columns ?? []).Name);
    }

    [Fact]
    public async Task Parquet_files_among_others_are_plain_files_whose_rows_are_counted()
    {
        var content = await WholeAsync(
            await WriteAsync("features.parquet", Columns("a")),
            await WriteAsync("labels.parquet", Columns("b")),
            _folder.Write("README.md", "x"));

        Assert.Equal((null, null, 3), (content.Schema, content.Format, content.Files));
    }

    [Fact]
    public async Task Artifacts_of_a_model_are_no_table_however_they_are_called()
    {
        var read = await ReadAsync(await WriteAsync("encoder.parquet", Columns("a")), await WriteAsync("vocabulary.parquet", Columns("b")));

        Assert.Equal("schema.inconsistent", Intake.Whole(read).Problem?.Code);
        Assert.Equal((null, 2), (Intake.Artifacts(read).Value?.Schema, Intake.Artifacts(read).Value?.Files));
    }

    [Fact]
    public async Task The_order_of_the_files_does_not_matter_to_the_table()
    {
        var (ab, ba) = (FooterBuilder.FileOf(Columns("a", "b")), FooterBuilder.FileOf(Columns("b", "a")));
        var one = await WholeAsync(await WriteAsync("x/1.parquet", ab), await WriteAsync("x/2.parquet", ba));
        var two = await WholeAsync(await WriteAsync("y/1.parquet", ba), await WriteAsync("y/2.parquet", ab));

        Assert.Equal(one.Schema, two.Schema);
    }

    [Fact]
    public async Task Footers_that_claim_more_rows_than_can_be_counted_are_damaged()
    {
        var huge = FooterBuilder.File(new FooterBuilder()
            .List(2, 2).Element("s", children: 1).Element("c", 1, repetition: 0).Int64(3, long.MaxValue)
            .List(4, 1).Begin().List(1, 1).Begin().End().Int64(3, long.MaxValue).End().Stop());
        var read = await ReadAsync(await WriteAsync("1.parquet", huge), await WriteAsync("2.parquet", huge));

        Assert.Equal("file.not_parquet", Intake.Whole(read).Problem?.Code);
        Assert.Equal("file.not_parquet", Intake.Artifacts(read).Problem?.Code);
    }

    [Fact]
    public void What_is_only_referred_to_must_have_paths_that_can_be_sealed()
    {
        var (a, b) = (_folder.Write("a/x.csv", "a"), _folder.Write("b/x.csv", "b"));

        Assert.Equal("file.path_duplicate", _intake.Refer([new FileSource(Uri: a), new FileSource(Uri: b)], dirs: null).Problem?.Code);
        if (OperatingSystem.IsLinux())
            Assert.Equal("file.path_invalid", _intake.Refer([new FileSource(Uri: _folder.Write("a\\b", "x"))], dirs: null).Problem?.Code);
        Assert.Equal(
            ["a.csv", "x.csv"],
            _intake.Refer([new FileSource("a.csv", a), new FileSource(Uri: b)], dirs: null).Value?.Select(s => s.Path));
    }

    [Fact]
    public void What_was_announced_of_a_file_is_kept_until_it_is_sealed()
    {
        var source = new FileSource(Uri: _folder.Write("a", "abc"), Sha256: new string('0', 64), Bytes: 3);

        var kept = Assert.Single(_intake.Refer([source], dirs: null).Value ?? []);

        Assert.Equal((source.Sha256, source.Bytes), (kept.Sha256, kept.Bytes));
    }

    public void Dispose()
    {
        _manifests.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Action<FooterBuilder>[] Columns(params string[] names) =>
        [.. names.Select(n => (Action<FooterBuilder>)(f => f.Element(n, 1, repetition: 0)))];

    private Task<string> WriteAsync(string name, Action<FooterBuilder>[] columns) => WriteAsync(name, FooterBuilder.FileOf(columns));

    private async Task<string> WriteAsync(string name, byte[] bytes)
    {
        var path = _folder.Write(name, "");
        await File.WriteAllBytesAsync(path, bytes, Ct);
        return path;
    }

    private async Task<ReadFiles> ReadAsync(params string[] paths)
    {
        var read = await _intake.ReadAsync([.. paths.Select(p => new FileSource(Uri: p))], dirs: null, format: null, progress: null, Ct);
        return read.Value ?? throw new InvalidOperationException(read.Problem?.Detail);
    }

    private async Task<Content> WholeAsync(params string[] paths)
    {
        var content = Intake.Whole(await ReadAsync(paths));
        return content.Value ?? throw new InvalidOperationException(content.Problem?.Detail);
    }

    /// <summary>Tells when everything is hashed, on the spot.</summary>
    private sealed class Reports(Action<IntakeProgress> done) : IProgress<IntakeProgress>
    {
        public void Report(IntakeProgress value)
        {
            if (value.Files == value.TotalFiles)
                done(value);
        }
    }
}
