using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>What the tables of the property tests do not have: other types of keys and values, nothing at all, too much.</summary>
public sealed class JoinEdgeTests
{
    private static readonly NodeId s_source = NodeId.Dataset("t", "events");

    /// <summary>By name: the type of the key, its column in two rows, and in one event, which is of the first row's key.</summary>
    private static readonly Dictionary<string, (string Type, IArrowArray Rows, IArrowArray Events)> s_keys = new()
    {
        ["int64 with int32"] = ("int64", Longs(-7, 1L << 40), new Int32Array.Builder().Append(-7).Build()),
        ["int32 with uint8"] =
            ("int32", new Int32Array.Builder().Append(200).Append(-56).Build(), new UInt8Array.Builder().Append(200).Build()),
        ["uint64"] = (
            "uint64", new UInt64Array.Builder().Append(ulong.MaxValue).Append(0).Build(),
            new UInt64Array.Builder().Append(ulong.MaxValue).Build()),
        ["uuid"] = ("uuid", Uuids(7, 8), Uuids(7)),
        ["bool"] = ("bool", new BooleanArray.Builder().Append(true).Append(false).Build(), new BooleanArray.Builder().Append(true).Build()),
        ["date"] = ("date", JoinTables.Times([11_000, 11_001], Date32Type.Default), JoinTables.Times([11_000], Date32Type.Default)),
        ["string"] =
            ("string", new StringArray.Builder().Append("ä").Append("a\u0308").Build(), new StringArray.Builder().Append("ä").Build()),
        ["timestamp"] = ("timestamp(us,UTC)", JoinTables.Times([5, 6]), JoinTables.Times([5])),
    };

    public static TheoryData<string> Keys => [.. s_keys.Keys];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Keys_of_any_type_find_their_events(string name)
    {
        var (type, rows, events) = s_keys[name];
        var view = View(type, new Feature("n", "int64", "n", null));

        var joined = await JoinAsync(view, Rows(rows), Events(events, ("n", new Int64Array.Builder().Append(1).Build())));

        Assert.Equal([1L, null], joined.Select(v => PointInTimeJoinTests.Value(v.Array, v.Row)));
    }

    [Fact]
    public async Task Keys_of_other_types_are_refused_by_name()
    {
        foreach (var (type, rows, events) in new (string, IArrowArray, IArrowArray)[]
        {
            ("int64", Text(), Longs(7)), ("int64", Longs(7), Text()), ("int64", Longs(7), Unsigned()), ("uint64", Longs(7), Unsigned()),
        })
        {
            var refused = await Assert.ThrowsAsync<JoinException>(
                () => JoinAsync(View(type, new Feature("n", "int64", "n", null)), Rows(rows), Events(events, ("n", Longs(1)))));

            Assert.Equal(JoinException.BadColumns, refused.Code);
            Assert.Contains("'k'", refused.Message, StringComparison.Ordinal);
        }

        static StringArray Text() => new StringArray.Builder().Append("7").Build();
        static UInt64Array Unsigned() => new UInt64Array.Builder().Append(7).Build();
    }

    [Fact]
    public async Task Lists_and_narrow_floats_are_widened()
    {
        var halves = new HalfFloatArray.Builder().Append((Half)1.5).Build();
        var view = View("int64", new Feature("h", "float64", "h", null), new Feature("l", "list(float64)", "l", null));

        var joined = await JoinAsync(view, Rows(Longs(7)), Events(Longs(7), ("h", halves), ("l", Floats([1.5f, -2f]))), "h", "l");

        Assert.Equal(1.5, ((DoubleArray)joined[0].Array).GetValue(0));
        Assert.Equal([1.5, -2.0], ((DoubleArray)((ListArray)joined[1].Array).GetSlicedValues(0)).Values.ToArray());
    }

    [Fact]
    public async Task The_greatest_whole_number_can_be_a_feature_with_fractions()
    {
        var taxi = new Int16Array.Builder().Append(5).Build();
        var view = View("int64", new Feature("most", "float64", "taxi", new(AggregateFunction.Max, TimeSpan.FromDays(1))));

        var joined = await JoinAsync(view, Rows(Longs(7)), Events(Longs(7), ("taxi", taxi)), "most");

        Assert.Equal(5.0, ((DoubleArray)joined[0].Array).GetValue(0));
    }

    [Theory]
    [InlineData(AggregateFunction.Sum, "int64", "delay")]
    [InlineData(AggregateFunction.Sum, "float64", "n")]
    [InlineData(AggregateFunction.Mean, "int64", "delay")]
    [InlineData(AggregateFunction.Count, "float64", "n")]
    public async Task A_feature_whose_type_its_column_does_not_make_is_refused(AggregateFunction function, string type, string column)
    {
        var view = View("int64", new Feature("odd", type, column, new(function, TimeSpan.FromDays(1))));
        var events = Events(Longs(7), ("n", Longs(1)), ("delay", new DoubleArray.Builder().Append(1.5).Build()));

        var refused = await Assert.ThrowsAsync<JoinException>(() => JoinAsync(view, Rows(Longs(7)), events, "odd"));

        Assert.Equal(JoinException.BadColumns, refused.Code);
        Assert.Contains("'odd'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_embedding_of_another_length_is_refused()
    {
        var view = View("int64", new Feature("e", "embedding(3)", "e", null));

        var joined = await JoinAsync(view, Rows(Longs(7)), Events(Longs(7), ("e", Floats([1, 2, 3]))), "e");
        var refused = await Assert.ThrowsAsync<JoinException>(
            () => JoinAsync(view, Rows(Longs(7)), Events(Longs(7), ("e", Floats([1, 2]))), "e"));

        Assert.Equal(3, ((ListArray)Assert.Single(joined).Array).GetValueLength(0));
        Assert.Equal(JoinException.BadValue, refused.Code);
        Assert.Contains("'e'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sum_beyond_int64_is_refused_and_one_that_comes_back_is_not()
    {
        var view = View("int64", Sum("s", "n"));

        var back = await JoinAsync(view, Rows(Longs(7)), Events(Longs(7, 7, 7), ("n", Longs(long.MaxValue, 1, -1))), "s");
        var refused = await Assert.ThrowsAsync<JoinException>(
            () => JoinAsync(view, Rows(Longs(7)), Events(Longs(7, 7), ("n", Longs(long.MaxValue, 1))), "s"));

        Assert.Equal(long.MaxValue, ((Int64Array)Assert.Single(back).Array).GetValue(0));
        Assert.Equal(JoinException.BadValue, refused.Code);
        Assert.Contains("int64", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_rows_get_nothing_and_no_events_give_nothing()
    {
        var view = View("int64", Sum("s", "n"), new Feature("c", "int64", null, new(AggregateFunction.Count, TimeSpan.FromDays(1))));
        var none = Events(Longs(), ("n", Longs()));

        Assert.Empty(await JoinAsync(view, Rows(Longs()), Events(Longs(7), ("n", Longs(1))), "s"));
        var joined = await JoinAsync(view, Rows(Longs(7)), none, "s", "c");
        Assert.Equal([null, 0L], joined.Select(v => PointInTimeJoinTests.Value(v.Array, v.Row)));
    }

    [Theory]
    [InlineData(31, null)]
    [InlineData(32, JoinException.BadColumns)]
    public async Task One_view_adds_up_31_columns_and_no_more(int columns, string? code)
    {
        var names = Enumerable.Range(0, columns).Select(i => $"n{i}").ToArray();
        var view = View("int64", [.. names.Select(n => Sum($"sum_{n}", n))]);
        var events = Events(Longs(7), [.. names.Select((n, i) => (n, (IArrowArray)Longs(i)))]);

        Task<IReadOnlyList<(IArrowArray Array, int Row)>> Join() => JoinAsync(view, Rows(Longs(7)), events, $"sum_n{columns - 1}");

        if (code is null)
            Assert.Equal(columns - 1, ((Int64Array)Assert.Single(await Join()).Array).GetValue(0));
        else
            Assert.Equal(code, (await Assert.ThrowsAsync<JoinException>(Join)).Code);
    }

    /// <returns>By row, the values of the columns that are named.</returns>
    private static async Task<IReadOnlyList<(IArrowArray Array, int Row)>> JoinAsync(
        FeatureDefinition view, RecordBatch rows, RecordBatch events, params string[] columns)
    {
        var file = await JoinTables.FileAsync("events.parquet", events.Schema, events.Length == 0 ? [] : [events]);
        var joined = new JoinedView(
            "feature-view:t/v@1", view, [file], new Dictionary<string, string> { ["k"] = "k" },
            [.. view.Features.Select(f => new JoinedFeature(f, f.Name))]);
        var join = await PointInTimeJoin.OpenAsync(rows.Schema, "at", timeZone: null, [joined], new(), CancellationToken.None);
        var values = new List<(IArrowArray, int)>();
        await foreach (var batch in join.ReadAsync(new[] { rows }.ToAsyncEnumerable()))
        {
            values.AddRange(Enumerable.Range(0, batch.Length)
                .SelectMany(row => columns.DefaultIfEmpty(view.Features[0].Name).Select(c => (batch.Column(c), row))));
        }

        return values;
    }

    private static FeatureDefinition View(string keyType, params Feature[] features) =>
        new([new Entity("e", [new EntityKey("k", keyType, "k")])], new FeatureSource(s_source, "at"), features);

    private static Feature Sum(string name, string column) =>
        new(name, "int64", column, new(AggregateFunction.Sum, TimeSpan.FromDays(1)));

    private static RecordBatch Rows(IArrowArray keys) => Batch(10, keys);

    private static RecordBatch Events(IArrowArray keys, params (string Name, IArrowArray Array)[] values) => Batch(5, keys, values);

    private static RecordBatch Batch(long time, IArrowArray keys, params (string Name, IArrowArray Array)[] values)
    {
        (string Name, IArrowArray Array)[] columns =
            [("k", keys), ("at", JoinTables.Times(Enumerable.Repeat((long?)time, keys.Length))), .. values];
        return new(
            new Schema(columns.Select(c => new Field(c.Name, c.Array.Data.DataType, nullable: true)), metadata: null),
            columns.Select(c => c.Array), keys.Length);
    }

    private static FixedSizeBinaryArray Uuids(params byte[] last)
    {
        var bytes = new byte[last.Length * 16];
        for (var i = 0; i < last.Length; i++)
            bytes[(i * 16) + 15] = last[i];
        return new(new ArrayData(
            new FixedSizeBinaryType(16), last.Length, nullCount: 0, offset: 0, [ArrowBuffer.Empty, new ArrowBuffer(bytes)]));
    }

    private static Int64Array Longs(params long[] values) => new Int64Array.Builder().AppendRange(values).Build();

    private static ListArray Floats(float[] values)
    {
        var builder = new ListArray.Builder(FloatType.Default);
        builder.Append();
        ((FloatArray.Builder)builder.ValueBuilder).AppendRange(values);
        return builder.Build();
    }
}
