using Catalog.Integrity;
using Xunit;

namespace Catalog.Tests.Integrity;

public sealed class ColumnStatisticsTests
{
    [Theory]
    [InlineData("int32", "9", "10")]
    [InlineData("int64", "-10", "9")]
    [InlineData("uint64", "9", "18446744073709551615")]
    [InlineData("float64", "-Infinity", "1E-05")]
    [InlineData("float32", "9.5", "1E+23")]
    [InlineData("decimal(9,2)", "9.50", "10.00")]
    [InlineData("decimal(9,2)", "-0.50", "-0.25")]
    [InlineData("decimal(76,0)", "9999999999999999999999999999999999999999", "10000000000000000000000000000000000000000")]
    [InlineData("date", "1999-12-31", "2000-01-01")]
    [InlineData("timestamp(us,UTC)", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z")]
    [InlineData("time(us)", "00:00:00", "00:00:00.000001")]
    [InlineData("string", "B", "a")]
    [InlineData("string", "\uffee", "🛫")]
    [InlineData("binary", "00ff", "01")]
    [InlineData("bool", "false", "true")]
    [InlineData("uuid", "00000000-0000-0000-0000-000000000001", "10000000-0000-0000-0000-000000000000")]
    public void The_least_and_greatest_are_found_by_type(string type, string less, string more)
    {
        var expected = new ColumnStatistics(less, more, 3);

        Assert.Equal(expected, ColumnStatistics.Merge(type, new(less, less, 1), new(more, more, 2)));
        Assert.Equal(expected, ColumnStatistics.Merge(type, new(more, more, 1), new(less, less, 2)));
    }

    [Fact]
    public void What_one_file_does_not_know_is_unknown()
    {
        Assert.Equal(new ColumnStatistics(null, "2", null), ColumnStatistics.Merge("int32", new(null, "1", 1), new("1", "2", null)));
        Assert.Equal(ColumnStatistics.Unknown, ColumnStatistics.Merge("int32", ColumnStatistics.Unknown, new("1", "2", 0)));
    }

    [Theory]
    [InlineData("float64", "NaN", "1")]
    [InlineData("int32", "one", "1")]
    [InlineData("decimal(9,2)", "1e5", "1")]
    [InlineData("date", "-0044-03-15", "2024-01-01")]
    [InlineData("date", "12024-01-01", "2024-01-01")]
    [InlineData("interval", "P1D", "P2D")]
    [InlineData("json", "1", "2")]
    public void What_cannot_be_compared_is_unknown(string type, string a, string b) =>
        Assert.Equal(new ColumnStatistics(null, null, 0), ColumnStatistics.Merge(type, new(a, a, 0), new(b, b, 0)));

    [Fact]
    public void A_file_of_nulls_only_adds_its_nulls()
    {
        Assert.Equal(new ColumnStatistics("1", "9", 13), ColumnStatistics.MergeAll("int32",
            [(new(null, null, 10), 10), (new("1", "5", 1), 10), (new("2", "9", 2), 10)]));
        Assert.Equal(
            new ColumnStatistics(null, null, 20),
            ColumnStatistics.MergeAll("int32", [(new(null, null, 10), 10), (new(null, null, 10), 10)]));
        Assert.Equal(
            new ColumnStatistics(null, null, null),
            ColumnStatistics.MergeAll("int32", [(new("1", "5", 1), 10), (ColumnStatistics.Unknown, 10)]));
        Assert.Equal(ColumnStatistics.Unknown, ColumnStatistics.MergeAll("int32", []));
    }
}
