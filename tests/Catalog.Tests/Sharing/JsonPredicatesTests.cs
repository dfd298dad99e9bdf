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
        new("time", "timestamp(us,UTC)", Nullable: true),
        new("at", "struct", Nullable: true, [new("x", "int64", Nullable: true)]),
    ]);

    private static readonly Dictionary<string, ColumnStatistics> s_known = new(StringComparer.Ordinal)
    {
        ["id"] = new("10", "20", 0),
        ["day"] = new("2021-01-01", "2021-01-31", 0),
        ["price"] = new("1.5", "2.5", 0),
        [@"a\.b"] = new("m", "n", 0),
        ["at.x"] = new("1", "2", 0),
        ["time"] = new("2021-01-01T00:00:00.5Z", "2021-01-01T01:00:00Z", 0),
    };

    public static TheoryData<string> Disproved =>
    [
        Op("equal", Column("day", "date"), Literal("2021-04-29", "date")),
        Op("lessThan", Column("id", "int"), Literal("10", "int")),
        Op("greaterThan", Literal("10", "int"), Column("id", "int")),
        Op("lessThanOrEqual", Column("price", "double"), Literal("1.25", "double")),
        Op("greaterThanOrEqual", Column("at.x", "long"), Literal("3", "long")),
        Op("equal", Column("a.b", "string"), Literal("z", "string")),
        Op("lessThan", Column("time", "timestamp"), Literal("2021-01-01T00:00:00Z", "timestamp")),
        """{"op":"isNull","children":[{"op":"column","name":"id","valueType":"int"},]}""",
        Op("and", """{"op":"no such"}""", Op("isNull", Column("id", "int"))),
        Op("or", Op("isNull", Column("id", "int")), Op("isNull", Column("day", "date"))),
    ];

    public static TheoryData<string> NotDisproved =>
    [
        Op("equal", Column("day", "date"), Literal("2021-01-15", "date")),
        Op("not", Op("isNull", Column("id", "int"))),
        Op("or", """{"op":"no such"}""", Op("isNull", Column("id", "int"))),
        Op("equal", Column("id", "string"), Literal("5", "string")),
        Op("lessThan", Column("time", "timestamp"), Literal("2021-01-01T00:00:00.75Z", "timestamp")),
        Op("greaterThan", Column("time", "timestamp"), Literal("2021-01-01T02:00:00+02:00", "timestamp")),
        Op("equal", Column("day", "date"), Literal("2021-1-15", "date")),
        Op("equal", Column("nothing", "int"), Literal("5", "int")),
        Op("equal", Column("id", "int"), """{"op":"literal","value":"5"}"""),
        Op("equal", Column("id", "int"), """{"op":"literal","value":5,"valueType":"int"}"""),
        Op("equal", Column("id", "int"), Column("id", "int")),
        Op("equal", "5", "\"x\""),
        """{"op":"and"}""",
        """{"op":"isNull","children":[]}""",
        "[]",
        """{"op":""",
        "",
    ];

    [Theory]
    [MemberData(nameof(Disproved))]
    public void A_condition_that_statistics_disprove_leaves_the_file_out(string condition) => Assert.True(LeavesOut(condition));

    [Theory]
    [MemberData(nameof(NotDisproved))]
    public void What_fits_or_cannot_be_read_leaves_nothing_out(string condition) => Assert.False(LeavesOut(condition));

    private static string Op(string op, params IEnumerable<string> children) =>
        $$"""{"op":"{{op}}","children":[{{string.Join(',', children)}}]}""";

    private static string Column(string name, string type) => $$"""{"op":"column","name":"{{name}}","valueType":"{{type}}"}""";

    private static string Literal(string value, string type) => $$"""{"op":"literal","value":"{{value}}","valueType":"{{type}}"}""";

    private static bool LeavesOut(string condition) => JsonPredicates.Read(condition, s_schema)?.RulesOut(rows: 100, s_known) is true;
}
