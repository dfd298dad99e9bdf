using Catalog.Columns;
using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Columns;

public sealed class FilterTextTests
{
    [Theory]
    [InlineData("delay>=15", "delay GreaterOrEqual 15")]
    [InlineData("  delay  <>  -1.5e3 ", "delay NotEqual -1.5e3")]
    [InlineData("a = 1 and b < 2 AND c != 3", "a Equal 1; b Less 2; c NotEqual 3")]
    [InlineData("carrier in ('AA','U''A' , 'é')", "carrier In AA|U'A|é")]
    [InlineData("carrier in ()", null)]
    [InlineData("tail is null and x Is Not Null", "tail IsNull ; x IsNotNull ")]
    [InlineData("\"tail number\" = '' ", "tail number Equal ")]
    [InlineData("\"a\"\"b\" = true", "a\"b Equal true")]
    [InlineData("island = 1", "island Equal 1")]
    [InlineData("android > 1", "android Greater 1")]
    [InlineData("größe <= 2", "größe LessOrEqual 2")]
    [InlineData("in in (1)", "in In 1")]
    public void Filters_are_read(string text, string? expected)
    {
        if (expected is null)
            Assert.Throws<FilterException>(() => FilterText.Parse(text));
        else
            Assert.Equal(expected, string.Join("; ", FilterText.Parse(text).Select(Show)));
    }

    [Theory]
    [InlineData("", "character 1 the name of a column")]
    [InlineData("delay", "character 6 one of =, !=")]
    [InlineData("delay >", "character 8 a number, a text")]
    [InlineData("delay > x", "character 9 a number, a text")]
    [InlineData("delay > 1 or x = 2", "character 11 'and', or the end is expected, not 'or x = 2'")]
    [InlineData("delay > 1 and", "character 14 the name of a column")]
    [InlineData("a = 'x", "character 5 a closing '")]
    [InlineData("\"a = 1", "character 1 a closing \"")]
    [InlineData("a in 1", "character 6 '('")]
    [InlineData("a in (1 2)", "character 9 ',' or ')'")]
    [InlineData("a is nothing", "character 6 'null' or 'not null'")]
    [InlineData("a = 1.2.3", "character 5 a number")]
    [InlineData("a; drop table b", "character 2 one of")]
    public void What_cannot_be_read_is_told_with_its_place(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FilterException>(() => FilterText.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_filter_has_an_end()
    {
        var refused = Assert.Throws<FilterException>(() => FilterText.Parse(new string('a', 20_000)));

        Assert.Contains("16384", refused.Message, StringComparison.Ordinal);
    }

    private static string Show(FilterText.Written c) => $"{c.Column} {c.Comparison} {string.Join('|', c.Values.Select(v => v.Text))}";
}
