using System.Diagnostics.Metrics;
using Catalog.Serving.Tiers;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Catalog.Serving.Metrics;

/// <summary>How serving is at this moment, for whoever collects metrics.</summary>
internal sealed class ServingReadings(ServedViews served, RemoteTiers tiers, Admission admission, ServingLoad load, TimeProvider clock)
{
    public int InFlight() => admission.InFlight;

    public int Limit() => admission.Limit;

    public double Load() => load.Mean;

    public double SnapshotAge() => served.Age.TotalSeconds;

    public IEnumerable<Measurement<double>> Freshness() => OfGenerations(active => (clock.GetUtcNow() - active.AsOf).TotalSeconds);

    public IEnumerable<Measurement<double>> Behind() =>
        OfViews(view => view.BehindSince is { } since ? (clock.GetUtcNow() - since).TotalSeconds : 0);

    public IEnumerable<Measurement<long>> GenerationRows() => OfGenerations(active => active.Rows);

    public IEnumerable<Measurement<long>> GenerationBytes() => OfGenerations(active => active.Bytes);

    public IEnumerable<Measurement<int>> OverlayRows() => OfViews(view => view.Overlay.Count);

    public IEnumerable<Measurement<long>> OverlayBytes() => OfViews(view => view.Overlay.Bytes);

    public IEnumerable<Measurement<int>> OpenTiers() => tiers.Health.Select(t => new Measurement<int>(t.IsAsked ? 0 : 1, Of(t)));

    public IEnumerable<Measurement<long>> TierFailures() => tiers.Health.SelectMany(
        t => (Measurement<long>[])
        [
            new(t.Timeouts, Of(t), new(MetricLabels.Reason, "timeout")),
            new(t.Failures, Of(t), new(MetricLabels.Reason, "error")),
        ]);

    private static Label Of(TierHealth tier) => new(MetricLabels.Tier, MetricLabels.Write(tier.Tier));

    private IEnumerable<Measurement<T>> OfViews<T>(Func<HotView, T> read)
        where T : struct => served.Current.Views.Select(view => new Measurement<T>(read(view), view.Labels.View));

    private IEnumerable<Measurement<T>> OfGenerations<T>(Func<ActiveGeneration, T> read)
        where T : struct =>
        from view in served.Current.Views
        let active = view.Active
        where active is not null
        select new Measurement<T>(read(active), view.Labels.View);
}
