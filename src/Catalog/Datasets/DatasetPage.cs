using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.Platform.Store;
using Catalog.Retention;
using Catalog.Schemas;
using Catalog.Tiering;
using Catalog.Tiers;
using JasperFx.Events;

namespace Catalog.Datasets;

/// <summary>A dataset as a reader sees it now.</summary>
public sealed record DatasetPage : IPage<DatasetPage>
{
    /// <summary>The dataset's node.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public string Documentation { get; init; } = "";

    public Datasheet Datasheet { get; init; } = Datasheet.Empty;

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, ImmutableSortedSet<string>> ColumnTags { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);

    public Compatibility Compatibility { get; init; }

    public ImmutableSortedDictionary<string, long> Aliases { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Highest version number, which is also how many there are; 0 for none.</summary>
    public long Latest { get; init; }

    /// <summary>Of the newest version that has one.</summary>
    public TableSchema? Schema { get; init; }

    /// <summary>The version that <see cref="Schema"/> is of.</summary>
    public long? SchemaVersion { get; init; }

    /// <summary>Where versions are to be kept; null where the namespace's policy holds.</summary>
    public TierPolicy? Tiers { get; init; }

    /// <summary>How long versions are kept; null where all are.</summary>
    public RetentionPolicy? Retention { get; init; }

    /// <summary>Legal holds and their reasons: while there is one, no version goes.</summary>
    public ImmutableSortedDictionary<string, string> Holds { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public bool Retired { get; init; }

    public string? RetiredBecause { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    public string? RegisteredBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long StreamVersion { get; init; }

    public static DatasetPage? Fold(DatasetPage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, DatasetRegistered f) => new DatasetPage
            {
                Id = Dataset.StreamId(f.Namespace, f.Name),
                Namespace = f.Namespace,
                Name = f.Name,
                Owner = f.Owner,
                Documentation = f.Documentation,
                Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
                RegisteredAt = fact.Timestamp,
                RegisteredBy = fact.UserName,
            },
            (null, _) => null,
            (_, DatasetDescribed f) => page with { Owner = f.Owner, Documentation = f.Documentation, Datasheet = f.Datasheet },
            (_, DatasetTagged f) => page with { Tags = page.Tags.Add(f.Tag) },
            (_, DatasetUntagged f) => page with { Tags = page.Tags.Remove(f.Tag) },
            (_, ColumnTagged f) => page with { ColumnTags = page.ColumnTags.SetItem(f.Column, TagsOf(page, f.Column).Add(f.Tag)) },
            (_, ColumnUntagged f) => page with { ColumnTags = Without(page, f) },
            (_, CompatibilityDeclared f) => page with { Compatibility = f.Mode },
            (_, VersionCommitted f) => WithSchema(page, f.Number, f.Schema) with { Latest = f.Number },
            (_, VersionObserved f) => page with { Latest = f.Number },
            (_, VersionSealed f) => WithSchema(page, f.Number, f.Schema),
            (_, AliasSet f) => page with { Aliases = page.Aliases.SetItem(f.Alias, f.Number) },
            (_, AliasRemoved f) => page with { Aliases = page.Aliases.Remove(f.Alias) },
            (_, TiersDeclared f) => page with { Tiers = f.Policy },
            (_, TiersWithdrawn) => page with { Tiers = null },
            (_, RetentionDeclared f) => page with { Retention = f.Policy },
            (_, RetentionWithdrawn) => page with { Retention = null },
            (_, HoldPlaced f) => page with { Holds = page.Holds.SetItem(f.Hold, f.Reason) },
            (_, HoldReleased f) => page with { Holds = page.Holds.Remove(f.Hold) },
            (_, DatasetRetired f) => page with { Retired = true, RetiredBecause = f.Reason },
            _ => page,
        };
        return next is null ? null : next with { UpdatedAt = fact.Timestamp, StreamVersion = fact.Version };
    }

    private static DatasetPage WithSchema(DatasetPage page, long number, TableSchema? schema) =>
        schema is not null && number > (page.SchemaVersion ?? 0) ? page with { Schema = schema, SchemaVersion = number } : page;

    private static ImmutableSortedSet<string> TagsOf(DatasetPage page, string column) =>
        page.ColumnTags.TryGetValue(column, out var tags) ? tags : ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, ImmutableSortedSet<string>> Without(DatasetPage page, ColumnUntagged f) =>
        TagsOf(page, f.Column).Remove(f.Tag) is { IsEmpty: false } left
            ? page.ColumnTags.SetItem(f.Column, left)
            : page.ColumnTags.Remove(f.Column);
}
