using Catalog.Features;
using Catalog.Platform.Writes;

namespace Catalog.FeatureServices;

/// <summary>A feature service entered the catalog under a name that is never reused.</summary>
public sealed record FeatureServiceRegistered(string Namespace, string Name, string Owner, string Description, IReadOnlyList<string> Tags);

/// <summary>A feature service has a version from here on, beside those that it had.</summary>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Definition">Which features of which views, each view by number.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
public sealed record FeatureServiceDefined(long Number, FeatureServiceDefinition Definition, string Hash);

/// <summary>A feature service's owner and description are as given here.</summary>
public sealed record FeatureServiceDescribed(string Owner, string Description);

/// <summary>A feature service carries a tag from here on.</summary>
public sealed record FeatureServiceTagged(string Tag);

/// <summary>A feature service no longer carries a tag.</summary>
public sealed record FeatureServiceUntagged(string Tag);

/// <summary>A feature service takes no more changes; its versions and its name stay.</summary>
public sealed record FeatureServiceRetired(string Reason);

internal static class FeatureServiceFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<FeatureService, FeatureServiceRegistered>("feature_service_registered")
        .Fact<FeatureService, FeatureServiceDefined>("feature_service_defined")
        .Fact<FeatureService, FeatureServiceDescribed>("feature_service_described")
        .Fact<FeatureService, FeatureServiceTagged>("feature_service_tagged")
        .Fact<FeatureService, FeatureServiceUntagged>("feature_service_untagged")
        .Fact<FeatureService, FeatureServiceRetired>("feature_service_retired");
}
