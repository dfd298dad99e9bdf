using System.Collections.Frozen;
using Catalog.Features;
using Catalog.Platform;

namespace Catalog.Serving;

/// <summary>
/// All that is served at a moment, immutable: a request takes it once and answers from it alone, so that no answer mixes two generations
/// of a view, nor views of a service from before and after they were activated together.
/// </summary>
internal sealed class ServedState
{
    private readonly FrozenDictionary<(string Namespace, string Name), IReadOnlyDictionary<long, HotView>> _views;
    private readonly FrozenDictionary<(string Namespace, string Name), IReadOnlyList<ServiceVersion>> _services;
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _namespaces;

    /// <param name="views">All versions of all views.</param>
    /// <param name="services">All versions of all services.</param>
    /// <param name="position">Of the log; all up to there is in it.</param>
    /// <param name="asOf">When it was made.</param>
    public ServedState(IReadOnlyList<HotView> views, IReadOnlyList<ServiceVersion> services, long position, DateTimeOffset asOf)
    {
        _views = views.GroupBy(v => (v.Node.Namespace, v.Node.Name))
            .ToFrozenDictionary(g => g.Key, IReadOnlyDictionary<long, HotView> (g) => g.ToDictionary(v => v.Node.VersionNumber ?? 0));
        _services = services.GroupBy(s => (s.Node.Namespace, s.Node.Name))
            .ToFrozenDictionary(g => g.Key, IReadOnlyList<ServiceVersion> (g) => [.. g.OrderBy(s => s.Node.VersionNumber)]);
        _namespaces = views.Select(v => (v.Node.Namespace, v.Node.Name)).Distinct().GroupBy(n => n.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, IReadOnlyList<string> (g) => [.. g.Select(n => n.Namespace).Order(StringComparer.Ordinal)]);
        (Views, Services, Position, AsOf) = (views, services, position, asOf);
    }

    public static ServedState Nothing { get; } = new([], [], 0, DateTimeOffset.MinValue);

    public IReadOnlyList<HotView> Views { get; }

    public IReadOnlyList<ServiceVersion> Services { get; }

    /// <summary>Each service once.</summary>
    public IEnumerable<ServiceVersion> NewestServices => _services.Values.Select(versions => versions[^1]);

    /// <summary>All facts up to here were taken in, and at least these: a state stays where later ones change nothing in it.</summary>
    public long Position { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>Plans of what was asked of this state, by how it was asked.</summary>
    internal System.Collections.Concurrent.ConcurrentDictionary<string, ReadPlan> Plans { get; } = new(StringComparer.Ordinal);

    /// <summary>The namespaces that have a view of a name.</summary>
    public IReadOnlyList<string> NamespacesOf(string view) => _namespaces.GetValueOrDefault(view, []);

    /// <summary>The namespaces that have a service of a name.</summary>
    public IReadOnlyList<string> NamespacesOfService(string service) =>
        [.. _services.Keys.Where(k => k.Name == service).Select(k => k.Namespace).Order(StringComparer.Ordinal)];

    /// <summary>A version of a view; the newest where none is named.</summary>
    public Outcome<HotView> FindView(NodeId view)
    {
        if (!_views.TryGetValue((view.Namespace, view.Name), out var versions))
            return Problem.Of("feature_view.not_found", $"There is no '{view.WithoutVersion()}'.");
        var number = view.Version is null or "latest" ? versions.Keys.Max() : view.VersionNumber ?? 0;
        return versions.TryGetValue(number, out var found)
            ? found
            : Problem.Of("version.not_found", $"'{view.WithoutVersion()}' has no version '{view.Version}'.");
    }

    /// <summary>A version of a service; the newest where none is named.</summary>
    public Outcome<ServiceVersion> FindService(NodeId service)
    {
        if (!_services.TryGetValue((service.Namespace, service.Name), out var versions))
            return Problem.Of("feature_service.not_found", $"There is no '{service.WithoutVersion()}'.");
        var wanted = service.Version is null or "latest" ? versions[^1] : versions.FirstOrDefault(s => s.Node.Version == service.Version);
        return wanted is not null
            ? wanted
            : Problem.Of("version.not_found", $"'{service.WithoutVersion()}' has no version '{service.Version}'.");
    }
}

/// <summary>A version of a feature service, as it is served.</summary>
/// <param name="Node">The service, with its version's number.</param>
/// <param name="Features">In order: a version of a view, by number, and a feature of it.</param>
internal sealed record ServiceVersion(NodeId Node, IReadOnlyList<FeatureRef> Features)
{
    /// <summary>The time in which 99 of 100 answers are to be given; null where nothing is promised.</summary>
    public TimeSpan? LatencyTarget { get; init; }

    /// <summary>The share of lookups that are to be answered; null where nothing is promised.</summary>
    public double? Availability { get; init; }

    /// <summary>What is counted, and of which share it is promised: null for none.</summary>
    public IEnumerable<(ServiceObjective Objective, double? Part)> Objectives()
    {
        yield return (ServiceObjective.Availability, Availability);
        if (LatencyTarget is not null)
            yield return (ServiceObjective.Latency, FeatureServiceDefinition.WithinLatency);
    }
}

/// <summary>A feature of a view.</summary>
/// <param name="View">With or without a version.</param>
/// <param name="Feature">Its name.</param>
internal readonly record struct FeatureRef(NodeId View, string Feature)
{
    public override string ToString() => $"{View}:{Feature}";
}
