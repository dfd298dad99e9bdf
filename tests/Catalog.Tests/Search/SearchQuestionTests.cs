using Catalog.Platform.Http;
using Catalog.Search;
using Xunit;

namespace Catalog.Tests.Search;

public sealed class SearchQuestionTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> s_near = new() { ["dleays"] = ["delays"] };

    [Theory]
    [InlineData("flights", "'flights':*")]
    [InlineData("origin delays", "('origin':* & 'delays':*) | 'origindelays':*")]
    [InlineData("a", "'a'")]
    [InlineData("flights | !x & (y <-> z):*", "('flights':* & 'x' & 'y' & 'z') | 'flightsxyz':*")]
    [InlineData("it's 'quoted'", "('it':* & 's' & 'quoted':*) | 'itsquoted':*")]
    [InlineData("delay delay", "'delay':*")]
    public void Whatever_is_asked_becomes_words_and_no_operator(string text, string query) =>
        Assert.Equal(query, new SearchQuestion(text).All);

    [Fact]
    public void A_word_may_stand_for_another() =>
        Assert.Equal("('origin':*) & ('dleays':* | 'delays')", new SearchQuestion("origin dleays").AllOrNear(s_near));

    [Fact]
    public void A_node_is_asked_for_by_its_parts()
    {
        var question = new SearchQuestion("dataset:demo/flights@3#delay");

        Assert.Equal(["demo", "flights"], question.Words);
        Assert.Contains("dataset:demo/flights", question.Exact);
    }

    [Theory]
    [InlineData("0198c5f4-0000-7000-8000-000000000001", "run:0198c5f4-0000-7000-8000-000000000001")]
    [InlineData("run:any-id", "run:any-id")]
    [InlineData("flights", null)]
    public void A_run_is_asked_for_by_its_id(string text, string? run) => Assert.Equal(run, new SearchQuestion(text).Run?.ToString());

    [Theory]
    [InlineData("fligts", "flights", 1)]
    [InlineData("dleays", "delays", 1)]
    [InlineData("custmer", "customers", 1)]
    [InlineData("flight", "flights", 0)]
    [InlineData("arrival", "departure", 6)]
    [InlineData("a", "", 1)]
    public void Slips_are_counted_up_to_the_end_of_what_was_written(string asked, string word, int slips) =>
        Assert.Equal(slips, Spelling.Distance(asked, word));

    [Fact]
    public void Only_what_a_slip_makes_is_offered() =>
        Assert.Equal(["delays", "delayed"], Spelling.Nearest("dellay", ["delayed", "dolls", "display", "delays"]).Order().Reverse());

    [Fact]
    public void A_cursor_is_read_as_it_was_written()
    {
        var cursor = new SearchCursor(SearchTier.Words, 0.123456789, "dataset:a b/c d");

        Assert.Equal(cursor, SearchCursor.Read(cursor.ToString()));
        Assert.Null(SearchCursor.Read(null));
        foreach (var other in new[] { "dataset:demo/flights", "4 0.5 dataset:a/b", "1 x dataset:a/b", "1 0.5" })
            Assert.Equal("cursor.invalid", Assert.Throws<ProblemException>(() => SearchCursor.Read(other)).Problem.Code);
    }
}
