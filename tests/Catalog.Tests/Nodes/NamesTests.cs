using Xunit;

namespace Catalog.Tests.Nodes;

public sealed class NamesTests
{
    [Theory]
    [InlineData("flights")]
    [InlineData("s3://bucket")]
    [InlineData("postgres://host:5432")]
    [InlineData("two words")]
    [InlineData("%2F")]
    [InlineData("%252F")]
    [InlineData("🛫 flights 🛬")]
    [InlineData("a@b#c%d")]
    [InlineData("...")]
    [InlineData("-1")]
    public void Names_of_all_sorts_are_allowed(string name) => Assert.Null(Names.Check(name));

    [Theory]
    [InlineData(null, "must not be empty")]
    [InlineData("", "must not be empty")]
    [InlineData(".", "must not be '.' or '..'")]
    [InlineData("..", "must not be '.' or '..'")]
    [InlineData(" a", "white space")]
    [InlineData("a\u00a0", "white space")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\u007fb", "U+007F")]
    [InlineData("a\u0085b", "U+0085")]
    [InlineData("a\u2028b", "U+2028")]
    [InlineData("a\u2029b", "U+2029")]
    public void What_cannot_be_a_name_is_told_why(string? name, string reason) =>
        Assert.Contains(reason, Names.Check(name), StringComparison.Ordinal);

    [Fact]
    public void Half_a_surrogate_pair_is_not_a_name()
    {
        Assert.Contains("U+D83D", Names.Check("a" + '\ud83d'), StringComparison.Ordinal);
        Assert.Contains("U+DEEB", Names.Check('\udeeb' + "a"), StringComparison.Ordinal);
        Assert.Contains("U+D83D", Names.Check("\ud83d" + '\ud83d' + '\udeeb'), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_at_most_512_characters()
    {
        Assert.Null(Names.Check(new string('a', 512)));
        Assert.Contains("at most 512 characters, not 10000", Names.Check(new string('a', 10_000)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("9223372036854775807")]
    [InlineData("latest")]
    [InlineData("v1.2")]
    [InlineData("2024-01-31")]
    public void A_version_is_a_number_from_one_up_or_an_alias(string version) => Assert.Null(Names.CheckVersion(version));

    [Theory]
    [InlineData("0")]
    [InlineData("00")]
    [InlineData("007")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("9223372036854775808")]
    [InlineData("٣")]
    public void Other_numbers_are_not_versions(string version) =>
        Assert.Contains("from 1 up", Names.CheckVersion(version), StringComparison.Ordinal);

    [Fact]
    public void An_alias_is_never_a_number()
    {
        Assert.Null(Names.CheckAlias("gold"));
        Assert.Contains("must not be a number", Names.CheckAlias("7"), StringComparison.Ordinal);
        Assert.All(
            ["initial", "run.x", "label.7"],
            alias => Assert.Contains("must not be 'initial'", Names.CheckAlias(alias), StringComparison.Ordinal));
        Assert.Null(Names.CheckAlias("runs"));
        Assert.Equal("must not be empty", Names.CheckAlias(""));
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("%F0%9F%9B%AB", "🛫")]
    [InlineData("%61", "a")]
    public void Decoding_undoes_one_layer_of_escapes(string text, string name)
    {
        Assert.True(Names.TryDecode(text, out var decoded, out _));
        Assert.Equal(name, decoded);
    }

    [Theory]
    [InlineData("a%")]
    [InlineData("a%2")]
    [InlineData("a%2G")]
    [InlineData("%C3")]
    [InlineData("%C3a%A9")]
    [InlineData("%C0%AF")]
    [InlineData("%ED%A0%80")]
    public void Escapes_that_are_malformed_or_not_utf8_are_refused(string text)
    {
        Assert.False(Names.TryDecode(text, out _, out var problem));
        Assert.Contains("%", problem, StringComparison.Ordinal);
    }
}
