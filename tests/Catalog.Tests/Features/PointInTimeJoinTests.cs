using Apache.Arrow;
using Catalog.Features;
using Catalog.Storage.Columnar.PointInTime;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>The join beside a naive one, on tables made so that times, keys and ties meet often.</summary>
public sealed class PointInTimeJoinTests
{
    private static readonly string?[] s_names = ["a", "b", "ä", "a\u0308", "✈ 日本", "", null];

    private static readonly Feature[] s_columns =
        [new("amount", "float64", "amount", null), new("n", "int64", "n", null), new("text", "string", "text", null)];

    private static readonly Feature[] s_aggregations =
    [
        .. from function in Enum.GetValues<AggregateFunction>()
           from column in (string?[])["amount", "n", null]
           from window in (long[])[1, 5, 1_000_000]
           where column is not null || function == AggregateFunction.Count
           select new Feature($"{function}_{column}_{window}", TypeOf(function, column), column, new(function, Span(window))),
        new("last_text", "string", "text", new(AggregateFunction.Last, Span(6))),
    ];

    [Fact]
    public Task Rows_get_what_the_rules_say() => Cases.SampleAsync(async c =>
    {
        var expected = c.Rows.Select(r => string.Join('|', NaiveJoin.Of(c.View, r, c.Events, c.KnownAt).Select(Text))).ToList();

        Assert.Equal(expected, await JoinAsync(c));
    }, iter: 400);

    [Fact]
    public Task However_much_memory_threads_and_batches_the_answer_is_the_same() => Cases.SampleAsync(async c =>
    {
        var one = await JoinAsync(c with { BatchRows = 1_000, ChunkRows = 1 << 20, WaitingBytes = 1 << 20, Threads = 1 });

        Assert.Equal(one, await JoinAsync(c with { BatchRows = 3, ChunkRows = 2, WaitingBytes = 1, Threads = 3 }));
    }, iter: 100);

    private static async Task<List<string>> JoinAsync(Case c)
    {
        var files = await JoinTables.FilesAsync(c.Events, c.Files, c.GroupRows);
        var view = new JoinedView(
            "feature-view:t/v@1", c.View, files, c.View.Keys().ToDictionary(k => k.Name, k => k.Column),
            [.. c.View.Features.Select(f => new JoinedFeature(f, $"v__{f.Name}"))]);
        var options = new JoinOptions
        {
            KnownAt = c.KnownAt,
            BatchRows = c.BatchRows,
            MaxChunkRows = c.ChunkRows,
            WaitingBytes = c.WaitingBytes,
            Parallelism = c.Threads,
        };
        var join = await PointInTimeJoin.OpenAsync(JoinTables.Schema, "at", timeZone: null, [view], options, CancellationToken.None);
        var batches = c.Rows.Chunk(4).Select(JoinTables.Batch).ToAsyncEnumerable();
        var (answer, row) = (new List<string>(), 0);
        await foreach (var batch in join.ReadAsync(batches))
        {
            using (batch)
            {
                for (var i = 0; i < batch.Length; i++, row++)
                {
                    Assert.Equal(c.Rows[row].Text, ((StringArray)batch.Column("text")).GetString(i));
                    answer.Add(string.Join('|', c.View.Features.Select(f => Text(Value(batch.Column($"v__{f.Name}"), i)))));
                }
            }
        }

        return answer;
    }

    internal static object? Value(IArrowArray array, int row) => array switch
    {
        DoubleArray a => a.GetValue(row),
        Int64Array a => a.GetValue(row),
        Int32Array a => a.GetValue(row),
        StringArray a => a.GetString(row),
        _ => throw new NotSupportedException(array.Data.DataType.Name),
    };

    private static string Text(object? value) => value is null
        ? "null"
        : $"{value.GetType().Name}:{Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)}";

    private sealed record Case(
        FeatureDefinition View, IReadOnlyList<Happening> Rows, IReadOnlyList<Happening> Events, long? KnownAt,
        int Files, int GroupRows, int BatchRows, int ChunkRows, int WaitingBytes, int Threads);

    private static Gen<long> Time { get; } = Gen.OneOf(
        Gen.Long[0, 12], Gen.Select(Gen.Long[-2, 2], Gen.Long[-1, 1], (s, us) => (s * 1_000_000) + us), One(-62_135_596_800_000_000));

    private static Gen<Happening> Happenings { get; } = Gen.Select(
        One(s_names), Gen.Int[0, 3], Gen.Select(Time, Gen.Int[0, 9]), Gen.Select(Time, Gen.Int[0, 9]), Gen.Int[-40, 40], Gen.Int[0, 5],
        (name, code, time, created, amount, hole) => new Happening(
            name, code == 3 ? null : code, time.Item2 == 0 ? null : time.Item1, created.Item2 == 0 ? null : created.Item1,
            hole == 0 ? null : amount / 8.0, hole == 1 ? null : amount, hole == 2 ? null : $"t{amount}"));

    private static Gen<FeatureDefinition> Views { get; } = Gen.Select(
        Gen.Int[0, 3], Gen.Bool, Gen.Bool, One<TimeSpan?>(null, TimeSpan.Zero, Span(1), Span(5), Span(1_000_000)), Gen.Bool,
        (keys, hasCreated, isLast, ttl, isAggregated) => new FeatureDefinition(
            KeysOf(keys),
            new(NodeId.Dataset("t", "events"), "at", hasCreated ? "created" : null, TimeZone: null, isLast ? TieRule.Last : TieRule.First),
            isAggregated ? s_aggregations : s_columns,
            isAggregated ? null : ttl));

    private static Gen<Case> Cases { get; } = Gen.Select(
        Views, Happenings.Array[0, 25], Happenings.Array[0, 60], Gen.Select(Gen.Bool, Time), Gen.Select(Gen.Int[1, 3], Gen.Int[1, 40]),
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30]),
        (view, rows, events, known, files, sizes) => new Case(
            view, [.. rows.Select((r, i) => r with { Text = $"row {i}" })], events,
            known.Item1 && view.Source.CreatedTime is not null ? known.Item2 : null,
            files.Item1, files.Item2, sizes.Item1, sizes.Item2, WaitingBytes: sizes.Item1 % 2 == 0 ? 1 : 1 << 20, Threads: 2));

    private static Entity[] KeysOf(int keys) => keys switch
    {
        0 => [],
        1 => [new("name", [new("name", "string", "name")])],
        2 => [new("code", [new("code", "int64", "code")])],
        _ => [new("pair", [new("name", "string", "name"), new("code", "int32", "code")])],
    };

    private static string TypeOf(AggregateFunction function, string? column) => (function, column) switch
    {
        (AggregateFunction.Count, _) => "int64",
        (AggregateFunction.Mean, _) or (_, "amount") => "float64",
        _ => "int64",
    };

    private static TimeSpan Span(long microseconds) => TimeSpan.FromMicroseconds(microseconds);

    private static Gen<T> One<T>(params T[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);
}
