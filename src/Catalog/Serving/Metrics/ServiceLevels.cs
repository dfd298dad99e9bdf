using System.Collections.Concurrent;

namespace Catalog.Serving.Metrics;

/// <summary>What is measured by service, for as long as this server runs.</summary>
internal sealed class ServiceLevels(ServingMeter meter)
{
    private readonly ConcurrentDictionary<NodeId, ServiceLevel> _services = new();

    /// <param name="service">In any version.</param>
    public ServiceLevel Of(NodeId service) =>
        _services.GetOrAdd(service.WithoutVersion(), static (node, meter) => Begin(node, meter), meter);

    /// <summary>A counter that is not there before it first counts would hide that from whoever looks at its growth.</summary>
    private static ServiceLevel Begin(NodeId service, ServingMeter meter)
    {
        var level = new ServiceLevel(MetricLabels.NameOf(service));
        foreach (var door in Enum.GetValues<ServingDoor>())
            meter.RefusedLookups.Add(0, level.Refused(door));
        return level;
    }
}
