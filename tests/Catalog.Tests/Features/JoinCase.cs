using Catalog.Features;
using CsCheck;

namespace Catalog.Tests.Features;

/// <summary>A view, rows and events, in tables made so that times, keys and ties meet often; and how they are joined.</summary>
/// <param name="KnownAt">In microseconds; null where nothing is left out.</param>
/// <param name="Files">How many files events are in.</param>
internal sealed record JoinCase(
    FeatureDefinition View, IReadOnlyList<Happening> Rows, IReadOnlyList<Happening> Events, long? KnownAt,
    int Files, int GroupRows, int BatchRows, int ChunkRows, int WaitingBytes, int Threads)
{
    private static readonly string?[] s_names = ["a", "b", "ä", "a\u0308", "✈ 日本", "", null];

    private static readonly Feature[] s_columns =
        [new("amount", "float64", "amount", null), new("n", "int64", "n", null), new("text", "string", "text", null)];

    private static Gen<long> Time { get; } = Gen.OneOf(
        Gen.Long[0, 12], Gen.Select(Gen.Long[-2, 2], Gen.Long[-1, 1], (s, us) => (s * 1_000_000) + us), One(-62_135_596_800_000_000));

    public static Gen<JoinCase> Any { get; } = Of(Time, Time, timeZone: null, scale: 1);

    /// <param name="time">Of rows and events, in units of their columns.</param>
    /// <param name="known">A moment that events may have to be written by, in microseconds.</param>
    /// <param name="timeZone">Of columns of times.</param>
    /// <param name="scale">How many microseconds the shortest window has.</param>
    public static Gen<JoinCase> Of(Gen<long> time, Gen<long> known, string? timeZone, long scale) => Gen.Select(
        Views(timeZone, scale), Happenings(time).Array[0, 25], Happenings(time).Array[0, 60], Gen.Select(Gen.Bool, known),
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 40]), Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30]),
        (view, rows, events, known, files, sizes) => new JoinCase(
            view, [.. rows.Select((r, i) => r with { Text = $"row {i}" })], events,
            known.Item1 && view.Source.CreatedTime is not null ? known.Item2 : null,
            files.Item1, files.Item2, sizes.Item1, sizes.Item2, WaitingBytes: sizes.Item1 % 2 == 0 ? 1 : 1 << 20, Threads: 2));

    private static Gen<Happening> Happenings(Gen<long> times) => Gen.Select(
        One(s_names), Gen.Int[0, 3], Gen.Select(times, Gen.Int[0, 9]), Gen.Select(times, Gen.Int[0, 9]), Gen.Int[-40, 40], Gen.Int[0, 5],
        (name, code, time, created, amount, hole) => new Happening(
            name, code == 3 ? null : code, time.Item2 == 0 ? null : time.Item1, created.Item2 == 0 ? null : created.Item1,
            hole == 0 ? null : amount / 8.0, hole == 1 ? null : amount, hole == 2 ? null : $"t{amount}"));

    private static Gen<FeatureDefinition> Views(string? timeZone, long scale) => Gen.Select(
        Gen.Int[0, 3], Gen.Bool, Gen.Bool, One<long?>(null, 0, 1, 5, 1_000_000), Gen.Bool,
        (keys, hasCreated, isLast, ttl, isAggregated) => new FeatureDefinition(
            KeysOf(keys),
            new(NodeId.Dataset("t", "events"), "at", hasCreated ? "created" : null, timeZone, isLast ? TieRule.Last : TieRule.First),
            isAggregated ? [.. Aggregations(scale)] : s_columns,
            isAggregated || ttl is not { } t ? null : Span(t * scale)));

    private static IEnumerable<Feature> Aggregations(long scale) =>
    [
        .. from function in Enum.GetValues<AggregateFunction>()
           from column in (string?[])["amount", "n", null]
           from window in (long[])[1, 5, 1_000_000]
           where column is not null || function == AggregateFunction.Count
           select new Feature($"{function}_{column}_{window}", TypeOf(function, column), column, new(function, Span(window * scale))),
        new("last_text", "string", "text", new(AggregateFunction.Last, Span(6 * scale))),
    ];

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
