using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

public sealed class ConditionTests
{
    private static readonly DateTime s_day = new(2001, 3, 4, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>Columns of few values, so that conditions often meet them, each with a value to compare for a number.</summary>
    private static readonly (string Name, IArrowType Type, Func<int, object> Value, Func<int, object> Literal)[] s_columns =
    [
        ("i8", Int8Type.Default, n => (sbyte)n, n => n),
        ("i32", Int32Type.Default, n => n, n => n % 3 == 0 ? n + 0.5m : n),
        ("i64", Int64Type.Default, n => (long)n, n => n % 5 == 0 ? long.MaxValue : n),
        ("u64", UInt64Type.Default, n => ulong.MaxValue - (ulong)(n + 10), n => n % 3 == 0 ? n : ulong.MaxValue - (ulong)(n + 10)),
        ("f32", FloatType.Default, n => n == 4 ? float.NaN : n * 0.5f, n => n * 0.25),
        ("f64", DoubleType.Default, n => n == 4 ? double.NaN : n == 3 ? -0.0 : n * 0.5, n => n == 5 ? double.NegativeInfinity : n * 0.5),
        ("money", new Decimal128Type(10, 2), n => n * 0.25m, n => n % 2 == 0 ? n * 0.25m : n * 0.001m),
        ("flag", BooleanType.Default, n => n > 0, n => n > 0),
        ("text", StringType.Default, n => new string('ä', (n + 9) % 4) + n, n => new string('ä', (n + 9) % 4) + n),
        ("raw", BinaryType.Default, n => new byte[] { (byte)n }, n => new byte[] { (byte)n }),
        ("day", Date32Type.Default, n => DateOnly.FromDateTime(s_day).AddDays(n), n => DateOnly.FromDateTime(s_day).AddDays(n)),
        ("clock", new Time64Type(TimeUnit.Microsecond), n => TimeOnly.MinValue.AddHours(n + 10), n => TimeOnly.MinValue.AddHours(n + 10)),
        ("at", new TimestampType(TimeUnit.Microsecond, "UTC"), n => new DateTimeOffset(s_day, default).AddSeconds(n),
            n => new DateTimeOffset(s_day, TimeSpan.FromHours(n % 2)).AddTicks((n * 10_000_000L) + (n % 3))),
        ("local", new TimestampType(TimeUnit.Millisecond, (string?)null), n => s_day.AddSeconds(n - 1_000_000_000),
            n => s_day.AddSeconds(n - 1_000_000_000).AddTicks(n % 2)),
    ];

    private static readonly Schema s_schema = new([.. s_columns.Select(c => new Field(c.Name, c.Type, nullable: true))], metadata: null);

    private static readonly
        Gen<(int?[] Rows, (int Column, Comparison Comparison, int[] Values)[] Where, int GroupRows, bool Sorted)> s_cases =
        Gen.Select(
            Gen.Int[-6, 6].Select(Gen.Int[0, 4], (n, isNull) => isNull == 0 ? default(int?) : n).Array[1, 120],
            Gen.Select(Gen.Int[0, s_columns.Length - 1], Gen.Enum<Comparison>(), Gen.Int[-6, 6].Array[0, 3]).Array[1, 3],
            Gen.Int[1, 40],
            Gen.Bool);

    [Fact]
    public async Task Rows_are_those_that_a_naive_filter_keeps_and_none_is_lost_with_a_row_group() =>
        await s_cases.SampleAsync(
            async c =>
            {
                int?[] rows = c.Sorted ? [.. c.Rows.OrderBy(r => r)] : c.Rows;
                Condition[] where = [.. c.Where.Select(w => Of(w.Column, w.Comparison, w.Values))];
                var batch = Batch(rows);
                string[] expected =
                [
                    .. rows.Zip(ArrowText.Rows(batch))
                        .Where(r => c.Where.Zip(where).All(w => Meets(r.First, w.First.Column, w.Second))).Select(r => r.Second),
                ];
                var file = await Scans.WriteAsync(new() { RowGroupRows = c.GroupRows }, batch);

                foreach (var engine in (IParquetEngine[])[ParquetEngines.Native, ParquetEngines.Managed])
                    Assert.Equal(expected, (await Scans.RowsAsync(file, new() { Where = where, BatchRows = 7 }, engine)).Rows);
            },
            iter: 150,
            threads: 1);

    [Theory]
    [InlineData("i32", Comparison.Equal, "a")]
    [InlineData("i32", Comparison.Equal, 1.5)]
    [InlineData("f64", Comparison.Less, double.NaN)]
    [InlineData("text", Comparison.Equal, 1)]
    [InlineData("at", Comparison.Equal, "2001-01-01")]
    [InlineData("flag", Comparison.Equal, 1)]
    [InlineData("i32", (Comparison)77, 1)]
    [InlineData("i32", Comparison.Equal)]
    [InlineData("i32", Comparison.IsNull, 1)]
    [InlineData("i32", Comparison.Less, 1, 2)]
    [InlineData("elsewhere", Comparison.Less, 1)]
    public async Task A_condition_that_means_nothing_is_refused(string column, Comparison comparison, params object[] values)
    {
        var file = await Scans.WriteAsync(new(), Batch([1]));

        var refused = await Assert.ThrowsAsync<ScanException>(
            () => Scans.RowsAsync(file, new() { Where = [new(column, comparison, values)] }));

        Assert.Equal(ScanException.BadCondition, refused.Code);
        Assert.Contains($"'{column}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_character_is_no_text()
    {
        var file = await Scans.WriteAsync(new(), Batch([1]));

        var refused = await Assert.ThrowsAsync<ScanException>(
            () => Scans.RowsAsync(file, new() { Where = [new("text", Comparison.Equal, new string((char)0xd800, 1))] }));
        Assert.Contains("string of valid Unicode", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_of_day_is_no_instant_and_an_instant_no_local_time()
    {
        var file = await Scans.WriteAsync(new(), Batch([1]));

        foreach (var (column, value) in ((string, object)[])[("at", s_day), ("local", new DateTimeOffset(s_day, default))])
        {
            var refused = await Assert.ThrowsAsync<ScanException>(
                () => Scans.RowsAsync(file, new() { Where = [new(column, Comparison.Equal, value)] }));
            Assert.Equal(ScanException.BadCondition, refused.Code);
        }
    }

    [Fact]
    public void Operators_are_known_by_their_symbols()
    {
        Assert.Equal(Comparison.NotEqual, Condition.ComparisonOf("!="));
        Assert.Equal(Comparison.IsNotNull, Condition.ComparisonOf("IS NOT NULL"));
        var refused = Assert.Throws<ScanException>(() => Condition.ComparisonOf("~"));
        Assert.Equal(
            (ScanException.BadCondition, "'~' is no operator; there are =, !=, <, <=, >, >=, in, is null, is not null."),
            (refused.Code, refused.Message));
    }

    private static Condition Of(int column, Comparison by, int[] values) => new(s_columns[column].Name, by, by switch
    {
        Comparison.IsNull or Comparison.IsNotNull => [],
        Comparison.In => [.. values.Select(s_columns[column].Literal)],
        _ => [s_columns[column].Literal(values.FirstOrDefault())],
    });

    private static RecordBatch Batch(int?[] rows) => new(
        s_schema,
        [.. s_columns.Select(c => Values.Array(c.Type, [.. rows.Select(r => r is { } n ? c.Value(n) : null)]))],
        rows.Length);

    private static bool Meets(int? row, int column, Condition condition)
    {
        var value = row is { } n ? s_columns[column].Value(n) : null;
        return condition.Comparison switch
        {
            Comparison.IsNull => value is null,
            Comparison.IsNotNull => value is not null,
            _ => value is not null && condition.Values.Any(v => Meets(Values.Compare(value, v), condition.Comparison)),
        };
    }

    private static bool Meets(int? order, Comparison comparison) => comparison switch
    {
        Comparison.NotEqual => order != 0,
        Comparison.Less => order < 0,
        Comparison.LessOrEqual => order <= 0,
        Comparison.Greater => order > 0,
        Comparison.GreaterOrEqual => order >= 0,
        _ => order == 0,
    };
}
