using Catalog.Datasets;
using Xunit;

namespace Catalog.Tests.Datasets;

public sealed class VersionTextTests
{
    private static readonly Dictionary<string, long> s_aliases = new(StringComparer.Ordinal) { ["gold"] = 2, ["v3"] = 3 };

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("3", 3L)]
    [InlineData("latest", 3L)]
    [InlineData("gold", 2L)]
    [InlineData("v3", 3L)]
    [InlineData("4", null)]
    [InlineData("0", null)]
    [InlineData("01", null)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData("1.0", null)]
    [InlineData("", null)]
    [InlineData("Gold", null)]
    [InlineData("Latest", null)]
    [InlineData("99999999999999999999", null)]
    public void A_version_text_means_a_number_or_nothing(string text, long? number) =>
        Assert.Equal(number, VersionText.Resolve(text, 3, s_aliases));

    [Fact]
    public void Latest_means_nothing_before_the_first_version() => Assert.Null(VersionText.Resolve("latest", 0, s_aliases));

    [Theory]
    [InlineData("latest", "version.not_found", "has no version yet")]
    [InlineData("7", "version.not_found", "has no version 7")]
    [InlineData("gold", "alias.not_found", "has no alias 'gold'")]
    public void What_means_nothing_is_told_apart(string text, string code, string saying)
    {
        var problem = VersionText.NotFound(Flights.Node, text);

        Assert.Equal(code, problem.Code);
        Assert.Contains(saying, problem.Detail, StringComparison.Ordinal);
    }
}
