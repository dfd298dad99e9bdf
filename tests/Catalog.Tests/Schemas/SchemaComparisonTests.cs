using Catalog.Schemas;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Schemas;

public sealed class SchemaComparisonTests
{
    [Fact]
    public void The_same_schema_is_no_change()
    {
        Assert.Equal(SchemaChangeLevel.None, Compare([Required("a", "int8"), Optional("b", "list", Optional("item", "string"))],
            [Required("a", "int8"), Optional("b", "list", Optional("element", "string"))]).Level);
    }

    [Fact]
    public void Without_a_parent_there_is_nothing_to_change() =>
        Assert.Same(SchemaChange.None, SchemaComparison.Compare(null, Table(Required("a", "int8"))));

    [Fact]
    public void Losing_the_schema_removes_every_column()
    {
        var change = SchemaComparison.Compare(Table(Required("a", "int8")), null);

        Assert.Equal([new ColumnChange("a", "removed", "int8", null, SchemaChangeLevel.Major)], change.Changes);
        Assert.True(change.IsBreaking);
    }

    [Fact]
    public void Reordering_is_a_patch_that_names_the_fewest_moved_columns()
    {
        var change = Compare([Required("a", "int8"), Required("b", "int8"), Required("c", "int8"), Required("d", "int8")],
            [Required("d", "int8"), Required("a", "int8"), Required("b", "int8"), Required("c", "int8")]);

        Assert.Equal(SchemaChangeLevel.Patch, change.Level);
        Assert.Equal([new ColumnChange("d", "moved", "4", "1", SchemaChangeLevel.Patch)], change.Changes);
    }

    [Fact]
    public void A_column_added_in_the_middle_moves_nothing()
    {
        var change = Compare(
            [Required("a", "int8"), Required("b", "int8")],
            [Required("a", "int8"), Optional("x", "string"), Required("b", "int8")]);

        Assert.Equal([new ColumnChange("x", "added", null, "string", SchemaChangeLevel.Minor)], change.Changes);
        Assert.Equal(SchemaChangeLevel.Minor, change.Level);
    }

    [Fact]
    public void A_required_column_cannot_be_added_without_breaking_old_files() =>
        Assert.Equal(
            [new ColumnChange("x", "added", null, "string", SchemaChangeLevel.Major)],
            Compare([], [Required("x", "string")]).Changes);

    [Fact]
    public void Allowing_nulls_is_minor_and_forbidding_them_is_major()
    {
        Assert.Equal([new ColumnChange("a", "made_nullable", "required", "nullable", SchemaChangeLevel.Minor)],
            Compare([Required("a", "int8")], [Optional("a", "int8")]).Changes);
        Assert.Equal([new ColumnChange("a", "made_required", "nullable", "required", SchemaChangeLevel.Major)],
            Compare([Optional("a", "int8")], [Required("a", "int8")]).Changes);
    }

    [Theory]
    [InlineData("int8", "int16")]
    [InlineData("int8", "int64")]
    [InlineData("int32", "int64")]
    [InlineData("uint8", "uint32")]
    [InlineData("uint32", "uint64")]
    [InlineData("uint32", "int64")]
    [InlineData("uint8", "int16")]
    [InlineData("float16", "float32")]
    [InlineData("float16", "float64")]
    [InlineData("float32", "float64")]
    [InlineData("int8", "float64")]
    [InlineData("int32", "float64")]
    [InlineData("decimal(9,2)", "decimal(18,2)")]
    [InlineData("date", "timestamp(us)")]
    [InlineData("timestamp(ms)", "timestamp(us)")]
    [InlineData("timestamp(s,UTC)", "timestamp(ns,UTC)")]
    [InlineData("time(ms)", "time(ns)")]
    [InlineData("time(us)", "time(ns)")]
    [InlineData("null", "string")]
    public void A_wider_type_is_minor_and_the_way_back_is_major(string narrow, string wide)
    {
        Assert.Equal(
            [new ColumnChange("a", "widened", narrow, wide, SchemaChangeLevel.Minor)],
            Compare([Optional("a", narrow)], [Optional("a", wide)]).Changes);
        Assert.Equal(
            [new ColumnChange("a", "narrowed", wide, narrow, SchemaChangeLevel.Major)],
            Compare([Optional("a", wide)], [Optional("a", narrow)]).Changes);
    }

    [Theory]
    [InlineData("int64", "float64")]
    [InlineData("int32", "uint32")]
    [InlineData("uint64", "int64")]
    [InlineData("uint32", "int32")]
    [InlineData("int32", "float32")]
    [InlineData("int64", "string")]
    [InlineData("decimal(9,2)", "decimal(18,3)")]
    [InlineData("date", "timestamp(us,UTC)")]
    [InlineData("timestamp(us)", "timestamp(us,UTC)")]
    [InlineData("timestamp(ms)", "timestamp(us,UTC)")]
    [InlineData("fixed_binary(4)", "fixed_binary(8)")]
    [InlineData("string", "json")]
    [InlineData("list", "struct")]
    public void Another_type_is_major(string from, string to) =>
        Assert.Equal(
            [new ColumnChange("a", "type_changed", from, to, SchemaChangeLevel.Major)],
            Compare([Optional("a", from)], [Optional("a", to)]).Changes);

    [Fact]
    public void Nested_columns_are_compared_by_path()
    {
        var change = Compare(
            [
                Optional("s.t", "struct", Optional("x", "int8"), Optional("y\\z", "int8")),
                Optional("l", "list", Optional("item", "struct", Optional("p", "int8"))),
                Optional("m", "map", Required("k", "string"), Optional("v", "int8")),
            ],
            [
                Optional("s.t", "struct", Optional("x", "int16"), Optional("n", "int8")),
                Optional("l", "list", Optional("el", "struct", Required("q", "int8"))),
                Optional("m", "map", Required("key", "string"), Optional("value", "int64")),
            ]);

        Assert.Equal(
        [
            new(@"s\.t.x", "widened", "int8", "int16", SchemaChangeLevel.Minor),
            new(@"s\.t.y\\z", "removed", "int8", null, SchemaChangeLevel.Major),
            new(@"s\.t.n", "added", null, "int8", SchemaChangeLevel.Minor),
            new("l.element.p", "removed", "int8", null, SchemaChangeLevel.Major),
            new("l.element.q", "added", null, "int8", SchemaChangeLevel.Major),
            new("m.value", "widened", "int8", "int64", SchemaChangeLevel.Minor),
        ], change.Changes);
        Assert.Equal(SchemaChangeLevel.Major, change.Level);
    }

    [Fact]
    public void Type_and_nullability_change_together_as_two_changes() => Assert.Equal(["widened", "made_nullable"],
        Compare([Required("a", "int8")], [Optional("a", "int16")]).Changes.Select(c => c.Kind));

    [Fact]
    public void A_name_that_occurs_twice_is_matched_by_occurrence() =>
        Assert.Equal(
            [new ColumnChange("a", "removed", "string", null, SchemaChangeLevel.Major)],
            Compare([Required("a", "int8"), Required("a", "string")], [Required("a", "int8")]).Changes);

    [Fact]
    public void Any_shuffle_is_at_most_a_patch() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int).Sample((count, seed) =>
        {
            var columns = Enumerable.Range(0, count).Select(i => Optional("c" + i, "int8")).ToArray();
            var shuffled = columns.ToArray();
            new Random(seed).Shuffle(shuffled);

            var change = Compare(columns, shuffled);

            Assert.Equal(columns.SequenceEqual(shuffled) ? SchemaChangeLevel.None : SchemaChangeLevel.Patch, change.Level);
            var moved = change.Changes.Select(c => c.Column).ToHashSet();
            Assert.Equal(columns.Where(c => !moved.Contains(c.Name)), shuffled.Where(c => !moved.Contains(c.Name)));
        });

    private static SchemaChange Compare(Column[] parent, Column[] child) => SchemaComparison.Compare(Table(parent), Table(child));

    private static TableSchema Table(params Column[] columns) => new(columns);

    private static Column Required(string name, string type, params Column[] children) =>
        new(name, type, Nullable: false, children is [] ? null : children);

    private static Column Optional(string name, string type, params Column[] children) =>
        new(name, type, Nullable: true, children is [] ? null : children);
}
