using System.Text.Json.Serialization;
using Catalog.Integrity;

namespace Catalog.Features;

/// <summary>
/// What a version of a feature service is: the features that a model is served, of which views, and how fast and how reliably they are to
/// come.
/// </summary>
/// <param name="Views">In the order in which values are answered; one at least.</param>
/// <param name="LatencyTarget">What 99 of 100 lookups are to stay within; null for none.</param>
/// <param name="Availability">The part of lookups that is to be answered, such as 0.999; null for none.</param>
public sealed record FeatureServiceDefinition(
    IReadOnlyList<ServedView> Views,
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? LatencyTarget = null,
    double? Availability = null)
{
    /// <summary>The part of answers that a latency target is for.</summary>
    public const double WithinLatency = 0.99;

    /// <summary>SHA-256 of the canonical form, in lower-case hexadecimal.</summary>
    public string Hash() => Sha256.Hash(CanonicalJson.Serialize(Members()));

    /// <summary>
    /// The canonical form has the members <c>availability</c>, <c>format</c> (<c>"catalog-feature-service/1"</c>), <c>latencyTarget</c>
    /// (whole microseconds) and <c>views</c> (<c>features</c>, <c>view</c>). Absent values are null.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Members() => new Dictionary<string, object?>
    {
        ["format"] = "catalog-feature-service/1",
        ["views"] = Views.Select(v => new Dictionary<string, object?> { ["view"] = v.View.ToString(), ["features"] = v.Features }),
        ["latencyTarget"] = FeatureDefinition.Microseconds(LatencyTarget),
        ["availability"] = Availability,
    };

    public bool Equals(FeatureServiceDefinition? other) =>
        other is not null && LatencyTarget == other.LatencyTarget && Availability == other.Availability && Views.SequenceEqual(other.Views);

    public override int GetHashCode() => HashCode.Combine(LatencyTarget, Availability, Views.Count);
}

/// <summary>A view of which features are served.</summary>
/// <param name="View">A version by number, once it is defined; without one, the newest is meant.</param>
/// <param name="Features">Which of its features, in order; null for all, as the version has them when it is asked.</param>
public sealed record ServedView(NodeId View, IReadOnlyList<string>? Features = null)
{
    public bool Equals(ServedView? other) =>
        other is not null && View == other.View && (Features is null) == (other.Features is null)
        && (Features ?? []).SequenceEqual(other.Features ?? [], StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(View, Features?.Count);
}
