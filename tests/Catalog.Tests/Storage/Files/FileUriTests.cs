using System.Text;
using Catalog.Integrity;
using Catalog.Storage.Files;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Files;

public sealed class FileUriTests
{
    [Theory]
    [InlineData("/", "file:///")]
    [InlineData("/data/a.parquet", "file:///data/a.parquet")]
    [InlineData("/year=2024/a,b@c:d", "file:///year=2024/a,b@c:d")]
    [InlineData("/with space", "file:///with%20space")]
    [InlineData("/a%2Fb", "file:///a%252Fb")]
    [InlineData("/a%252Fb", "file:///a%25252Fb")]
    [InlineData("/a#b?c", "file:///a%23b%3Fc")]
    [InlineData("/🛫", "file:///%F0%9F%9B%AB")]
    [InlineData("/a+b&c", "file:///a%2Bb%26c")]
    [InlineData("/back\\slash\nand line", "file:///back%5Cslash%0Aand%20line")]
    [InlineData("//double//slash/../kept", "file:////double//slash/../kept")]
    public void A_path_has_one_uri_and_comes_back(string path, string uri)
    {
        Assert.Equal(uri, FileUri.FromPath(path));
        Assert.Equal(path, FileUri.ToPath(uri));
    }

    [Fact]
    public void Every_valid_name_survives() =>
        Gen.String.Where(s => !s.Contains('\0') && IsUnicode(s)).Sample(name =>
        {
            var uri = FileUri.FromPath("/" + name);
            return FileUri.ToPath(uri) == "/" + name && uri.All(char.IsAscii);
        });

    [Theory]
    [InlineData("FILE:///a", "/a")]
    [InlineData("file:/a", "/a")]
    [InlineData("file://localhost/a", "/a")]
    [InlineData("file:///a+b", "/a+b")]
    [InlineData("file:///é%c3%A9", "/éé")]
    [InlineData("file:///a%2Fb", "/a/b")]
    public void Other_spellings_are_read(string uri, string path) => Assert.Equal(path, FileUri.ToPath(uri));

    [Theory]
    [InlineData("/a")]
    [InlineData("s3://bucket/a")]
    [InlineData("file:")]
    [InlineData("file://")]
    [InlineData("file:a")]
    [InlineData("file://a")]
    [InlineData("file://host/a")]
    [InlineData("file:///a?b")]
    [InlineData("file:///a#b")]
    [InlineData("file:///a%")]
    [InlineData("file:///a%4")]
    [InlineData("file:///a%zz")]
    [InlineData("file:///a%+1")]
    [InlineData("file:///a%00")]
    [InlineData("file:///a%ff")]
    public void What_is_not_exactly_a_file_uri_is_refused(string uri) =>
        Assert.Equal("file.bad_name", Assert.Throws<FileException>(() => FileUri.ToPath(uri)).Code);

    [Theory]
    [InlineData("relative")]
    [InlineData("")]
    [InlineData("/nul\0")]
    public void What_is_not_an_absolute_unicode_path_is_refused(string path) =>
        Assert.Equal("file.bad_name", Assert.Throws<FileException>(() => FileUri.FromPath(path)).Code);

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Assert.Equal("file.bad_name", Assert.Throws<FileException>(() => FileUri.FromPath("/half\ud83d")).Code);
        Assert.Equal("file.bad_name", Assert.Throws<FileException>(() => FileUri.ToPath("file:///half\ud83d")).Code);
    }

    [Fact]
    public void Code_point_order_is_the_order_of_utf8_bytes() =>
        Gen.Select(Gen.String, Gen.String).Where((a, b) => IsUnicode(a) && IsUnicode(b)).Sample((a, b) =>
            int.Sign(LogicalPath.Compare(a, b))
                == int.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))));

    private static bool IsUnicode(string s) => s.EnumerateRunes().All(r => r != Rune.ReplacementChar);
}
