using Catalog.Integrity;
using Catalog.Sharing;
using Xunit;

namespace Catalog.Tests.Sharing;

/// <summary>A file is left out only where its statistics prove that no row of it fits.</summary>
public sealed class FileTestTests
{
    private const long Rows = 10;

    [Theory]
    [InlineData(FileComparison.Equal, "9", true)]
    [InlineData(FileComparison.Equal, "10", false)]
    [InlineData(FileComparison.Equal, "20", false)]
    [InlineData(FileComparison.Equal, "21", true)]
    [InlineData(FileComparison.LessThan, "10", true)]
    [InlineData(FileComparison.LessThan, "11", false)]
    [InlineData(FileComparison.LessThanOrEqual, "9", true)]
    [InlineData(FileComparison.LessThanOrEqual, "10", false)]
    [InlineData(FileComparison.GreaterThan, "20", true)]
    [InlineData(FileComparison.GreaterThan, "19", false)]
    [InlineData(FileComparison.GreaterThanOrEqual, "21", true)]
    [InlineData(FileComparison.GreaterThanOrEqual, "20", false)]
    [InlineData(FileComparison.Equal, "no number", false)]
    public void Bounds_rule_out_what_lies_beyond_them(FileComparison comparison, string value, bool out_) =>
        Assert.Equal(out_, RulesOut(new FileTest.Compare("a", "int64", comparison, value), ("a", new("10", "20", 0))));

    [Theory]
    [InlineData("int64", "9", "10")]
    [InlineData("string", "Z", "a")]
    [InlineData("string", "\uffff", "\U0001F600")]
    [InlineData("date", "2020-12-31", "2021-01-01")]
    [InlineData("timestamp(us,UTC)", "2021-01-01T00:00:00Z", "2021-01-01T00:00:00.5Z")]
    [InlineData("decimal(10,2)", "9.99", "10")]
    public void Values_are_compared_as_their_type_orders_them(string type, string below, string min)
    {
        Assert.True(RulesOut(new FileTest.Compare("a", type, FileComparison.Equal, below), ("a", new(min, Max: null, 0))));
        Assert.False(RulesOut(new FileTest.Compare("a", type, FileComparison.Equal, min), ("a", new(min, Max: null, 0))));
    }

    [Fact]
    public void What_is_not_known_rules_nothing_out()
    {
        Assert.False(RulesOut(Above("100")));
        Assert.False(RulesOut(Above("100"), ("a", ColumnStatistics.Unknown)));
        Assert.False(RulesOut(FileTest.Anything));
        Assert.False(RulesOut(new FileTest.Not(FileTest.Anything)));
        Assert.False(RulesOut(new FileTest.Missing("a")));
        Assert.False(RulesOut(new FileTest.Not(new FileTest.Missing("a"))));
    }

    [Fact]
    public void Not_a_number_is_greater_than_every_number_and_in_no_bound()
    {
        var known = ("a", new ColumnStatistics("1", "2", 0));

        Assert.False(RulesOut(new FileTest.Compare("a", "float64", FileComparison.GreaterThan, "5"), known));
        Assert.False(RulesOut(new FileTest.Not(new FileTest.Compare("a", "float64", FileComparison.LessThan, "5")), known));
        Assert.True(RulesOut(new FileTest.Compare("a", "float64", FileComparison.LessThan, "1"), known));
        Assert.True(RulesOut(new FileTest.Compare("a", "float64", FileComparison.Equal, "5"), known));
    }

    [Fact]
    public void A_column_of_nulls_meets_no_comparison_nor_its_opposite()
    {
        var nulls = ("a", new ColumnStatistics(Min: null, Max: null, Rows));

        Assert.True(RulesOut(Above("1"), nulls));
        Assert.True(RulesOut(new FileTest.Not(Above("1")), nulls));
        Assert.False(RulesOut(new FileTest.Missing("a"), nulls));
        Assert.True(RulesOut(new FileTest.Not(new FileTest.Missing("a")), nulls));
        Assert.True(RulesOut(new FileTest.Missing("a"), ("a", new("1", "2", 0))));
    }

    [Fact]
    public void Conditions_are_joined_in_three_values()
    {
        var known = ("a", new ColumnStatistics("10", "20", 0));
        var (never, always, maybe) = (Above("20"), Above("5"), Above("15"));

        Assert.True(RulesOut(new FileTest.All([always, never]), known));
        Assert.False(RulesOut(new FileTest.All([always, maybe]), known));
        Assert.True(RulesOut(new FileTest.Not(always), known));
        Assert.False(RulesOut(new FileTest.Not(new FileTest.All([always, never])), known));
        Assert.True(RulesOut(new FileTest.Not(new FileTest.All([always, always])), known));
        Assert.False(RulesOut(new FileTest.Not(new FileTest.All([always, FileTest.Anything])), known));
        Assert.True(RulesOut(new FileTest.All([never, FileTest.Anything]), known));
    }

    /// <summary>Rows of small tables, and what the tests say of them row by row, against what they say of their statistics.</summary>
    [Fact]
    public void No_file_is_left_out_that_has_a_row_which_fits()
    {
        int?[] values = [null, 1, 2, 3];
        var tests = Trees(depth: 2).ToList();
        Assert.True(tests.Count > 500, $"{tests.Count} conditions");
        foreach (var rows in from a in values from b in values select new[] { a, b })
        {
            var present = rows.OfType<int>().ToList();
            var known = new ColumnStatistics(
                present.Count == 0 ? null : $"{present.Min()}", present.Count == 0 ? null : $"{present.Max()}", rows.Count(r => r is null));
            foreach (var test in tests)
            {
                if (rows.Any(r => Holds(test, r) is true))
                    Assert.False(test.RulesOut(rows.Length, Known(("a", known))), $"{test} on {string.Join(", ", rows)}");
            }
        }
    }

    private static IEnumerable<FileTest> Trees(int depth)
    {
        List<FileTest> leaves =
        [
            new FileTest.Missing("a"),
            .. from comparison in Enum.GetValues<FileComparison>()
               from value in (string[])["1", "2", "3"]
               select new FileTest.Compare("a", "int64", comparison, value),
        ];
        return depth == 1
            ? leaves
            :
            [
                .. leaves,
                .. from a in leaves from b in leaves select new FileTest.All([a, b]),
                .. from a in leaves from b in leaves select new FileTest.Not(new FileTest.All([new FileTest.Not(a), b])),
            ];
    }

    /// <summary>What a condition says of one row, in SQL's three values.</summary>
    private static bool? Holds(FileTest test, int? row) => test switch
    {
        FileTest.Missing => row is null,
        FileTest.Not not => !Holds(not.Part, row),
        FileTest.All all => all.Parts.Select(p => Holds(p, row)).Aggregate((bool?)true, (x, y) => x & y),
        FileTest.Compare compare when row is { } value && int.Parse(compare.Value) is var to => compare.Comparison switch
        {
            FileComparison.Equal => value == to,
            FileComparison.LessThan => value < to,
            FileComparison.LessThanOrEqual => value <= to,
            FileComparison.GreaterThan => value > to,
            _ => value >= to,
        },
        _ => null,
    };

    private static FileTest.Compare Above(string value) => new("a", "int64", FileComparison.GreaterThan, value);

    private static bool RulesOut(FileTest test, params (string Column, ColumnStatistics Statistics)[] known) =>
        test.RulesOut(Rows, Known(known));

    private static Dictionary<string, ColumnStatistics> Known(params (string Column, ColumnStatistics Statistics)[] known) =>
        known.ToDictionary(k => k.Column, k => k.Statistics, StringComparer.Ordinal);
}
