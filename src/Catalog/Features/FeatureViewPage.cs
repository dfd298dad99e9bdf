using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.FeatureGenerations;
using Catalog.Platform.Store;
using JasperFx.Events;

namespace Catalog.Features;

/// <summary>A feature view as a reader sees it now.</summary>
public sealed record FeatureViewPage : IPage<FeatureViewPage>
{
    /// <summary>The view's node.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public string Description { get; init; } = "";

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Highest version number, which is also how many there are.</summary>
    public long Latest { get; init; }

    /// <summary>Number 1 first.</summary>
    public ImmutableList<FeatureViewVersion> Versions { get; init; } = [];

    /// <summary>Where values are looked up, in the order in which the places are asked.</summary>
    public ImmutableList<string> Tiers { get; init; } = [.. ServingTiers.Default];

    public bool Retired { get; init; }

    public string? RetiredBecause { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    public string? RegisteredBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long StreamVersion { get; init; }

    public static FeatureViewPage? Fold(FeatureViewPage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, FeatureViewRegistered f) => new FeatureViewPage
            {
                Id = FeatureView.StreamId(f.Namespace, f.Name),
                Namespace = f.Namespace,
                Name = f.Name,
                Owner = f.Owner,
                Description = f.Description,
                Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
                RegisteredAt = fact.Timestamp,
                RegisteredBy = fact.UserName,
            },
            (null, _) => null,
            (_, FeatureViewDefined f) => page with { Latest = f.Number, Versions = page.Versions.Add(Defined(page, f, fact)) },
            (_, FeatureViewExtended f) => page with { Versions = [.. page.Versions.Select(v => Extended(v, f, fact))] },
            (_, FeatureViewDescribed f) => page with { Owner = f.Owner, Description = f.Description },
            (_, FeatureViewTagged f) => page with { Tags = page.Tags.Add(f.Tag) },
            (_, FeatureViewUntagged f) => page with { Tags = page.Tags.Remove(f.Tag) },
            (_, FeatureViewServingDeclared f) => page with { Tiers = [.. f.Tiers] },
            (_, FeatureViewRetired f) => page with { Retired = true, RetiredBecause = f.Reason },
            _ => page with { Versions = [.. page.Versions.Select(v => Served(v, fact))] },
        };
        return next is null ? null : next with { UpdatedAt = fact.Timestamp, StreamVersion = fact.Version };
    }

    private static FeatureViewVersion Served(FeatureViewVersion version, IEvent fact) => fact.Data switch
    {
        FeatureGenerationActivated f when f.Number == version.Number => version with
        {
            Served = ServingHistory.Activate(version.Served, new ServedGeneration(f.Generation, f.Activation, fact.Timestamp)),
        },
        FeatureGenerationRolledBack f when f.Number == version.Number => version with { Served = ServingHistory.RollBack(version.Served) },
        FeatureGenerationDropped f => version with { Served = ServingHistory.Drop(version.Served, f.Generation) },
        _ => version,
    };

    private static FeatureViewVersion Defined(FeatureViewPage page, FeatureViewDefined f, IEvent fact) =>
        new($"{page.Id}@{f.Number}", f.Number, f.Definition, f.Hash, fact.Timestamp, fact.UserName, ExtendedAt: null, ExtendedBy: null);

    private static FeatureViewVersion Extended(FeatureViewVersion version, FeatureViewExtended f, IEvent fact) =>
        version.Number != f.Number ? version : version with
        {
            Definition = f.Definition,
            Hash = f.Hash,
            ExtendedAt = fact.Timestamp,
            ExtendedBy = fact.UserName,
        };
}

/// <summary>One version of a feature view.</summary>
/// <param name="Node">By number: <c>feature-view:demo/origin_delays@2</c>.</param>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Definition">As it was extended last.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
/// <param name="DefinedAt">When it was made.</param>
/// <param name="DefinedBy">By whom.</param>
/// <param name="ExtendedAt">When features came last; null where none did.</param>
/// <param name="ExtendedBy">By whom.</param>
public sealed record FeatureViewVersion(
    string Node, long Number, FeatureDefinition Definition, string Hash, DateTimeOffset DefinedAt, string? DefinedBy,
    DateTimeOffset? ExtendedAt, string? ExtendedBy)
{
    /// <summary>The generation that serves it, last, after those that a rollback would go back to; none while it is not served.</summary>
    public ImmutableList<ServedGeneration> Served { get; init; } = [];

    /// <summary>The generation that serves it; null while none does.</summary>
    public Guid? Active => Served is [.., var last] ? last.Generation : null;
}

/// <summary>A generation that serves a version of a view, or did before the one after it.</summary>
/// <param name="Generation">Its id.</param>
/// <param name="Activation">Shared by all generations that were activated together.</param>
/// <param name="At">When it was activated.</param>
public sealed record ServedGeneration(Guid Generation, Guid Activation, DateTimeOffset At) : IServing;
