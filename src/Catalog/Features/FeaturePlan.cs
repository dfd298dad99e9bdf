using Catalog.FeatureServices;
using Catalog.Integrity;

namespace Catalog.Features;

/// <summary>What applying a set of views and services would do.</summary>
/// <param name="Hash">Of all that is shown here; apply with it, and nothing else than this is done.</param>
/// <param name="Views">In the order asked for.</param>
/// <param name="Services">In the order asked for.</param>
public sealed record FeaturePlan(string Hash, IReadOnlyList<PlannedView> Views, IReadOnlyList<PlannedFeatureService> Services)
{
    /// <param name="views">What is wanted, with what is there (null for nothing) and what to know of it.</param>
    /// <param name="services">Likewise; their views are named by number.</param>
    internal static FeaturePlan Of(
        IReadOnlyList<(WantedFeatureView Wanted, FeatureView? State, IReadOnlyList<string> Warnings)> views,
        IReadOnlyList<(WantedFeatureService Wanted, FeatureService? State, IReadOnlyList<string> Warnings)> services)
    {
        IReadOnlyList<PlannedView> plannedViews = [.. views.Select(v => PlannedView.Of(v.State, v.Wanted) with { Warnings = v.Warnings })];
        IReadOnlyList<PlannedFeatureService> plannedServices =
            [.. services.Select(s => PlannedFeatureService.Of(s.State, s.Wanted) with { Warnings = s.Warnings })];
        var members = plannedViews.Select((p, i) => p.Members(views[i].Wanted))
            .Concat(plannedServices.Select((p, i) => p.Members(services[i].Wanted)));
        return new FeaturePlan(Sha256.Hash(CanonicalJson.Serialize(members)), plannedViews, plannedServices);
    }
}

/// <summary>What becomes of one view.</summary>
/// <param name="View">The view's node.</param>
/// <param name="Action">What is done.</param>
/// <param name="Version">The version that holds afterwards, by number.</param>
/// <param name="Differences">Everything that changes, field by field.</param>
/// <param name="Warnings">What is allowed, and may be a mistake.</param>
public sealed record PlannedView(
    NodeId View, PlannedAction Action, long Version, IReadOnlyList<FeatureDifference> Differences, IReadOnlyList<string> Warnings)
{
    internal static PlannedView Of(FeatureView? state, WantedFeatureView view)
    {
        var change = FeatureChange.Of(state?.Newest?.Definition, view.Definition);
        IReadOnlyList<FeatureDifference> about = [.. About(state, view)];
        var action = change switch
        {
            _ when state is null => PlannedAction.Create,
            { IsNone: true } => about.Count > 0 ? PlannedAction.Describe : PlannedAction.Unchanged,
            { IsCompatible: true } => PlannedAction.Extend,
            _ => PlannedAction.NewVersion,
        };
        var number = action is PlannedAction.Create or PlannedAction.NewVersion ? (state?.Latest ?? 0) + 1 : state?.Latest ?? 0;
        return new PlannedView(view.Node(), action, number, [.. change.Differences, .. about], []);
    }

    /// <summary>What the plan's hash is made of.</summary>
    internal Dictionary<string, object?> Members(WantedFeatureView view) => new(StringComparer.Ordinal)
    {
        ["view"] = View.ToString(),
        ["action"] = (int)Action,
        ["version"] = Version,
        ["definition"] = view.Definition.Hash(),
        ["differences"] = Differences.Select(d => new[] { d.Field, d.From, d.To }),
    };

    /// <summary>Owner, description, tags and tiers: no part of what a version is.</summary>
    private static IEnumerable<FeatureDifference> About(FeatureView? state, WantedFeatureView view)
    {
        if (state?.Owner != view.Owner)
            yield return new("owner", state?.Owner, view.Owner, Compatible: true);
        if (view.Description is { } description && description != (state?.Description ?? ""))
            yield return new("description", state?.Description, description, Compatible: true);
        if (view.Tags is { } tags && !(state?.Tags ?? []).SetEquals(tags))
            yield return new("tags", List(state?.Tags ?? []), List(tags), Compatible: true);
        if (view.Tiers is { } tiers && !tiers.SequenceEqual(state?.Tiers ?? ServingTiers.Default, StringComparer.Ordinal))
            yield return new("tiers", state is null ? null : string.Join(", ", state.Tiers), string.Join(", ", tiers), Compatible: true);
    }

    internal static string? List(IReadOnlyCollection<string> tags) =>
        tags.Count == 0 ? null : string.Join(", ", tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
}

/// <summary>What is done with a view or service.</summary>
public enum PlannedAction
{
    /// <summary>Nothing: it is as asked for.</summary>
    Unchanged,

    /// <summary>It is not there yet.</summary>
    Create,

    /// <summary>The newest version of a view gets features at the end.</summary>
    Extend,

    /// <summary>It gets a version beside those that it has.</summary>
    NewVersion,

    /// <summary>Its owner, description or tags change, or the tiers of a view.</summary>
    Describe,
}
