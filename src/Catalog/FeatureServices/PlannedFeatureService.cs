using Catalog.Features;

namespace Catalog.FeatureServices;

/// <summary>What becomes of one service.</summary>
/// <param name="Service">The service's node.</param>
/// <param name="Action">What is done.</param>
/// <param name="Version">The version that holds afterwards, by number.</param>
/// <param name="Differences">Everything that changes, field by field.</param>
/// <param name="Warnings">What is allowed, and may be a mistake.</param>
public sealed record PlannedFeatureService(
    NodeId Service, PlannedAction Action, long Version, IReadOnlyList<FeatureDifference> Differences, IReadOnlyList<string> Warnings)
{
    /// <param name="state">What is there; null for nothing.</param>
    /// <param name="service">What is wanted, with its views by number.</param>
    internal static PlannedFeatureService Of(FeatureService? state, WantedFeatureService service)
    {
        var change = FeatureServiceChange.Of(state?.Newest, service.Definition);
        IReadOnlyList<FeatureDifference> about = [.. About(state, service)];
        var action = state is null ? PlannedAction.Create
            : change.Count > 0 ? PlannedAction.NewVersion
            : about.Count > 0 ? PlannedAction.Describe
            : PlannedAction.Unchanged;
        var number = (state?.Latest ?? 0) + (action is PlannedAction.Create or PlannedAction.NewVersion ? 1 : 0);
        return new PlannedFeatureService(service.Node(), action, number, [.. change, .. about], []);
    }

    /// <summary>What the plan's hash is made of.</summary>
    internal Dictionary<string, object?> Members(WantedFeatureService service) => new(StringComparer.Ordinal)
    {
        ["service"] = Service.ToString(),
        ["action"] = (int)Action,
        ["version"] = Version,
        ["definition"] = service.Definition.Hash(),
        ["differences"] = Differences.Select(d => new[] { d.Field, d.From, d.To }),
    };

    /// <summary>Owner, description and tags: no part of what a version is.</summary>
    private static IEnumerable<FeatureDifference> About(FeatureService? state, WantedFeatureService service)
    {
        if (state?.Owner != service.Owner)
            yield return new("owner", state?.Owner, service.Owner, Compatible: true);
        if (service.Description is { } description && description != (state?.Description ?? ""))
            yield return new("description", state?.Description, description, Compatible: true);
        if (service.Tags is { } tags && !(state?.Tags ?? []).SetEquals(tags))
            yield return new("tags", PlannedView.List(state?.Tags ?? []), PlannedView.List(tags), Compatible: true);
    }
}
