using System.Collections.Concurrent;

namespace Catalog.Serving.Metrics;

/// <summary>What is measured by service, for as long as this server runs.</summary>
internal sealed class ServiceLevels(ServingMeter meter, TimeProvider clock)
{
    private readonly ConcurrentDictionary<NodeId, ServiceLevel> _services = new();
    private readonly long _began = clock.GetTimestamp();

    /// <summary>When this server began to count.</summary>
    public DateTimeOffset Since { get; } = clock.GetUtcNow();

    /// <summary>How long it has counted.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_began);

    /// <param name="service">In any version.</param>
    public ServiceLevel Of(NodeId service) => _services.GetOrAdd(service.WithoutVersion(), Begin);

    /// <summary>Remembers what the counts are.</summary>
    public void Sample()
    {
        foreach (var (_, level) in _services)
            level.Sample(Now);
    }

    /// <summary>A counter that is not there before it first counts would hide that from whoever looks at its growth.</summary>
    private ServiceLevel Begin(NodeId service)
    {
        var level = new ServiceLevel(MetricLabels.NameOf(service), Now);
        foreach (var door in Enum.GetValues<ServingDoor>())
            meter.RefusedLookups.Add(0, level.Refused(door));
        return level;
    }
}
