using System.Text.Json.Serialization;
using Catalog.Features;

namespace Catalog.Sdk;

/// <summary>A feature service as it is wanted to be.</summary>
/// <param name="Name">Never reused.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Definition">Which features of which views; a view without a version means the newest.</param>
public sealed record FeatureServiceSpec(QualifiedName Name, string Owner, FeatureServiceDefinition Definition)
{
    /// <summary>What it is; null leaves it as it was.</summary>
    public string? Description { get; init; }

    /// <summary>All that it is to carry; null leaves them as they were.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>A feature service as it is now.</summary>
/// <param name="Node"><c>feature-service:demo/flight_delay</c></param>
/// <param name="Namespace">Owner or source of the name.</param>
/// <param name="Name">Never reused.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Description">What it is.</param>
/// <param name="Tags">That it carries.</param>
/// <param name="Latest">Number of the newest version, which is how many there are.</param>
/// <param name="Versions">Number 1 first.</param>
/// <param name="Retired">It takes no more changes.</param>
/// <param name="RetiredBecause">Why.</param>
/// <param name="RegisteredAt">When it entered the catalog.</param>
/// <param name="UpdatedAt">When anything last changed.</param>
/// <param name="RegisteredBy">The principal that registered it.</param>
public sealed record FeatureService(
    [property: JsonRequired] NodeId Node,
    string Namespace,
    string Name,
    string Owner,
    string? Description,
    IReadOnlyList<string>? Tags,
    long Latest,
    IReadOnlyList<FeatureServiceVersion> Versions,
    bool Retired,
    string? RetiredBecause,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt,
    string? RegisteredBy);

/// <summary>A version of a feature service, which never changes.</summary>
/// <param name="Node"><c>feature-service:demo/flight_delay@2</c></param>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Definition">Which features of which views, each view by number.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
/// <param name="DefinedAt">When it was made.</param>
/// <param name="DefinedBy">By whom.</param>
public sealed record FeatureServiceVersion(
    [property: JsonRequired] NodeId Node,
    long Number,
    FeatureServiceDefinition Definition,
    string Hash,
    DateTimeOffset DefinedAt,
    string? DefinedBy);

/// <summary>A feature service in a list, as its newest version has it.</summary>
/// <param name="Node"><c>feature-service:demo/flight_delay</c></param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Tags">That it carries.</param>
/// <param name="Latest">Number of the newest version.</param>
/// <param name="Hash">Of that version's definition.</param>
/// <param name="Views">Whose features it serves, by number.</param>
/// <param name="LatencyTarget">What 99 of 100 lookups are to stay within; null for none.</param>
/// <param name="Availability">The part of lookups that is to be answered; null for none.</param>
/// <param name="Retired">It takes no more changes.</param>
/// <param name="UpdatedAt">When anything last changed.</param>
public sealed record FeatureServiceSummary(
    [property: JsonRequired] NodeId Node,
    string Owner,
    string? Description,
    IReadOnlyList<string>? Tags,
    long Latest,
    string Hash,
    IReadOnlyList<NodeId> Views,
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? LatencyTarget,
    double? Availability,
    bool Retired,
    DateTimeOffset UpdatedAt);
