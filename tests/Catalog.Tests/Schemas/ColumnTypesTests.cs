using Catalog.Schemas;
using Xunit;

namespace Catalog.Tests.Schemas;

public sealed class ColumnTypesTests
{
    [Theory]
    [InlineData("bool")]
    [InlineData("int8")]
    [InlineData("uint64")]
    [InlineData("float16")]
    [InlineData("decimal(1,0)")]
    [InlineData("decimal(76,76)")]
    [InlineData("fixed_binary(16)")]
    [InlineData("time(us)")]
    [InlineData("timestamp(s)")]
    [InlineData("timestamp(ns)")]
    [InlineData("timestamp(us,UTC)")]
    [InlineData("interval")]
    [InlineData("list")]
    [InlineData("map")]
    [InlineData("struct")]
    [InlineData("null")]
    [InlineData("json")]
    [InlineData("uuid")]
    public void Canonical_types_are_valid(string type) => Assert.True(ColumnTypes.IsValid(type));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Int64")]
    [InlineData("int128")]
    [InlineData("utf8")]
    [InlineData("decimal")]
    [InlineData("decimal()")]
    [InlineData("decimal(10)")]
    [InlineData("decimal(10, 2)")]
    [InlineData("decimal(010,2)")]
    [InlineData("decimal(0,0)")]
    [InlineData("decimal(77,0)")]
    [InlineData("decimal(4,5)")]
    [InlineData("decimal(4,-1)")]
    [InlineData("decimal(,)")]
    [InlineData("fixed_binary(0)")]
    [InlineData("fixed_binary()")]
    [InlineData("time(s)")]
    [InlineData("timestamp")]
    [InlineData("timestamp()")]
    [InlineData("timestamp(UTC)")]
    [InlineData("timestamp(,UTC)")]
    [InlineData("timestamp(us,Europe/Rome)")]
    [InlineData("timestamp(us,UTC) ")]
    public void Anything_else_is_not(string? type) => Assert.False(ColumnTypes.IsValid(type));

    [Fact]
    public void A_schema_says_what_is_wrong_with_it()
    {
        Assert.Null(new TableSchema(
            [new("a", "int64", Nullable: false), new("t", "list", Nullable: true, [new("element", "string", Nullable: true)])]).Check());
        Assert.Contains(
            "'a.b' has the type 'text'",
            Check(new Column("a", "struct", Nullable: true, [new("b", "text", Nullable: true)])),
            StringComparison.Ordinal);
        Assert.Contains("must have one child", Check(new Column("a", "list", Nullable: true)), StringComparison.Ordinal);
        Assert.Contains(
            "key and value",
            Check(new Column("a", "map", Nullable: true, [new("key", "string", Nullable: false)])),
            StringComparison.Ordinal);
        Assert.Contains(
            "must have no children",
            Check(new Column("a", "int8", Nullable: true, [new("b", "int8", Nullable: true)])),
            StringComparison.Ordinal);
        Assert.Contains("its fields", Check(new Column("a", "struct", Nullable: true)), StringComparison.Ordinal);
        Assert.Contains(
            "two columns 'a'", Check(new("a", "int8", Nullable: true), new("a", "int8", Nullable: true)), StringComparison.Ordinal);
        Assert.Contains("needs a name", Check(new Column("", "int8", Nullable: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void Schemas_are_compared_by_value()
    {
        var (a, b) = (Nested("x"), Nested("x"));

        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual(a, Nested("y"));
    }

    private static TableSchema Nested(string name) => new([new Column("a", "struct", Nullable: true, [new(name, "int8", Nullable: true)])]);

    private static string? Check(params Column[] columns) => new TableSchema(columns).Check();
}
