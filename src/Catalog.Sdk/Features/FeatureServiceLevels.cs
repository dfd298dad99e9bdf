using System.Text.Json.Serialization;
using Catalog.Features;

namespace Catalog.Sdk;

/// <summary>How a feature service keeps what it promises, by what one server counted of its own lookups.</summary>
/// <param name="Service">Its newest version, which says what is promised.</param>
/// <param name="Since">When that server began to count.</param>
/// <param name="Objectives">Availability always; latency where there is a target.</param>
public sealed record FeatureServiceLevels(
    [property: JsonRequired] NodeId Service, DateTimeOffset Since, IReadOnlyList<FeatureServiceObjective> Objectives);

/// <summary>How a promise is kept.</summary>
/// <param name="Objective">What is promised.</param>
/// <param name="Part">The part of lookups that it is promised of; null where nothing is.</param>
/// <param name="Within">What answers are to stay within, where that is what is promised.</param>
/// <param name="BudgetLeft">
/// Of the lookups of the longest window that need not keep it, the part that still did not: less than 0 where more did not than need not;
/// null where nothing is promised.
/// </param>
/// <param name="Windows">From the shortest.</param>
public sealed record FeatureServiceObjective(
    ServiceObjective Objective,
    double? Part,
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? Within,
    double? BudgetLeft,
    IReadOnlyList<FeatureServiceWindow> Windows);

/// <summary>How a promise was kept in a window that ends now.</summary>
/// <param name="Window">How long it is.</param>
/// <param name="Lookups">That count for it: for availability all, for latency those that were answered.</param>
/// <param name="Missed">Those of them that did not keep it.</param>
/// <param name="Good">The part that did; null where there were none.</param>
/// <param name="BurnRate">1 where just as many did not keep it as need not; null where nothing is promised, or nothing was asked.</param>
public sealed record FeatureServiceWindow(
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan Window, long Lookups, long Missed, double? Good, double? BurnRate);
