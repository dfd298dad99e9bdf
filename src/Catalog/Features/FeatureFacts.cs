using Catalog.FeatureGenerations;
using Catalog.Platform.Writes;

namespace Catalog.Features;

/// <summary>A feature view entered the catalog under a name that is never reused.</summary>
public sealed record FeatureViewRegistered(string Namespace, string Name, string Owner, string Description, IReadOnlyList<string> Tags);

/// <summary>A feature view has a version from here on, beside those that it had.</summary>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Definition">Whose features, which, and how they come out of events.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
public sealed record FeatureViewDefined(long Number, FeatureDefinition Definition, string Hash);

/// <summary>The newest version of a feature view has more features from here on; every value that it had stays as it was.</summary>
/// <param name="Number">Of the version.</param>
/// <param name="Definition">As it is now, whole.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
public sealed record FeatureViewExtended(long Number, FeatureDefinition Definition, string Hash);

/// <summary>A feature view's owner and description are as given here.</summary>
public sealed record FeatureViewDescribed(string Owner, string Description);

/// <summary>A feature view carries a tag from here on.</summary>
public sealed record FeatureViewTagged(string Tag);

/// <summary>A feature view no longer carries a tag.</summary>
public sealed record FeatureViewUntagged(string Tag);

/// <summary>Values of a feature view are looked up in these places from here on.</summary>
/// <param name="Tiers">In the order in which they are asked; one at least.</param>
public sealed record FeatureViewServingDeclared(IReadOnlyList<string> Tiers);

/// <summary>A feature view takes no more changes; its versions and its name stay.</summary>
public sealed record FeatureViewRetired(string Reason);

internal static class FeatureFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<FeatureView, FeatureViewRegistered>("feature_view_registered")
        .Fact<FeatureView, FeatureViewDefined>("feature_view_defined")
        .Fact<FeatureView, FeatureViewExtended>("feature_view_extended")
        .Fact<FeatureView, FeatureViewDescribed>("feature_view_described")
        .Fact<FeatureView, FeatureViewTagged>("feature_view_tagged")
        .Fact<FeatureView, FeatureViewUntagged>("feature_view_untagged")
        .Fact<FeatureView, FeatureViewServingDeclared>("feature_view_serving_declared")
        .Fact<FeatureView, FeatureGenerationBuilt>("feature_generation_built")
        .Fact<FeatureView, FeatureGenerationActivated>("feature_generation_activated")
        .Fact<FeatureView, FeatureGenerationRolledBack>("feature_generation_rolled_back")
        .Fact<FeatureView, FeatureGenerationDropped>("feature_generation_dropped")
        .Fact<FeatureView, FeatureViewRetired>("feature_view_retired");
}
