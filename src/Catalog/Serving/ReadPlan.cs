using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Serving.Metrics;

namespace Catalog.Serving;

/// <summary>
/// How a question is answered, worked out once: which keys it needs, which views are looked up, and where in their rows values are. It
/// holds for one state of everything served.
/// </summary>
internal sealed class ReadPlan
{
    private ReadPlan(
        ServedState state, ServiceVersion? service, IReadOnlyList<PlannedView> views, IReadOnlyList<PlannedFeature> features,
        IReadOnlyList<EntityKey> keys, ServiceLevel level) =>
        (State, Service, Views, Features, Keys, Level) = (state, service, views, features, keys, level);

    public ServedState State { get; }

    /// <summary>The service that was asked; null where features were.</summary>
    public ServiceVersion? Service { get; }

    /// <summary>The keys that a request gives, each once, by name.</summary>
    public IReadOnlyList<EntityKey> Keys { get; }

    /// <summary>Each once.</summary>
    public IReadOnlyList<PlannedView> Views { get; }

    /// <summary>In the order asked.</summary>
    public IReadOnlyList<PlannedFeature> Features { get; }

    /// <summary>What lookups are measured as.</summary>
    internal ServiceLevel Level { get; }

    /// <summary>What doors keep with a plan: names as their answers have them. Worked out once for each.</summary>
    internal System.Collections.Concurrent.ConcurrentDictionary<string, object> Kept { get; } = new(StringComparer.Ordinal);

    /// <summary>A plan of a service.</summary>
    internal static Outcome<ReadPlan> Of(ServedState state, ServiceVersion service, ServiceLevel level) =>
        Of(state, service, service.Features, level);

    /// <summary>A plan of features.</summary>
    internal static Outcome<ReadPlan> Of(ServedState state, IReadOnlyList<FeatureRef> wanted) =>
        Of(state, service: null, wanted, ServiceLevel.None);

    private static Outcome<ReadPlan> Of(
        ServedState state, ServiceVersion? service, IReadOnlyList<FeatureRef> wanted, ServiceLevel level)
    {
        if (wanted.Count == 0)
            return Problem.Field("request.invalid", "features", "must name at least one feature, as view:feature.");
        var views = new List<HotView>();
        var features = new List<PlannedFeature>();
        foreach (var feature in wanted)
        {
            var found = state.FindView(feature.View);
            if (!found.Succeeded)
                return found.Problem;
            var at = views.IndexOf(found.Value);
            if (at < 0)
            {
                at = views.Count;
                views.Add(found.Value);
            }

            var planned = PlannedFeature.Of(found.Value, at, feature.Feature);
            if (!planned.Succeeded)
                return planned.Problem;
            features.Add(planned.Value);
        }

        var keys = KeysOf(views);
        return keys.Succeeded
            ? new ReadPlan(
                state, service, [.. views.Select((v, i) => PlannedView.Of(v, keys.Value, features.Where(f => f.View == i)))], features,
                keys.Value, level)
            : keys.Problem;
    }

    private static Outcome<IReadOnlyList<EntityKey>> KeysOf(List<HotView> views)
    {
        var keys = new List<EntityKey>();
        foreach (var (view, key) in views.SelectMany(v => v.Definition.Keys().Select(k => (v, k))))
        {
            var same = keys.Find(k => k.Name == key.Name);
            if (same is null)
                keys.Add(key);
            else if (same.Type != key.Type)
            {
                return Problem.Of(
                    "serving.keys_differ",
                    $"The key '{key.Name}' is {key.Type} in '{view.Node}' and {same.Type} in another view: ask for each by itself.");
            }
        }

        return keys;
    }
}

/// <summary>A view that is looked up.</summary>
/// <param name="View">As it is served.</param>
/// <param name="KeyPlaces">By part of its key, which of the plan's keys it is.</param>
/// <param name="Obliged">How its rows are answered with where something binds who asks.</param>
internal sealed record PlannedView(HotView View, IReadOnlyList<int> KeyPlaces, ObligedViews Obliged)
{
    /// <param name="features">Of the view, that are asked for.</param>
    internal static PlannedView Of(HotView view, IReadOnlyList<EntityKey> keys, IEnumerable<PlannedFeature> features) => new(
        view,
        [.. view.Definition.Keys().Select(k => Enumerable.Range(0, keys.Count).First(i => keys[i].Name == k.Name))],
        new ObligedViews(view, features.Select(f => f.Name).ToHashSet(StringComparer.Ordinal)));
}

/// <summary>A feature that is answered with.</summary>
/// <param name="View">Which of the plan's views.</param>
/// <param name="Slot">Its place in rows; null where the generation that is served is from before the feature was added.</param>
/// <param name="Feature">Its definition.</param>
/// <param name="ViewName">Name of the view, without its namespace.</param>
internal sealed record PlannedFeature(int View, FeatureSlot? Slot, Feature Feature, string ViewName)
{
    public string Name => Feature.Name;

    /// <summary>As Feast writes it where features of several views may have the same name.</summary>
    public string FullName => $"{ViewName}__{Feature.Name}";

    /// <summary>How its values are read.</summary>
    public HotType Type { get; } = Slot?.Type ?? HotType.Of(Feature.Type);

    internal static Outcome<PlannedFeature> Of(HotView view, int place, string name)
    {
        if (view.Definition.Features.FirstOrDefault(f => f.Name == name) is not { } feature)
        {
            return Problem.Of(
                "serving.feature_not_found",
                $"'{view.Node}' has no feature '{name}'; it has {string.Join(", ", view.Definition.Features.Select(f => f.Name))}.");
        }

        return new PlannedFeature(place, view.Layout.Slots.FirstOrDefault(s => s.Name == name), feature, view.Node.Name);
    }
}
