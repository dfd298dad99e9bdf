using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Schemas;
using CsCheck;
using Xunit;
using static Catalog.Tests.Datasets.Flights;

namespace Catalog.Tests.Versions;

/// <summary>Many files, one table, whatever their order.</summary>
public sealed class TableJoinTests
{
    private static readonly Gen<TableSchema> s_schema = Gen.Select(
        Gen.OneOf("int8", "int32", "int64"), Gen.Bool, Gen.OneOf("", "b", "c", "bc", "cb"), (type, nullable, more) =>
            Schema([new Column("a", type, nullable), .. more.Select(name => Optional(name.ToString()))]));

    [Fact]
    public void The_order_of_files_changes_nothing() => Gen.Select(s_schema.Array[1, 6], Gen.Int).Sample((schemas, seed) =>
    {
        var shuffled = schemas.ToArray();
        new Random(seed).Shuffle(shuffled);

        Assert.Equal(Join(schemas)?.Schema, Join(shuffled)?.Schema);
    });

    [Fact]
    public void What_is_added_to_a_table_makes_the_table_that_all_files_make() =>
        Gen.Select(s_schema.Array[1, 4], s_schema.Array[1, 4]).Sample((before, added) =>
        {
            if (Join(before) is { } one && Join(added) is { } two)
                Assert.Equal(Join([.. before, .. added])?.Schema, Footers.Merge(one, before.Length, two, added.Length).Value?.Schema);
        });

    [Fact]
    public void A_schema_that_reads_all_others_is_the_tables_wherever_it_comes()
    {
        var (b, c, both) = (
            Schema(Required("a"), Optional("b")),
            Schema(Required("a"), Optional("c")),
            Schema(Required("a"), Optional("b"), Optional("c")));

        Assert.Equal(both, Join([b, c, both])?.Schema);
        Assert.Equal(both, Join([both, c, b])?.Schema);
        Assert.Null(Join([b, c]));
    }

    [Fact]
    public void A_column_that_some_files_lack_is_one_of_which_nothing_is_known()
    {
        var table = new TableJoin();
        table.Add("1", Schema(Required("a")), Known(("a", "1", "5")), rows: 5);
        table.Add("2", Schema(Required("a"), Optional("b")), Known(("a", "3", "12"), ("b", "1", "1")), rows: 5);

        var statistics = table.Result()?.Value?.Statistics ?? throw new InvalidOperationException("The files go together.");

        Assert.Equal((new ColumnStatistics("1", "12", 0), ColumnStatistics.Unknown), (statistics["a"], statistics["b"]));
    }

    [Fact]
    public void Nulls_that_cannot_be_counted_are_unknown() => Assert.Equal(
        new ColumnStatistics("1", "1", Nulls: null),
        ColumnStatistics.MergeAll("int32", [(new("1", "1", long.MaxValue), null), (new("1", "1", long.MaxValue), null)]));

    private static TableFacts? Join(IReadOnlyList<TableSchema> schemas)
    {
        var table = new TableJoin();
        foreach (var (i, schema) in schemas.Index())
            table.Add($"{i}", schema, Known(), rows: 1);
        return table.Result()?.Value;
    }

    private static Dictionary<string, ColumnStatistics> Known(params (string Column, string Min, string Max)[] columns) =>
        columns.ToDictionary(c => c.Column, c => new ColumnStatistics(c.Min, c.Max, 0), StringComparer.Ordinal);
}
