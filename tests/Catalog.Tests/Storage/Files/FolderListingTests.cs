using System.Diagnostics;
using Catalog.Integrity;
using Catalog.Storage.Files;
using Xunit;

namespace Catalog.Tests.Storage.Files;

public sealed class FolderListingTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FolderListing _listing;

    public FolderListingTests()
    {
        Directory.CreateDirectory(_folder.Join("in"));
        _listing = new(new AllowedRoots([_folder.Join("in")]));
    }

    [Theory]
    [InlineData(null, "B,a-b,a/b.parquet/part,a0,year=2024/m 1/x.parquet,z.parquet,🛫.csv")]
    [InlineData("**", "B,a-b,a/b.parquet/part,a0,year=2024/m 1/x.parquet,z.parquet,🛫.csv")]
    [InlineData("*", "B,a-b,a0,z.parquet,🛫.csv")]
    [InlineData("**/*.parquet", "year=2024/m 1/x.parquet,z.parquet")]
    [InlineData("*.parquet", "z.parquet")]
    [InlineData("*.PARQUET", "")]
    [InlineData("*/**", "a/b.parquet/part,year=2024/m 1/x.parquet")]
    [InlineData("year=*/*/x.parquet", "year=2024/m 1/x.parquet")]
    [InlineData("**/part", "a/b.parquet/part")]
    [InlineData("a/**", "a/b.parquet/part")]
    [InlineData("**/a/**/part", "a/b.parquet/part")]
    [InlineData("a?", "a0")]
    [InlineData("a?b", "a-b")]
    [InlineData("?.csv", "🛫.csv")]
    [InlineData("*a*b*", "a-b")]
    [InlineData("**/**", "B,a-b,a/b.parquet/part,a0,year=2024/m 1/x.parquet,z.parquet,🛫.csv")]
    [InlineData("", "")]
    [InlineData("missing/*", "")]
    public void A_glob_names_files_in_order(string? glob, string expected)
    {
        foreach (var name in (string[])["🛫.csv", "z.parquet", "B", "a0", "a-b", "a/b.parquet/part", "year=2024/m 1/x.parquet"])
            _folder.Write("in/" + name, name);

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), Expand(glob).Select(f => f.Path));
    }

    [Fact]
    public void Each_file_has_its_logical_path_its_uri_and_its_size()
    {
        var path = _folder.Write("in/sub/.hidden tmp%2F#?.bin", "12345");

        Assert.Equal([new ListedFile("images/2024/sub/.hidden tmp%2F#?.bin", FileUri.FromPath(path), 5)], Expand(prefix: "images/2024/"));
        Assert.Equal("sub/.hidden tmp%2F#?.bin", Assert.Single(Expand(prefix: "")).Path);
        Assert.Equal(Expand(), _listing.Expand(FileUri.FromPath(_folder.Join("in")), null, null, CancellationToken.None));
    }

    [Fact]
    public void Links_within_the_roots_are_followed()
    {
        _folder.Write("in/real/x.bin", "x");
        File.CreateSymbolicLink(_folder.Join("in/file"), "real/x.bin");
        Directory.CreateSymbolicLink(_folder.Join("in/zfolder"), "real");

        var uri = FileUri.FromPath(_folder.Join("in/real/x.bin"));
        Assert.Equal([new("file", uri, 1), new("real/x.bin", uri, 1), new("zfolder/x.bin", uri, 1)], Expand());
    }

    [Fact]
    public void A_link_out_of_the_roots_is_refused_where_the_glob_names_it()
    {
        _folder.Write("out/secret.parquet", "secret");
        _folder.Write("in/fine.csv", "fine");
        File.CreateSymbolicLink(_folder.Join("in/leak.parquet"), "../out/secret.parquet");

        Refused("file.outside_roots", "**/*.parquet");
        Assert.Equal(["fine.csv"], Expand("*.csv").Select(f => f.Path));
    }

    [Fact]
    public void A_folder_link_out_of_the_roots_or_back_up_is_refused()
    {
        Directory.CreateDirectory(_folder.Join("out"));
        Directory.CreateSymbolicLink(_folder.Join("in/leak"), "../out");
        Refused("file.outside_roots", "**");

        Directory.Delete(_folder.Join("in/leak"));
        Directory.CreateDirectory(_folder.Join("in/a"));
        Directory.CreateSymbolicLink(_folder.Join("in/a/back"), "..");
        Refused("file.unreadable", "**");
    }

    [Fact]
    public void A_folder_link_that_leads_out_or_nowhere_is_refused_for_files_that_the_glob_could_name_beneath_it()
    {
        _folder.Write("out/2024/x.parquet", "secret");
        _folder.Write("in/2023/x.parquet", "fine");
        Directory.CreateSymbolicLink(_folder.Join("in/2024"), "../out/2024");

        Refused("file.outside_roots", "**/*.parquet");
        Refused("file.outside_roots", "20*/*.parquet");
        Assert.Equal(["2023/x.parquet"], Expand("2023/**").Select(f => f.Path));

        Directory.Delete(_folder.Join("in/2024"));
        Directory.CreateSymbolicLink(_folder.Join("in/2024"), "gone");
        Refused("file.not_found", "**/*.parquet");
        Assert.Equal(["2023/x.parquet"], Expand("2023/**").Select(f => f.Path));
    }

    [Fact]
    public void A_file_link_out_of_the_roots_that_the_glob_does_not_name_is_left_alone()
    {
        _folder.Write("out/notes.txt", "notes");
        _folder.Write("in/deep/x.parquet", "fine");
        File.CreateSymbolicLink(_folder.Join("in/notes.txt"), "../out/notes.txt");

        Assert.Equal(["deep/x.parquet"], Expand("**/*.parquet").Select(f => f.Path));
    }

    [Fact]
    public void A_dangling_link_is_refused()
    {
        File.CreateSymbolicLink(_folder.Join("in/gone"), "nowhere");
        Refused("file.not_found", "*");
    }

    [Fact]
    public async Task A_pipe_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes are told apart on Linux");
        using var mkfifo = Process.Start("mkfifo", [_folder.Join("in/pipe")]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);

        Refused("file.not_regular", "**");
        Assert.Empty(Expand("*.bin"));
    }

    [Fact]
    public void A_folder_outside_or_missing_is_refused()
    {
        (string, string)[] refused =
            [("file.outside_roots", "/etc"), ("file.not_found", _folder.Join("in/missing")), ("file.bad_name", "in")];
        foreach (var (code, folder) in refused)
            Assert.Equal(code, Assert.Throws<FileException>(() => _listing.Expand(folder, null, null, CancellationToken.None)).Code);
    }

    [Fact]
    public void A_malicious_glob_takes_no_time()
    {
        _folder.Write("in/" + new string('a', 200), "");
        _folder.Write("in/" + string.Join('/', Enumerable.Repeat("a", 200)) + "/b", "");

        var started = Stopwatch.GetTimestamp();
        Assert.Empty(Expand(string.Concat(Enumerable.Repeat("*a", 120)) + "*b"));
        Assert.Empty(Expand(string.Concat(Enumerable.Repeat("**/a/", 100)) + "c"));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_hundred_thousand_files_are_listed_fast()
    {
        using var folder = TempFolder.InMemory();
        for (var i = 0; i < 100; i++)
        {
            var sub = Directory.CreateDirectory(folder.Join($"{i:D2}")).FullName;
            for (var j = 0; j < 1_000; j++)
                File.OpenHandle($"{sub}/{j:D4}.jpg", FileMode.CreateNew, FileAccess.Write).Dispose();
        }

        var started = Stopwatch.GetTimestamp();
        var files = new FolderListing(new AllowedRoots([folder.Path])).Expand(folder.Path, "**/*.jpg", null, CancellationToken.None);
        var took = Stopwatch.GetElapsedTime(started);

        Assert.Equal(100_000, files.Count);
        Assert.Equal(files.OrderBy(f => f.Path, LogicalPath.Order), files);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper?.WriteLine($"100,000 files listed in {took.TotalMilliseconds:N0} ms");
    }

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<ListedFile> Expand(string? glob = null, string? prefix = null) =>
        _listing.Expand(_folder.Join("in"), glob, prefix, CancellationToken.None);

    private void Refused(string code, string glob) => Assert.Equal(code, Assert.Throws<FileException>(() => Expand(glob)).Code);
}
