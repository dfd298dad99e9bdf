using System.Text.Json.Serialization;
using Catalog.Features;

namespace Catalog.Serving.Metrics;

/// <summary>How a promise of a service is kept.</summary>
/// <param name="Objective">What is promised.</param>
/// <param name="Part">The part of lookups that it is promised of; null where nothing is.</param>
/// <param name="Within">What answers are to stay within, where that is what is promised.</param>
/// <param name="BudgetLeft">
/// Of the lookups of the longest window that need not keep it, the part that still did not: 1 where all kept it, less than 0 where more
/// did not than need not; null where nothing is promised.
/// </param>
/// <param name="Windows">From the shortest.</param>
public sealed record ObjectiveLevel(
    ServiceObjective Objective,
    double? Part,
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? Within,
    double? BudgetLeft,
    IReadOnlyList<LevelWindow> Windows)
{
    /// <summary>Those that alerts are told by: a short one beside each long one, so that they end when it is over.</summary>
    internal static IReadOnlyList<TimeSpan> Spans { get; } =
        [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(6)];

    /// <param name="now">Since the server started.</param>
    internal static IReadOnlyList<ObjectiveLevel> Of(ServiceVersion service, ServiceLevel level, TimeSpan now) =>
        [.. service.Objectives().Select(o => Of(o.Objective, o.Part, service.LatencyTarget, level, now))];

    private static ObjectiveLevel Of(ServiceObjective objective, double? part, TimeSpan? target, ServiceLevel level, TimeSpan now)
    {
        IReadOnlyList<LevelWindow> windows = [.. Spans.Select(span => LevelWindow.Of(span, objective, part, level.Within(span, now)))];
        return new(
            objective, part, objective == ServiceObjective.Latency ? target : null, part is null ? null : 1 - (windows[^1].BurnRate ?? 0),
            windows);
    }
}

/// <summary>How a promise was kept in a window that ends now.</summary>
/// <param name="Window">How long it is.</param>
/// <param name="Lookups">That count for it: for availability all, for latency those that were answered.</param>
/// <param name="Missed">Those of them that did not keep it.</param>
/// <param name="Good">The part that did; null where there were none.</param>
/// <param name="BurnRate">
/// How fast the budget is used up: 1 where just as many did not keep it as need not; null where nothing is promised, or nothing was asked.
/// </param>
public sealed record LevelWindow(
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan Window, long Lookups, long Missed, double? Good, double? BurnRate)
{
    internal static LevelWindow Of(TimeSpan span, ServiceObjective objective, double? part, LevelCounts counts)
    {
        var (kept, missed) = (counts.KeptOf(objective), counts.MissedOf(objective));
        var all = kept + missed;
        return all == 0
            ? new(span, 0, 0, Good: null, BurnRate: null)
            : new(span, all, missed, (double)kept / all, (double)missed / all / (1 - part));
    }
}
