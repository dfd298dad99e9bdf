using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.FeatureServices;

/// <summary>Checks services against the views that they name: those of the same plan, and those that are there.</summary>
internal sealed class ServiceGrounds(States states)
{
    /// <param name="views">Of the plan.</param>
    /// <param name="services">Of the plan.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>The views that services name and the plan does not; or why the services cannot be.</returns>
    public async Task<Outcome<IReadOnlyDictionary<NodeId, FeatureView>>> CheckAsync(
        IReadOnlyList<WantedFeatureView> views, IReadOnlyList<WantedFeatureService> services, CancellationToken ct)
    {
        var others = new Dictionary<NodeId, FeatureView>();
        if (services.Count == 0)
            return others;
        var faults = services.Select(s => (s.Node(), FeatureServiceRules.Check(s.Definition)));
        if (FaultProblem.Of("feature_service.invalid", "services", faults) is { } invalid)
            return invalid;

        var wanted = new List<(WantedFeatureView, FeatureView?)>();
        foreach (var view in views)
            wanted.Add((view, await states.LoadAsync<FeatureView>(view.Node().StreamId, ct)));
        foreach (var node in KnownViews.NamedBy(services).Except(views.Select(v => v.Node())))
        {
            if (await states.LoadAsync<FeatureView>(node.StreamId, ct) is { } state)
                others.Add(node, state);
        }

        return Fit(new KnownViews(wanted, others), services) is { } problem ? problem : others;
    }

    private static Problem? Fit(KnownViews known, IReadOnlyList<WantedFeatureService> services)
    {
        var found = services.Select(known.Find).ToList();
        return found.Select(f => f.Problem).OfType<Problem>().FirstOrDefault()
            ?? FaultProblem.Of(
                "feature_service.invalid",
                "services",
                found.Select(f => f.Value).OfType<GroundedFeatureService>()
                    .Select(g => (g.Wanted.Node(), FeatureServiceRules.Check(g.Wanted.Definition, g.Views))));
    }
}
