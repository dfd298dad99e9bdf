using Catalog.Sdk;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class NameTests
{
    [Theory]
    [InlineData("demo/flights", "demo", "flights")]
    [InlineData("s3%3A%2F%2Flake/a%2Fb", "s3://lake", "a/b")]
    [InlineData("a b/%25", "a b", "%")]
    [InlineData("%252F/🛫", "%2F", "🛫")]
    public void A_name_is_two_parts_around_one_slash(string text, string ns, string name)
    {
        QualifiedName read = text;

        Assert.Equal((ns, name), (read.Namespace, read.Name));
        Assert.Equal(text, read.ToString());
    }

    [Theory]
    [InlineData("flights", "no '/'")]
    [InlineData("a/b/c", "%2F")]
    [InlineData("dataset:demo/flights", "%3A")]
    [InlineData("demo/flights@3", "%40")]
    [InlineData("/x", "empty")]
    [InlineData("demo/..", "..")]
    [InlineData("demo/%zz", "%25")]
    [InlineData("", "/")]
    public void What_is_no_name_says_what_would_be_right(string text, string hint)
    {
        var e = Assert.Throws<FormatException>(() => QualifiedName.Parse(text));

        Assert.Contains(hint, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_parts_need_no_encoding_but_are_checked()
    {
        QualifiedName name = ("postgres://host:5432", "db.schema/table#1");

        Assert.Equal("postgres%3A%2F%2Fhost%3A5432/db.schema%2Ftable%231", name.ToString());
        Assert.Throws<FormatException>(() => new QualifiedName("demo", "a\u0085b"));
    }

    [Fact]
    public void Any_name_reads_back_from_its_text()
    {
        var part = Gen.String.Where(s => Names.Check(s) is null && s.Length < 100);
        Gen.Select(part, part).Sample(p =>
        {
            var name = new QualifiedName(p.Item1, p.Item2);
            return QualifiedName.Parse(name.ToString()) == name;
        });
    }

    [Fact]
    public void A_version_is_a_number_or_an_alias_or_the_latest()
    {
        VersionRef three = 3;
        VersionRef champion = "champion";

        Assert.Equal(("3", 3L), (three.Text, three.Number));
        Assert.Equal(("champion", null), (champion.Text, champion.Number));
        Assert.Equal("latest", default(VersionRef).Text);
    }
}
