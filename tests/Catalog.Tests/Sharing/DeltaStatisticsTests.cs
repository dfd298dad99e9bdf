using Catalog.Integrity;
using Catalog.Schemas;
using Catalog.Server.Doors.DeltaSharing;
using Xunit;

namespace Catalog.Tests.Sharing;

public sealed class DeltaStatisticsTests
{
    [Theory]
    [InlineData("int64", "-9223372036854775808", "9223372036854775807", "-9223372036854775808", "9223372036854775807")]
    [InlineData("uint64", "0", "18446744073709551615", "0", "18446744073709551615")]
    [InlineData("decimal(38,2)", "-123456789012345678901234567890.12", "0.10", "-123456789012345678901234567890.12", "0.10")]
    [InlineData("float64", "-1.5E+300", "0.1", "-1.5E+300", "0.1")]
    [InlineData("string", "a\"b", "日本", "\"a\\\"b\"", "\"日本\"")]
    [InlineData("date", "2021-01-01", "2021-12-31", "\"2021-01-01\"", "\"2021-12-31\"")]
    [InlineData(
        "timestamp(ms,UTC)", "2021-04-28T23:33:57.955Z", "2021-04-28T23:33:57.955Z",
        "\"2021-04-28T23:33:57.955Z\"", "\"2021-04-28T23:33:57.955Z\"")]
    [InlineData(
        "timestamp(ns)", "2021-04-28T23:33:57.123999999", "2021-12-31T23:59:59.999000001",
        "\"2021-04-28T23:33:57.123Z\"", "\"2022-01-01T00:00:00.000Z\"")]
    [InlineData(
        "timestamp(us)", "2021-04-28T23:33:57", "2021-04-28T23:33:57.5",
        "\"2021-04-28T23:33:57.000Z\"", "\"2021-04-28T23:33:57.500Z\"")]
    public void Bounds_are_written_as_values_of_their_type(string type, string min, string max, string least, string most) =>
        Assert.Equal(
            $$$"""{"numRecords":7,"minValues":{"a":{{{least}}}},"maxValues":{"a":{{{most}}}},"nullCount":{"a":1}}""",
            Write([new("a", type, Nullable: true)], ("a", new(min, max, 1))));

    [Theory]
    [InlineData("bool", "false", "true")]
    [InlineData("binary", "00", "ff")]
    [InlineData("uuid", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")]
    [InlineData("float64", "-Infinity", "NaN")]
    [InlineData("timestamp(us)", "+12021-01-01T00:00:00", "9999-12-31T23:59:59.999999")]
    public void What_Delta_keeps_no_bounds_of_has_its_nulls(string type, string min, string max) =>
        Assert.Equal(
            """{"numRecords":7,"minValues":{},"maxValues":{},"nullCount":{"a":0}}""",
            Write([new("a", type, Nullable: true)], ("a", new(min, max, 0))));

    [Fact]
    public void A_time_without_a_zone_has_none_where_the_schema_says_so() =>
        Assert.Equal(
            """{"numRecords":7,"minValues":{"a":"2021-01-01T00:00:00.000"},"maxValues":{"a":"2021-01-01T00:00:00.002"},"nullCount":{}}""",
            DeltaStatistics.Write(
                new TableSchema([new("a", "timestamp(us)", Nullable: true)]), rows: 7,
                new Dictionary<string, ColumnStatistics>(StringComparer.Ordinal)
                {
                    ["a"] = new("2021-01-01T00:00:00.000001", "2021-01-01T00:00:00.001001", Nulls: null),
                },
                zoneless: true));

    [Fact]
    public void They_have_the_shape_of_the_schema_and_nothing_that_it_leaves_out()
    {
        IReadOnlyList<Column> columns =
        [
            new("a.b", "int32", Nullable: true),
            new("s", "struct", Nullable: true, [new("x", "int32", Nullable: true), new("t", "time(us)", Nullable: true)]),
            new("l", "list", Nullable: true, [new("element", "int32", Nullable: true)]),
            new("unknown", "int32", Nullable: true),
        ];

        Assert.Equal(
            """{"numRecords":7,"minValues":{"a.b":1,"s":{"x":3}},"maxValues":{"a.b":2,"s":{"x":4}},"nullCount":{"a.b":0,"s":{"x":0}}}""",
            Write(
                columns,
                (@"a\.b", new("1", "2", 0)), ("s.x", new("3", "4", 0)), ("s.t", new("00:00:00", "01:00:00", 0)),
                ("unknown", ColumnStatistics.Unknown)));
    }

    [Fact]
    public void Without_a_footer_there_are_the_rows_and_without_rows_nothing()
    {
        var schema = new TableSchema([new("a", "int32", Nullable: true)]);

        Assert.Equal("""{"numRecords":7}""", DeltaStatistics.Write(schema, rows: 7, known: null));
        Assert.Null(DeltaStatistics.Write(schema, rows: null, known: null));
    }

    private static string? Write(IReadOnlyList<Column> columns, params (string Column, ColumnStatistics Statistics)[] known) =>
        DeltaStatistics.Write(
            new TableSchema(columns), rows: 7, known.ToDictionary(k => k.Column, k => k.Statistics, StringComparer.Ordinal));
}
