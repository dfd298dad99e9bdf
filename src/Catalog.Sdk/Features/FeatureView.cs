using System.Text.Json.Serialization;
using Catalog.Features;

namespace Catalog.Sdk;

/// <summary>A feature view as it is wanted to be.</summary>
/// <param name="Name">Its entities are those of the namespace.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Definition">Whose features, which, and how they come out of events.</param>
public sealed record FeatureViewSpec(QualifiedName Name, string Owner, FeatureDefinition Definition)
{
    /// <summary>What it is; null leaves it as it was.</summary>
    public string? Description { get; init; }

    /// <summary>All that it is to carry; null leaves them as they were.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>
    /// Where values are to be looked up, in order (<see cref="ServingTiers"/>); null leaves that as it was, memory and offline from the
    /// beginning.
    /// </summary>
    public IReadOnlyList<string>? Tiers { get; init; }
}

/// <summary>A feature view as it is now.</summary>
/// <param name="Node"><c>feature-view:demo/origin_delays</c></param>
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
/// <param name="Tiers">Where values are looked up, in order.</param>
public sealed record FeatureView(
    [property: JsonRequired] NodeId Node,
    string Namespace,
    string Name,
    string Owner,
    string? Description,
    IReadOnlyList<string>? Tags,
    long Latest,
    IReadOnlyList<FeatureViewVersion> Versions,
    bool Retired,
    string? RetiredBecause,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt,
    string? RegisteredBy,
    IReadOnlyList<string>? Tiers = null);

/// <summary>A version of a feature view. It may get features at its end; the values of those that it has never change.</summary>
/// <param name="Node"><c>feature-view:demo/origin_delays@2</c></param>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Definition">As it was extended last.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
/// <param name="DefinedAt">When it was made.</param>
/// <param name="DefinedBy">By whom.</param>
/// <param name="ExtendedAt">When features came last; null where none did.</param>
/// <param name="ExtendedBy">By whom.</param>
/// <param name="Active">The generation that serves it; null while none does.</param>
/// <param name="Served">That generation last, after those that a rollback would go back to.</param>
public sealed record FeatureViewVersion(
    [property: JsonRequired] NodeId Node,
    long Number,
    FeatureDefinition Definition,
    string Hash,
    DateTimeOffset DefinedAt,
    string? DefinedBy,
    DateTimeOffset? ExtendedAt,
    string? ExtendedBy,
    Guid? Active = null,
    IReadOnlyList<ServedGeneration>? Served = null);

/// <summary>A generation that serves a version of a view, or did before the one after it.</summary>
/// <param name="Generation">Its id.</param>
/// <param name="Activation">Shared by all generations that were activated together.</param>
/// <param name="At">When it was activated.</param>
public sealed record ServedGeneration(Guid Generation, Guid Activation, DateTimeOffset At);

/// <summary>A feature view in a list, as its newest version has it.</summary>
/// <param name="Node"><c>feature-view:demo/origin_delays</c></param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Tags">That it carries.</param>
/// <param name="Latest">Number of the newest version.</param>
/// <param name="Hash">Of that version's definition.</param>
/// <param name="Entities">Whose features they are.</param>
/// <param name="Dataset">Where events come from.</param>
/// <param name="Features">Their names, in order.</param>
/// <param name="Retired">It takes no more changes.</param>
/// <param name="UpdatedAt">When anything last changed.</param>
public sealed record FeatureViewSummary(
    [property: JsonRequired] NodeId Node,
    string Owner,
    string? Description,
    IReadOnlyList<string>? Tags,
    long Latest,
    string Hash,
    IReadOnlyList<string> Entities,
    NodeId Dataset,
    IReadOnlyList<string> Features,
    bool Retired,
    DateTimeOffset UpdatedAt);
