using Catalog.Search;
using Xunit;

namespace Catalog.Tests.Search;

public sealed class SearchWordsTests
{
    [Theory]
    [InlineData("flight_delay", "flight delay")]
    [InlineData("flight-delay", "flight delay")]
    [InlineData("flightDelay", "flight delay")]
    [InlineData("FlightDelay", "flight delay")]
    [InlineData("FLIGHT_DELAY", "flight delay")]
    [InlineData("flight.delay/2001%25'x", "flight delay 2001 25 x")]
    [InlineData("HTTPServerLog", "http server log")]
    [InlineData("flights2001", "flights2001")]
    [InlineData("parseV2Events", "parse v2 events")]
    [InlineData("Größe_Straße", "größe straße")]
    [InlineData("cafe\u0301", "cafe")]
    [InlineData("航班延误", "航 班 延 误")]
    [InlineData("フライト delay", "フ ラ イ ト delay")]
    [InlineData("рейсыЗадержка", "рейсы задержка")]
    [InlineData("उड़ान", "उड़ान")]
    [InlineData("rocket🚀launch", "rocket 🚀 launch")]
    [InlineData("☀\uFE0F day", "☀ day")]
    [InlineData("%_\\':*&|!()\0", "")]
    [InlineData("", "")]
    public void Names_are_cut_where_a_reader_would_cut_them(string text, string words) =>
        Assert.Equal(words, string.Join(' ', SearchWords.Of(text)));

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_word() => Assert.Equal(["a", "b"], SearchWords.Of("a\uD83Db"));

    [Fact]
    public void A_word_as_long_as_a_book_is_cut_and_no_character_in_two()
    {
        Assert.Equal(new string('x', SearchWords.MaxLength), Assert.Single(SearchWords.Of(new string('x', 1_000))));
        Assert.Equal(SearchWords.MaxLength - 1, Assert.Single(SearchWords.Of("x" + string.Concat(Enumerable.Repeat("𝐱", 100)))).Length);
    }

    [Theory]
    [InlineData("flight_delay", "flightdelay")]
    [InlineData("Flight Delay", "flightdelay")]
    [InlineData("%", "%")]
    public void Names_are_compared_whole_without_what_parts_their_words(string text, string joined) =>
        Assert.Equal(joined, SearchWords.Joined(text));

    [Fact]
    public void A_vector_says_where_each_word_is()
    {
        var vector = new SearchVector();
        vector.Add('A', ["flight", "o'hare"]);
        vector.Add('B', ["flight", "back\\slash"]);
        vector.Add('D', ["flight"]);

        Assert.Equal(@"'back\\slash':2B 'flight':1A,2B,4D 'o''hare':1A", vector.ToString());
    }

    [Fact]
    public void A_vector_stays_within_what_the_database_takes()
    {
        var vector = new SearchVector();
        vector.Add('A', ["name"]);
        vector.Add('D', Enumerable.Range(0, 50_000).Select(i => $"{new string('語', 50)}{i}"));

        Assert.InRange(vector.ToString().Length, 1_000, 500_000);
        Assert.Contains("'name':1A", vector.ToString(), StringComparison.Ordinal);
    }
}
