using System.Diagnostics.Metrics;
using Catalog.Features;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Catalog.Serving.Metrics;

/// <summary>How services keep what they promise, for whoever collects metrics: each as its newest version promises it.</summary>
internal sealed class ServiceLevelReadings(ServedViews served, ServiceLevels levels)
{
    public IEnumerable<Measurement<long>> Lookups() =>
        from service in served.Current.NewestServices
        let level = levels.Of(service.Node)
        let counts = level.Counts
        from promised in service.Objectives()
        from good in (bool[])[true, false]
        select new Measurement<long>(
            good ? counts.KeptOf(promised.Objective) : counts.MissedOf(promised.Objective),
            level.Label, Of(promised.Objective), new(MetricLabels.Good, good ? "true" : "false"));

    public IEnumerable<Measurement<double>> Objectives() =>
        from service in served.Current.NewestServices
        from promised in service.Objectives()
        where promised.Part is not null
        select new Measurement<double>(promised.Part ?? 0, levels.Of(service.Node).Label, Of(promised.Objective));

    public IEnumerable<Measurement<double>> LatencyTargets() =>
        from service in served.Current.NewestServices
        where service.LatencyTarget is not null
        select new Measurement<double>(service.LatencyTarget?.TotalSeconds ?? 0, levels.Of(service.Node).Label);

    public IEnumerable<Measurement<double>> Good() => OfWindows(window => window.Good);

    public IEnumerable<Measurement<double>> BurnRates() => OfWindows(window => window.BurnRate);

    private IEnumerable<Measurement<double>> OfWindows(Func<LevelWindow, double?> read) =>
        from service in served.Current.NewestServices
        let level = levels.Of(service.Node)
        from promised in ObjectiveLevel.Of(service, level, levels.Now)
        from window in promised.Windows
        let value = read(window)
        where value is not null
        select new Measurement<double>(
            value ?? 0, level.Label, Of(promised.Objective), new(MetricLabels.Window, SpanText.Write(window.Window)));

    private static Label Of(ServiceObjective objective) => new(MetricLabels.Objective, MetricLabels.Write(objective));
}
