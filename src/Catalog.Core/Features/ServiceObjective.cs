namespace Catalog.Features;

/// <summary>What a feature service promises.</summary>
public enum ServiceObjective
{
    /// <summary>A part of lookups is answered.</summary>
    Availability,

    /// <summary>Of those that are answered, <see cref="FeatureServiceDefinition.WithinLatency"/> are within the latency target.</summary>
    Latency,
}
