using System.Text.Json.Serialization;
using Catalog.Features;

namespace Catalog.Sdk;

/// <summary>What applying a set of feature views and services would do.</summary>
/// <param name="Hash">Apply with it, and nothing else than this is done.</param>
/// <param name="Views">In the order asked for.</param>
/// <param name="Services">In the order asked for.</param>
public sealed record FeaturePlan(
    [property: JsonRequired] string Hash, IReadOnlyList<PlannedView> Views, IReadOnlyList<PlannedFeatureService>? Services = null)
{
    /// <summary>Whether applying would change anything.</summary>
    [JsonIgnore]
    public bool Changes =>
        Views.Any(v => v.Action is not PlannedAction.Unchanged) || (Services ?? []).Any(s => s.Action is not PlannedAction.Unchanged);
}

/// <summary>What applying a set of feature views and services did.</summary>
/// <param name="Hash">Of the plan that was carried out.</param>
/// <param name="Views">What became of each.</param>
/// <param name="Changed">False when all was so already.</param>
/// <param name="Position">Log position that includes it.</param>
/// <param name="Services">What became of each.</param>
public sealed record AppliedFeatures(
    [property: JsonRequired] string Hash, IReadOnlyList<PlannedView> Views, bool Changed, long Position,
    IReadOnlyList<PlannedFeatureService>? Services = null) : IAtPosition;

/// <summary>What becomes of one view.</summary>
/// <param name="View">The view.</param>
/// <param name="Action">What is done.</param>
/// <param name="Version">Number of the version that holds afterwards.</param>
/// <param name="Differences">Everything that changes, field by field.</param>
/// <param name="Warnings">What is allowed, and may be a mistake.</param>
public sealed record PlannedView(
    [property: JsonRequired] NodeId View,
    PlannedAction Action,
    long Version,
    IReadOnlyList<FeatureDifference> Differences,
    IReadOnlyList<string> Warnings);

/// <summary>What becomes of one service.</summary>
/// <param name="Service">The service.</param>
/// <param name="Action">What is done.</param>
/// <param name="Version">Number of the version that holds afterwards.</param>
/// <param name="Differences">Everything that changes, field by field.</param>
/// <param name="Warnings">What is allowed, and may be a mistake.</param>
public sealed record PlannedFeatureService(
    [property: JsonRequired] NodeId Service,
    PlannedAction Action,
    long Version,
    IReadOnlyList<FeatureDifference> Differences,
    IReadOnlyList<string> Warnings);

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
