using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Catalog.Features.Training;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>What splits may be, and which part a row belongs to.</summary>
public sealed class SplitTests
{
    private static readonly SplitPart[] s_halves = [new("train", 0.5m), new("test", 0.5m)];
    private static readonly SplitPart[] s_cuts = [new("train", Until: Day(1)), new("valid", Until: Day(2)), new("test")];
    private static readonly SplitRule s_hash = new(SplitBy.Hash, s_halves, ["id"]);
    private static readonly SplitRule s_time = new(SplitBy.Time, s_cuts);

    private static readonly Dictionary<string, (SplitRule Rule, string? Field)> s_rules = new()
    {
        ["by hash"] = (s_hash, null),
        ["by time"] = (s_time, null),
        ["by time with a gap, watched"] = (s_time with { Gap = TimeSpan.FromDays(1), Disjoint = ["id"] }, null),
        ["one part"] = (s_hash with { Parts = [new("train", 1m)] }, "parts"),
        ["a name with a space"] = (s_hash with { Parts = [new("to train", 0.5m), new("test", 0.5m)] }, "parts"),
        ["a name twice"] = (s_hash with { Parts = [new("a", 0.5m), new("a", 0.5m)] }, "parts"),
        ["shares beyond 1"] = (s_hash with { Parts = [new("a", 0.5m), new("b", 0.6m)] }, "parts"),
        ["a share of nothing"] = (s_hash with { Parts = [new("a", 1m), new("b", 0m)] }, "parts"),
        ["no share"] = (s_hash with { Parts = [new("a", 1m), new("b")] }, "parts"),
        ["a hash of nothing"] = (s_hash with { Columns = [] }, "columns"),
        ["a hash of an empty name"] = (s_hash with { Columns = [""] }, "columns"),
        ["a gap with hashes"] = (s_hash with { Gap = TimeSpan.FromDays(1) }, "gap"),
        ["an end with hashes"] = (s_hash with { Parts = [new("a", 0.5m, Day(1)), new("b", 0.5m)] }, "parts"),
        ["columns with times"] = (s_time with { Columns = ["id"] }, "columns"),
        ["a gap backwards"] = (s_time with { Gap = TimeSpan.FromDays(-1) }, "gap"),
        ["a share with times"] = (s_time with { Parts = [new("a", 0.5m, Day(1)), new("b")] }, "parts"),
        ["no end"] = (s_time with { Parts = [new("a"), new("b")] }, "parts"),
        ["an end of the last"] = (s_time with { Parts = [new("a", Until: Day(1)), new("b", Until: Day(2))] }, "parts"),
        ["ends out of order"] = (s_time with { Parts = [new("a", Until: Day(2)), new("b", Until: Day(1)), new("c")] }, "parts"),
        ["an empty name to watch"] = (s_time with { Disjoint = [""] }, "disjoint"),
    };

    public static TheoryData<string> Rules => [.. s_rules.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void What_is_wrong_with_a_rule_is_told_by_its_field(string name) =>
        Assert.Equal(s_rules[name].Field, s_rules[name].Rule.Check()?.Field);

    [Fact]
    public void Shares_of_many_values_are_about_right()
    {
        var choice = new SplitChoice(s_hash with { Parts = [new("train", 0.7m), new("valid", 0.2m), new("test", 0.1m)] });

        var counts = Enumerable.Range(0, 100_000).CountBy(i => choice.OfHash([i.ToString(CultureInfo.InvariantCulture)])).ToDictionary();

        // Five standard deviations of a binomial distribution.
        Assert.InRange(counts[0], 70_000 - 725, 70_000 + 725);
        Assert.InRange(counts[1], 20_000 - 633, 20_000 + 633);
        Assert.InRange(counts[2], 10_000 - 475, 10_000 + 475);
    }

    /// <summary>
    /// <c>printf '7\037N1\037\036' | sha256sum</c> begins with <c>bfb0f21de5019779</c>: of 2^64 that is 0.75.
    /// </summary>
    [Fact]
    public void A_part_can_be_computed_by_hand()
    {
        var rule = s_hash with { Columns = ["tail", "code"], Seed = 7 };
        var begins = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("7\u001fN1\u001f\u001e")))[..16];

        Assert.Equal("bfb0f21de5019779", begins);
        Assert.Equal("8000000000000000", Assert.Single(new SplitChoice(rule).Ends));
        Assert.Equal(1, new SplitChoice(rule).OfHash(["N1", null]));
    }

    [Fact]
    public void Null_is_not_an_empty_text_and_values_do_not_run_into_each_other()
    {
        var choice = new SplitChoice(s_hash with { Parts = [.. Enumerable.Range(0, 100).Select(i => new SplitPart($"p{i}", 0.01m))] });

        Assert.NotEqual(choice.OfHash([null]), choice.OfHash([""]));
        Assert.NotEqual(choice.OfHash(["a", "b"]), choice.OfHash(["ab", ""]));
    }

    [Fact]
    public void Time_has_bounds_that_do_not_belong_and_gaps_that_belong_to_none()
    {
        var choice = new SplitChoice(s_time with { Gap = TimeSpan.FromHours(1) });
        var (cut, hour) = (Microseconds(Day(1)), 3_600_000_000);

        Assert.Equal(0, choice.OfTime(cut - 1));
        Assert.Null(choice.OfTime(cut));
        Assert.Null(choice.OfTime(cut + hour - 1));
        Assert.Equal(1, choice.OfTime(cut + hour));
        Assert.Equal(2, choice.OfTime(long.MaxValue));
        Assert.Null(choice.OfTime(long.MinValue));
    }

    private static DateTimeOffset Day(int day) => DateTimeOffset.UnixEpoch.AddDays(day);

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
