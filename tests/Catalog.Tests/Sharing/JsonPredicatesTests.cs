using Catalog.Integrity;
using Catalog.Schemas;
using Catalog.Server.Doors.DeltaSharing;
using Xunit;

namespace Catalog.Tests.Sharing;

public sealed class JsonPredicatesTests
{
    private static readonly TableSchema s_schema = new(
    [
        new("id", "int32", Nullable: false),
        new("day", "date", Nullable: true),
        new("price", "float64", Nullable: true),
        new("a.b", "string", Nullable: true),
        new("at", "struct", Nullable: true, [new("x", "int64", Nullable: true)]),
    ]);

    private static readonly Dictionary<string, ColumnStatistics> s_known = new(StringComparer.Ordinal)
    {
        ["id"] = new("10", "20", 0),
        ["day"] = new("2021-01-01", "2021-01-31", 0),
        ["price"] = new("1.5", "2.5", 0),
        [@"a\.b"] = new("m", "n", 0),
        ["at.x"] = new("1", "2", 0),
    };

    [Theory]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"day","valueType":"date"},{"op":"literal","value":"2021-04-29","valueType":"date"}]}""")]
    [InlineData("""{"op":"lessThan","children":[{"op":"column","name":"id","valueType":"int"},{"op":"literal","value":"10","valueType":"int"}]}""")]
    [InlineData("""{"op":"greaterThan","children":[{"op":"literal","value":"10","valueType":"int"},{"op":"column","name":"id","valueType":"int"}]}""")]
    [InlineData("""{"op":"lessThanOrEqual","children":[{"op":"column","name":"price","valueType":"double"},{"op":"literal","value":"1.25","valueType":"double"}]}""")]
    [InlineData("""{"op":"greaterThanOrEqual","children":[{"op":"column","name":"at.x","valueType":"long"},{"op":"literal","value":"3","valueType":"long"}]}""")]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"a.b","valueType":"string"},{"op":"literal","value":"z","valueType":"string"}]}""")]
    [InlineData("""{"op":"isNull","children":[{"op":"column","name":"id","valueType":"int"},]}""")]
    [InlineData("""{"op":"and","children":[{"op":"no such"},{"op":"isNull","children":[{"op":"column","name":"id","valueType":"int"}]}]}""")]
    [InlineData("""{"op":"or","children":[{"op":"isNull","children":[{"op":"column","name":"id"}]},{"op":"isNull","children":[{"op":"column","name":"day"}]}]}""")]
    public void A_condition_that_statistics_disprove_leaves_the_file_out(string condition) => Assert.True(LeavesOut(condition));

    [Theory]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"day","valueType":"date"},{"op":"literal","value":"2021-01-15","valueType":"date"}]}""")]
    [InlineData("""{"op":"not","children":[{"op":"isNull","children":[{"op":"column","name":"id","valueType":"int"}]}]}""")]
    [InlineData("""{"op":"or","children":[{"op":"no such"},{"op":"isNull","children":[{"op":"column","name":"id"}]}]}""")]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"id","valueType":"string"},{"op":"literal","value":"5","valueType":"string"}]}""")]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"nothing","valueType":"int"},{"op":"literal","value":"5","valueType":"int"}]}""")]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"id","valueType":"int"},{"op":"literal","value":"5"}]}""")]
    [InlineData("""{"op":"equal","children":[{"op":"column","name":"id","valueType":"int"},{"op":"column","name":"id","valueType":"int"}]}""")]
    [InlineData("""{"op":"equal","children":[5,"x"]}""")]
    [InlineData("""{"op":"and"}""")]
    [InlineData("""[]""")]
    [InlineData("""{"op":""")]
    [InlineData("")]
    [InlineData(null)]
    public void What_fits_or_cannot_be_read_leaves_nothing_out(string? condition) => Assert.False(LeavesOut(condition));

    private static bool LeavesOut(string? condition) => JsonPredicates.Read(condition, s_schema)?.RulesOut(rows: 100, s_known) is true;
}
