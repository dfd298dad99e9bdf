using System.Text;
using Catalog.Integrity;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Integrity;

public sealed class LogicalPathTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("2024/01/part 0.parquet")]
    [InlineData("...")]
    [InlineData(".hidden/..x")]
    [InlineData("a:b/%2F/🛫")]
    public void Relative_paths_are_allowed(string path) => Assert.Null(LogicalPath.Check(path));

    [Theory]
    [InlineData(null, "must not be empty")]
    [InlineData("", "must not be empty")]
    [InlineData("/a", "without a leading '/'")]
    [InlineData("a\\b", "not by '\\'")]
    [InlineData("a//b", "empty, '.' or '..' parts")]
    [InlineData("a/", "empty, '.' or '..' parts")]
    [InlineData("./a", "empty, '.' or '..' parts")]
    [InlineData("a/../b", "empty, '.' or '..' parts")]
    [InlineData("..", "empty, '.' or '..' parts")]
    [InlineData("a\0", "U+0000")]
    [InlineData("a\u0085", "U+0085")]
    [InlineData("a\u2028", "U+2028")]
    public void Other_paths_are_refused_with_a_reason(string? path, string reason) =>
        Assert.Contains(reason, LogicalPath.Check(path), StringComparison.Ordinal);

    [Fact]
    public void A_path_has_at_most_1024_bytes_and_whole_characters()
    {
        Assert.Null(LogicalPath.Check(new string('漢', 341)));
        Assert.Contains("1024 bytes", LogicalPath.Check(new string('漢', 342)), StringComparison.Ordinal);
        Assert.Contains("surrogate", LogicalPath.Check("a" + '\ud800'), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_ordered_as_their_utf8_bytes() =>
        Gen.Select(s_text, s_text).Sample((a, b) =>
            Assert.Equal(
                Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))),
                Math.Sign(LogicalPath.Compare(a, b))));

    private static readonly Gen<string> s_text =
        Gen.Int[0, 6].Select(i => new[] { "a", "b", "/", "é", "\uffee", "\ue000", "🛫" }[i]).Array[0, 4].Select(string.Concat);
}
