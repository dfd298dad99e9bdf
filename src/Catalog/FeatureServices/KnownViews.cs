using System.Collections.Immutable;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.Platform;

namespace Catalog.FeatureServices;

/// <summary>The views that services can name, as they are once a plan is carried out.</summary>
internal sealed class KnownViews
{
    private readonly Dictionary<NodeId, View> _views = [];

    /// <param name="wanted">Views of the plan, with what is there of each.</param>
    /// <param name="others">Views that the plan does not name.</param>
    public KnownViews(
        IEnumerable<(WantedFeatureView Wanted, FeatureView? State)> wanted, IEnumerable<KeyValuePair<NodeId, FeatureView>> others)
    {
        foreach (var (node, state) in others)
            _views[node] = new View([.. state.Versions.Select(v => v.Definition)], state.Retired);
        foreach (var (view, state) in wanted)
            _views[view.Node()] = new View(After(state, view), Retired: false);
    }

    /// <summary>Which views a service names, each without its version.</summary>
    public static IEnumerable<NodeId> NamedBy(IEnumerable<WantedFeatureService> services) => services
        .SelectMany(s => s.Definition.Views).Select(v => v.View).Where(v => v.Kind == NodeKind.FeatureView)
        .Select(v => v.WithoutVersion()).Distinct();

    /// <summary>The same service with its views by number, and their definitions; or which of them is not there.</summary>
    public Outcome<GroundedFeatureService> Find(WantedFeatureService service)
    {
        var (views, definitions, warnings) = (new List<ServedView>(), new List<FeatureDefinition>(), new List<string>());
        foreach (var served in service.Definition.Views)
        {
            var (node, text) = (served.View.WithoutVersion(), served.View.Version ?? Dataset.LatestAlias);
            if (!_views.TryGetValue(node, out var view))
                return Problem.Of("feature_view.not_found", $"There is no '{node}', which '{service.Node()}' is to serve.");
            if (VersionText.Resolve(text, view.Versions.Count, ImmutableDictionary<string, long>.Empty) is not { } number)
                return VersionText.NotFound(node, text);
            views.Add(served with { View = node.WithVersion(number) });
            definitions.Add(view.Versions[(int)number - 1]);
            if (view.Retired)
                warnings.Add($"'{node}' was retired and takes no more changes.");
        }

        return new GroundedFeatureService(service with { Definition = service.Definition with { Views = views } }, definitions, warnings);
    }

    private static IReadOnlyList<FeatureDefinition> After(FeatureView? state, WantedFeatureView view)
    {
        IReadOnlyList<FeatureDefinition> before = [.. (state?.Versions ?? []).Select(v => v.Definition)];
        return PlannedView.Of(state, view).Action switch
        {
            PlannedAction.Create or PlannedAction.NewVersion => [.. before, view.Definition],
            PlannedAction.Extend => [.. before.SkipLast(1), view.Definition],
            _ => before,
        };
    }

    private sealed record View(IReadOnlyList<FeatureDefinition> Versions, bool Retired);
}

/// <summary>A service whose views are there.</summary>
/// <param name="Wanted">With its views by number.</param>
/// <param name="Views">The definition of each, in order.</param>
/// <param name="Warnings">What is allowed, and may be a mistake.</param>
internal sealed record GroundedFeatureService(
    WantedFeatureService Wanted, IReadOnlyList<FeatureDefinition> Views, IReadOnlyList<string> Warnings);
