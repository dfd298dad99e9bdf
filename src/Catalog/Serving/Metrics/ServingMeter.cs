using System.Diagnostics.Metrics;

namespace Catalog.Serving.Metrics;

/// <summary>
/// Every instrument of the meter <c>Catalog.Serving</c>, named as OpenTelemetry names things. docs/operations/README.md has a row for each.
/// </summary>
internal sealed class ServingMeter
{
    public const string Name = "Catalog.Serving";

    private const string Prefix = "catalog.serving.";
    private const string Seconds = "s";
    private const string Bytes = "By";
    private const string Share = "1";
    private const string Rows = "{row}";
    private const string Lookups = "{lookup}";

    /// <summary>From 50 µs, which a lookup of some keys in memory takes, to 1 s, which nobody waits for.</summary>
    private static readonly InstrumentAdvice<double> s_lookups = Buckets(
        0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1);

    private static readonly InstrumentAdvice<double> s_lags = Buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60);

    private static readonly InstrumentAdvice<double> s_works = Buckets(0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 10_800);

    private readonly Meter _meter;

    public ServingMeter(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        LookupDuration = Histogram("lookup.duration", "From when a lookup's keys are read until its answer is written.", s_lookups);
        RefusedLookups = Counter("refused", Lookups, "Lookups that there was no room for.");
        RowsFound = Counter("rows", Rows, "Rows that were asked for, by what became of them.");
        TierAnswers = Counter("tier.answers", "{answer}", "Views that were looked up, by the tier that answered.");
        PushedRows = Counter("push.rows", Rows, "Rows that were pushed to this server, late ones among them.");
        PushLag = Histogram("push.lag", "From when a row was stored, by any server, until this one has read it.", s_lags);
        MaterializationDuration = Histogram("materialization.duration", "Making generations of a view or service.", s_works);
        MaterializedRows = Counter("materialization.rows", Rows, "Rows of generations that were made.");
    }

    public Histogram<double> LookupDuration { get; }

    public Counter<long> RefusedLookups { get; }

    public Counter<long> RowsFound { get; }

    public Counter<long> TierAnswers { get; }

    public Counter<long> PushedRows { get; }

    public Histogram<double> PushLag { get; }

    public Histogram<double> MaterializationDuration { get; }

    public Counter<long> MaterializedRows { get; }

    /// <summary>What is looked at when somebody asks.</summary>
    public void Observe(ServingReadings now)
    {
        Gauge("in_flight", Lookups, "Lookups that are being answered.", now.InFlight);
        Gauge("limit", Lookups, "Lookups that are answered at a time.", now.Limit);
        Gauge("load", Share, "Lookups in flight, as the mean of the last ten seconds, of the limit.", now.Load);
        Gauge("snapshot.age", Seconds, "Since the log was last looked at.", now.SnapshotAge);
        Gauge("view.freshness", Seconds, "Since the moment that the active generation is of.", now.Freshness);
        Gauge("view.behind", Seconds, "For how long a newer generation could not be brought here; 0 where none waits.", now.Behind);
        Gauge("generation.rows", Rows, "Rows of the active generation.", now.GenerationRows);
        Gauge("generation.size", Bytes, "Size of the active generation.", now.GenerationBytes);
        Gauge("overlay.rows", Rows, "Keys that have a row that was pushed and is in no generation yet.", now.OverlayRows);
        Gauge("overlay.size", Bytes, "What such rows take in memory.", now.OverlayBytes);
        Gauge("tier.open", unit: null, "1 while a tier is not asked, because it failed; else 0.", now.OpenTiers);
        Counter("tier.failures", "{failure}", "Lookups that a tier did not answer.", now.TierFailures);
    }

    /// <summary>How services keep what they promise.</summary>
    public void Observe(ServiceLevelReadings now)
    {
        Counter("slo.lookups", Lookups, "Lookups that count for what a service promises, by whether they keep it.", now.Lookups);
        Gauge("slo.objective", Share, "The part of lookups that is promised.", now.Objectives);
        Gauge("slo.latency_target", Seconds, "What answers are promised to stay within.", now.LatencyTargets);
        Gauge("slo.good", Share, "The part of lookups that kept the promise, on this server.", now.Good);
        Gauge("slo.burn_rate", unit: null, "Lookups that did not, on this server, of those that need not.", now.BurnRates);
    }

    private Histogram<double> Histogram(string name, string description, InstrumentAdvice<double> advice) =>
        _meter.CreateHistogram(Prefix + name, Seconds, description, tags: null, advice);

    private Counter<long> Counter(string name, string unit, string description) =>
        _meter.CreateCounter<long>(Prefix + name, unit, description);

    private void Counter(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(Prefix + name, read, unit, description);

    private void Gauge<T>(string name, string? unit, string description, Func<T> read)
        where T : struct => _meter.CreateObservableGauge(Prefix + name, read, unit, description);

    private void Gauge<T>(string name, string? unit, string description, Func<IEnumerable<Measurement<T>>> read)
        where T : struct => _meter.CreateObservableGauge(Prefix + name, read, unit, description);

    private static InstrumentAdvice<double> Buckets(params IReadOnlyList<double> bounds) => new() { HistogramBucketBoundaries = bounds };
}
