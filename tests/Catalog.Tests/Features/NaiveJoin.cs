using Catalog.Features;

namespace Catalog.Tests.Features;

/// <summary>A join as its rules say it, in as many steps as there are rows times events. What the fast one is compared with.</summary>
internal static class NaiveJoin
{
    /// <summary>By feature: what it is for a row.</summary>
    public static IReadOnlyList<object?> Of(
        FeatureDefinition view, Happening row, IReadOnlyList<Happening> events, long? knownAt)
    {
        if (row.Time is not { } time || HasNullKey(view, row))
            return [.. view.Features.Select(f => f.Aggregation?.Function == AggregateFunction.Count ? 0L : default(object))];

        var known = events.Select((e, place) => (Event: e, Place: place))
            .Where(e => e.Event.Time <= time && Keys(view, e.Event).SequenceEqual(Keys(view, row)) && !HasNullKey(view, e.Event))
            .Where(e => knownAt is null || e.Event.Created <= knownAt)
            .OrderBy(e => e.Event.Time)
            .ThenBy(e => view.Source.CreatedTime is null ? 0 : e.Event.Created ?? long.MinValue)
            .ThenBy(e => view.Source.Ties == TieRule.Last ? e.Place : -e.Place)
            .Select(e => e.Event)
            .ToList();
        return [.. view.Features.Select(f => f.Aggregation is { } a
            ? Aggregate(a.Function, f.Column, [.. known.Where(e => e.Time > time - Microseconds(a.Window))])
            : Latest(view, f, known, time))];
    }

    private static object? Latest(FeatureDefinition view, Feature feature, List<Happening> known, long time) =>
        known.LastOrDefault() is { } last && (view.TimeToLive is not { } ttl || time - last.Time <= Microseconds(ttl))
            ? Value(last, feature.Column)
            : null;

    private static object? Aggregate(AggregateFunction function, string? column, IReadOnlyList<Happening> events)
    {
        object[] values = [.. events.Select(e => column is null ? 1 : Value(e, column)).OfType<object>()];
        if (function == AggregateFunction.Count)
            return (long)values.Length;
        if (values.Length == 0)
            return null;
        return function switch
        {
            // Amounts are eighths, of which doubles add any number we have here exactly.
            AggregateFunction.Sum => values[0] is long ? (object)values.Sum(v => (long)v) : values.Sum(v => (double)v),
            AggregateFunction.Mean => values.Sum(Convert.ToDouble) / values.Length,
            AggregateFunction.Min => values.Min(),
            AggregateFunction.Max => values.Max(),
            _ => values[^1],
        };
    }

    private static object? Value(Happening e, string? column) => column switch
    {
        "amount" => e.Amount,
        "n" => e.Count,
        "text" => e.Text,
        "name" => e.Name,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "No such column."),
    };

    private static IEnumerable<object?> Keys(FeatureDefinition view, Happening row) =>
        view.Keys().Select(k => k.Column == "name" ? row.Name : (object?)row.Code);

    private static bool HasNullKey(FeatureDefinition view, Happening row) => Keys(view, row).Any(k => k is null);

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
