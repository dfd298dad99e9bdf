using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.Features;
using Catalog.Platform.Store;
using JasperFx.Events;

namespace Catalog.FeatureServices;

/// <summary>A feature service as a reader sees it now.</summary>
public sealed record FeatureServicePage : IPage<FeatureServicePage>
{
    /// <summary>The service's node.</summary>
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
    public ImmutableList<FeatureServiceVersion> Versions { get; init; } = [];

    public bool Retired { get; init; }

    public string? RetiredBecause { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    public string? RegisteredBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long StreamVersion { get; init; }

    public static FeatureServicePage? Fold(FeatureServicePage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, FeatureServiceRegistered f) => new FeatureServicePage
            {
                Id = FeatureService.StreamId(f.Namespace, f.Name),
                Namespace = f.Namespace,
                Name = f.Name,
                Owner = f.Owner,
                Description = f.Description,
                Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
                RegisteredAt = fact.Timestamp,
                RegisteredBy = fact.UserName,
            },
            (null, _) => null,
            (_, FeatureServiceDefined f) => page with { Latest = f.Number, Versions = page.Versions.Add(Defined(page, f, fact)) },
            (_, FeatureServiceDescribed f) => page with { Owner = f.Owner, Description = f.Description },
            (_, FeatureServiceTagged f) => page with { Tags = page.Tags.Add(f.Tag) },
            (_, FeatureServiceUntagged f) => page with { Tags = page.Tags.Remove(f.Tag) },
            (_, FeatureServiceRetired f) => page with { Retired = true, RetiredBecause = f.Reason },
            _ => page,
        };
        return next is null ? null : next with { UpdatedAt = fact.Timestamp, StreamVersion = fact.Version };
    }

    private static FeatureServiceVersion Defined(FeatureServicePage page, FeatureServiceDefined f, IEvent fact) =>
        new($"{page.Id}@{f.Number}", f.Number, f.Definition, f.Hash, fact.Timestamp, fact.UserName);
}

/// <summary>One version of a feature service.</summary>
/// <param name="Node">By number: <c>feature-service:demo/flight_delay@2</c>.</param>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Definition">Which features of which views, each view by number.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
/// <param name="DefinedAt">When it was made.</param>
/// <param name="DefinedBy">By whom.</param>
public sealed record FeatureServiceVersion(
    string Node, long Number, FeatureServiceDefinition Definition, string Hash, DateTimeOffset DefinedAt, string? DefinedBy);
