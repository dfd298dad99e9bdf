using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using Catalog.Features.Training;
using Catalog.Tests.Storage;
using Catalog.TrainingSets;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>Parts by the hash of columns of each type that may decide, beside what DuckDB makes of the SQL.</summary>
public sealed class SplitSqlTests
{
    private const int Rows = 400;

    private static readonly (string Name, string Type, IArrowArray Array)[] s_columns =
    [
        ("flag", "bool", Filled(new BooleanArray.Builder(), (b, i) => b.Append(i % 3 == 0)).Build()),
        ("small", "int8", Filled(new Int8Array.Builder(), (b, i) => b.Append((sbyte)(i % 256 - 128))).Build()),
        ("large", "uint64", Filled(new UInt64Array.Builder(), (b, i) => b.Append(ulong.MaxValue - (ulong)i)).Build()),
        ("day", "date", JoinTables.Times(Enumerable.Range(0, Rows).Select(Day), Date32Type.Default)),
        ("id", "fixed_binary(16)", Ids()),
        ("text", "string", Filled(new StringArray.Builder(), (b, i) => b.Append(i % 5 == 0 ? null : $"ä✈ '{i}' \\ ")).Build()),
    ];

    public static TheoryData<string> Columns => [.. s_columns.Select(c => c.Name), "large,day,text"];

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task Rows_are_in_the_parts_that_the_SQL_says(string columns)
    {
        var rule = new SplitRule(SplitBy.Hash, [new("a", 0.5m), new("b", 0.3m), new("c", 0.2m)], columns.Split(','), Seed: 11);
        var schema = new Schema(s_columns.Select(c => new Field(c.Name, c.Array.Data.DataType, nullable: true)), metadata: null);
        using var folder = TempFolder.InMemory();
        var path = folder.Join("rows.parquet");
        await using (var file = File.Create(path))
            await JoinTables.WriteAsync(file, schema, [new RecordBatch(schema, s_columns.Select(c => Copy(c.Array)), Rows)]);
        using var duck = new DuckDb();

        var part = SplitSql.Of(rule, SqlWords.Of(SqlDialect.DuckDb), c => s_columns.First(s => s.Name == c).Type, time: "null");
        var theirs = duck.Read($"select {part} from read_parquet('{path}')").Rows.Select(r => r[0]);

        var split = new SplitRows(rule, schema, new(NodeId.Dataset("t", "rows", 1), "", "at", null, null, null));
        using var batch = new RecordBatch(schema, s_columns.Select(c => Copy(c.Array)), Rows);
        var ours = split.Part(batch)
            .SelectMany((rows, i) => rows.Select(row => (row, rule.Parts[i].Name))).OrderBy(r => r.row).Select(r => r.Name);
        Assert.Equal(ours, theirs);
    }

    private static long? Day(int i) => i % 7 == 0 ? null : (i * 997) - 200_000;

    private static FixedSizeBinaryArray Ids()
    {
        byte[] bytes =
            [.. Enumerable.Range(0, Rows).SelectMany(i => BitConverter.GetBytes(new UInt128((ulong)i * 0x9E37_79B9_7F4A_7C15, (ulong)i)))];
        return new(new ArrayData(new FixedSizeBinaryType(16), Rows, nullCount: 0, offset: 0, [ArrowBuffer.Empty, new ArrowBuffer(bytes)]));
    }

    private static TBuilder Filled<TBuilder>(TBuilder builder, Action<TBuilder, int> append)
    {
        for (var i = 0; i < Rows; i++)
            append(builder, i);
        return builder;
    }

    /// <summary>Of a batch's own: batches dispose what is in them.</summary>
    private static IArrowArray Copy(IArrowArray array) => ArrowArrayFactory.BuildArray(array.Data.Clone());
}
