using Catalog.Features.Training;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>Filters as engines read them: names and texts in the engine's quotes, and nothing else changed.</summary>
public sealed class SqlFilterTests
{
    [Theory]
    [InlineData("delay >= 15", "\"delay\" >= 15", "`delay` >= 15")]
    [InlineData("order = 1 AND and is not null", "\"order\" = 1 AND \"and\" is not null", "`order` = 1 AND `and` is not null")]
    [InlineData("\"a \"\"b\"\"\" in ('it''s', 'a\\b')", "\"a \"\"b\"\"\" in ('it''s', 'a\\b')", "`a \"b\"` in ('it\\'s', 'a\\\\b')")]
    [InlineData("\"`\" is null", "\"`\" is null", "```` is null")]
    [InlineData("x=1.5e-3and\ny<>-2", "\"x\"=1.5e-3and\n\"y\"<>-2", "`x`=1.5e-3and\n`y`<>-2")]
    [InlineData("éte != true and 2x is null", "\"éte\" != true and \"2x\" is null", "`éte` != true and `2x` is null")]
    [InlineData("t = ' and x '", "\"t\" = ' and x '", "`t` = ' and x '")]
    public void Names_and_texts_are_quoted(string filter, string duckDb, string spark)
    {
        Assert.Equal(duckDb, SqlFilter.Of(filter, SqlWords.Of(SqlDialect.DuckDb)));
        Assert.Equal(spark, SqlFilter.Of(filter, SqlWords.Of(SqlDialect.Spark)));
    }
}
