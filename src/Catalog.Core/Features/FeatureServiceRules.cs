namespace Catalog.Features;

/// <summary>What a service must be in itself, and beside the views that it names.</summary>
public static class FeatureServiceRules
{
    public const int MaxViews = 100;

    /// <summary>All that is wrong whatever the views are, from its first field to its last.</summary>
    public static IReadOnlyList<FeatureFault> Check(FeatureServiceDefinition definition) =>
        [.. Views(definition.Views), .. Targets(definition)];

    /// <summary>All that does not fit the views.</summary>
    /// <param name="definition">The service.</param>
    /// <param name="views">The definition of each of its views, in their order.</param>
    public static IReadOnlyList<FeatureFault> Check(FeatureServiceDefinition definition, IReadOnlyList<FeatureDefinition> views) =>
        [.. definition.Views.SelectMany((served, i) => Features(served, views[i], i)), .. Keys(definition.Views, views)];

    private static IEnumerable<FeatureFault> Views(IReadOnlyList<ServedView> views)
    {
        if (views.Count is 0 or > MaxViews)
            yield return new("views", $"must be from 1 to {MaxViews} views, not {views.Count}.");
        var named = new HashSet<NodeId>();
        foreach (var (i, served) in views.Index())
        {
            if (served.View is not { Kind: NodeKind.FeatureView, Column: null })
                yield return new($"views[{i}].view", $"must be a feature view, such as feature-view:demo/delays, not '{served.View}'.");
            else if (!named.Add(served.View.WithoutVersion()))
                yield return new($"views[{i}].view", $"must be another than '{served.View.WithoutVersion()}', which is there already.");
            foreach (var fault in Named(served, i))
                yield return fault;
        }
    }

    private static IEnumerable<FeatureFault> Named(ServedView served, int index)
    {
        if (served.Features is not { } features)
            yield break;
        if (features.Count == 0)
            yield return new($"views[{index}].features", "must name a feature at least; leave it out for all.");
        foreach (var twice in features.GroupBy(f => f, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return new($"views[{index}].features", $"must name each feature once: '{twice.Key}' is there {twice.Count()} times.");
    }

    private static IEnumerable<FeatureFault> Targets(FeatureServiceDefinition definition)
    {
        if (definition.LatencyTarget is { } span && FeatureRules.WrongSpan(span) is { } wrong)
            yield return new("latencyTarget", wrong);
        if (definition.Availability is { } part && part is not (> 0 and < 1))
            yield return new("availability", "must be more than 0 and less than 1, such as 0.999.");
    }

    private static IEnumerable<FeatureFault> Features(ServedView served, FeatureDefinition view, int index) =>
        from name in served.Features ?? []
        where view.Features.All(f => f.Name != name)
        select new FeatureFault(
            $"views[{index}].features",
            $"must be features of '{served.View}': '{name}' is none; it has {string.Join(", ", view.Features.Select(f => f.Name))}.");

    /// <summary>A caller gives one value for each name of a key, whichever views it is a key of.</summary>
    private static IEnumerable<FeatureFault> Keys(IReadOnlyList<ServedView> served, IReadOnlyList<FeatureDefinition> views)
    {
        var first = new Dictionary<string, (EntityKey Key, NodeId View)>(StringComparer.Ordinal);
        foreach (var (i, definition) in views.Index())
        {
            foreach (var key in definition.Keys())
            {
                if (!first.TryAdd(key.Name, (key, served[i].View)) && first[key.Name] is var (other, view) && other.Type != key.Type)
                {
                    yield return new(
                        $"views[{i}].view",
                        $"must have its key '{key.Name}' in one type with the others: it is {key.Type} in '{served[i].View}' and "
                        + $"{other.Type} in '{view}', and who asks gives one value.");
                }
            }
        }
    }
}
