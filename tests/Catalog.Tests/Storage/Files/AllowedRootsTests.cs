using System.Diagnostics;
using Catalog.Storage.Files;
using Xunit;

namespace Catalog.Tests.Storage.Files;

public sealed class AllowedRootsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly AllowedRoots _roots;

    public AllowedRootsTests()
    {
        _folder.Write("in/a.txt", "inside");
        _folder.Write("out/secret.txt", "outside");
        _folder.Write("in-and-more/b.txt", "a name that begins like the root's");
        _roots = new([_folder.Join("in")]);
    }

    [Theory]
    [InlineData("in", true)]
    [InlineData("in/sub/folder", true)]
    [InlineData(".", true)]
    [InlineData("link", true)]
    [InlineData("in-and-more", false)]
    [InlineData("out", false)]
    public void A_folder_that_holds_a_root_or_lies_in_one_overlaps_it(string folder, bool overlaps)
    {
        Directory.CreateSymbolicLink(_folder.Join("link"), "in");

        Assert.Equal(overlaps ? _folder.Join("in") : null, _roots.FindOverlap(_folder.Join(folder)));
    }

    [Fact]
    public void A_path_and_its_uri_are_the_same_file()
    {
        var path = _folder.Join("in/a.txt");
        var file = _roots.ResolveFile(path);

        Assert.Equal(new AllowedFile(path, FileUri.FromPath(path), 6), file);
        Assert.Equal(file, _roots.ResolveFile(file.Uri));
        Assert.Equal(file, _roots.ResolveFile(_folder.Join("in/./x/..//a.txt").Replace("x/..", ".", StringComparison.Ordinal)));
        Assert.Equal(_folder.Join("in"), _roots.ResolveFolder(_folder.Join("in/")));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("a%2Fb")]
    [InlineData("100%")]
    [InlineData("🛫 and 日本")]
    [InlineData("what?#1")]
    [InlineData("e\u0301")]
    [InlineData("line\nbreak")]
    [InlineData("back\\slash")]
    [InlineData("-rf")]
    [InlineData("...")]
    [InlineData("~")]
    public void Any_name_that_the_file_system_takes_works(string name)
    {
        var path = _folder.Write("in/" + name, name);
        var file = _roots.ResolveFile(FileUri.FromPath(path));

        Assert.Equal(path, file.Path);
        using var reader = new StreamReader(_roots.OpenRead(file.Uri));
        Assert.Equal(name, reader.ReadToEnd());
    }

    [Theory]
    [InlineData("out/secret.txt")]
    [InlineData("out/missing.txt")]
    [InlineData("out/secret.txt/below")]
    [InlineData("in-and-more/b.txt")]
    [InlineData("in/../out/secret.txt")]
    [InlineData("in/../in/../out/missing.txt")]
    [InlineData("in/missing/../../out/secret.txt")]
    [InlineData("in/..")]
    [InlineData("")]
    public void What_is_outside_is_refused_whether_it_is_there_or_not(string name)
    {
        var path = _folder.Join(name);

        Refused("file.outside_roots", () => _roots.ResolveFile(path));
        Refused("file.outside_roots", () => _roots.ResolveFile("file://" + path));
        Refused("file.outside_roots", () => _roots.ResolveFile("file://" + path.Replace("..", "%2e%2E", StringComparison.Ordinal)));
        Refused("file.outside_roots", () => _roots.ResolveFolder(path));
        Refused("file.outside_roots", () => _roots.OpenRead(path));
    }

    [Fact]
    public void A_link_is_where_it_leads()
    {
        Link("in/file-out", "../out/secret.txt");
        Link("in/folder-out", _folder.Join("out"));
        Link("in/twice-out", "folder-out");
        Link("in/up", "..");
        Link("in/gone-out", "../out/missing.txt");
        Link("out/file-in", "../in/a.txt");
        Link("in/file-in", "../out/file-in");

        string[] escapes =
            ["file-out", "folder-out/secret.txt", "twice-out/secret.txt", "twice-out/missing", "up/out/secret.txt", "gone-out"];
        foreach (var name in escapes)
            Refused("file.outside_roots", () => _roots.ResolveFile(_folder.Join("in/" + name)));
        Refused("file.outside_roots", () => _roots.ResolveFile(_folder.Join("in/folder-out/../out/secret.txt")));
        Assert.Equal(_folder.Join("in/a.txt"), _roots.ResolveFile(_folder.Join("in/file-in")).Path);
        Assert.Equal(_folder.Join("in/a.txt"), _roots.ResolveFile(_folder.Join("out/file-in")).Path);
    }

    [Fact]
    public void Links_in_a_circle_and_dangling_links_are_refused()
    {
        Link("in/circle", "circle");
        Link("in/ping", "pong");
        Link("in/pong", "ping/x");
        Link("in/dangling", "nowhere");

        Refused("file.unreadable", () => _roots.ResolveFile(_folder.Join("in/circle")));
        Refused("file.unreadable", () => _roots.ResolveFile(_folder.Join("in/ping")));
        Refused("file.not_found", () => _roots.ResolveFile(_folder.Join("in/dangling")));
    }

    [Fact]
    public void Roots_are_real_paths_themselves()
    {
        Link("alias", "in");
        var roots = new AllowedRoots([_folder.Join("alias"), _folder.Join("in/"), _folder.Join("./in")]);

        Assert.Equal([_folder.Join("in")], roots.Roots);
        Assert.Equal(_folder.Join("in/a.txt"), roots.ResolveFile(_folder.Join("alias/a.txt")).Path);
        Assert.Equal("/", Assert.Single(new AllowedRoots(["/"]).Roots));
        Assert.Equal(_folder.Join("out/secret.txt"), new AllowedRoots(["/"]).ResolveFile(_folder.Join("out/secret.txt")).Path);
        Refused("file.outside_roots", () => new AllowedRoots([]).ResolveFile(_folder.Join("in/a.txt")));
        Assert.Throws<ArgumentException>(() => new AllowedRoots(["relative"]));
        Assert.Throws<ArgumentException>(() => new AllowedRoots([_folder.Join("missing")]));
        Assert.Throws<ArgumentException>(() => new AllowedRoots([_folder.Join("in/a.txt")]));
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("./a.txt")]
    [InlineData("../in/a.txt")]
    [InlineData("")]
    [InlineData("~/a.txt")]
    [InlineData("s3://bucket/a.txt")]
    [InlineData("/nul\0byte")]
    [InlineData("file://server/share/a.txt")]
    public void What_is_not_an_absolute_name_is_refused(string name)
    {
        Refused("file.bad_name", () => _roots.ResolveFile(name));
        Refused("file.bad_name", () => _roots.ResolveFolder(name));
    }

    [Fact]
    public void Missing_files_and_names_too_long_are_refused()
    {
        Refused("file.not_found", () => _roots.ResolveFile(_folder.Join("in/missing.txt")));
        Refused("file.not_found", () => _roots.ResolveFile(_folder.Join("in/a.txt/below")));
        Refused("file.not_found", () => _roots.ResolveFolder(_folder.Join("in/missing")));
        Refused("file.unreadable", () => _roots.ResolveFile(_folder.Join("in/" + new string('n', 10_000))));
    }

    [Fact]
    public async Task Only_regular_files_are_files()
    {
        Refused("file.not_regular", () => _roots.ResolveFile(_folder.Join("in")));
        Refused("file.not_regular", () => _roots.ResolveFolder(_folder.Join("in/a.txt")));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes and devices are told apart on Linux");

        Refused("file.not_regular", () => new AllowedRoots(["/dev"]).ResolveFile("/dev/null"));
        using var mkfifo = Process.Start("mkfifo", [_folder.Join("in/pipe")]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Refused("file.not_regular", () => _roots.ResolveFile(_folder.Join("in/pipe")));
        Refused("file.not_regular", () => _roots.OpenRead(_folder.Join("in/pipe")));
    }

    public void Dispose() => _folder.Dispose();

    private void Link(string name, string target) => File.CreateSymbolicLink(_folder.Join(name), target);

    private static void Refused(string code, Func<object> action) => Assert.Equal(code, Assert.Throws<FileException>(action).Code);
}
