using System.Collections.Immutable;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Retention;
using Catalog.Schemas;
using Catalog.Tiering;
using Catalog.Tiers;

namespace Catalog.Datasets;

/// <summary>What deciding about a dataset needs to know of its past.</summary>
public sealed record Dataset : IState<Dataset>
{
    /// <summary>Resolves to the highest version; never set by hand.</summary>
    public const string LatestAlias = "latest";

    static int IState<Dataset>.FoldRevision => 5;

    public required string Id { get; init; }

    public required string Owner { get; init; }

    public string Documentation { get; init; } = "";

    public Datasheet Datasheet { get; init; } = Datasheet.Empty;

    public Compatibility Compatibility { get; init; }

    public bool Retired { get; init; }

    /// <summary>Highest version number; 0 when there is none yet.</summary>
    public long Latest { get; init; }

    /// <summary>Content hash of <see cref="Latest"/>; null while it is only observed.</summary>
    public string? LatestContent { get; init; }

    /// <summary>Hash of the recipe that <see cref="Latest"/> was derived by; null where it was brought as it is.</summary>
    public string? LatestRecipe { get; init; }

    /// <summary>Schema of the newest version that has one: what the next is compared with.</summary>
    public TableSchema? Schema { get; init; }

    /// <summary>The version that <see cref="Schema"/> is of; 0 when there is none.</summary>
    public long SchemaVersion { get; init; }

    /// <summary>Versions that are references without hashes so far.</summary>
    public ImmutableSortedSet<long> Observed { get; init; } = [];

    public ImmutableSortedDictionary<string, long> Aliases { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Tags of columns, as <c>column path U+001F tag</c>: neither part can hold a control character.</summary>
    public ImmutableSortedSet<string> ColumnTags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Where versions are to be kept; null where the namespace's policy holds.</summary>
    public TierPolicy? Tiers { get; init; }

    /// <summary>How long versions are kept; null where all are.</summary>
    public RetentionPolicy? Retention { get; init; }

    /// <summary>Legal holds and their reasons: while there is one, no version goes.</summary>
    public ImmutableSortedDictionary<string, string> Holds { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Versions whose files are not kept any more.</summary>
    public ImmutableSortedSet<long> Tombstoned { get; init; } = [];

    public static string StreamId(string @namespace, string name) => NodeId.Dataset(@namespace, name).StreamId;

    internal static string ColumnTag(string column, string tag) => $"{column}\u001f{tag}";

    /// <summary>The number that a version text (<c>3</c>, <c>latest</c>, <c>gold</c>) means now, or null when there is none.</summary>
    public long? Resolve(string version) => VersionText.Resolve(version, Latest, Aliases);

    public static Dataset? Fold(Dataset? state, object fact) => (state, fact) switch
    {
        (null, DatasetRegistered f) => new Dataset
        {
            Id = StreamId(f.Namespace, f.Name),
            Owner = f.Owner,
            Documentation = f.Documentation,
            Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
        },
        (null, _) => null,
        (_, DatasetDescribed f) => state with { Owner = f.Owner, Documentation = f.Documentation, Datasheet = f.Datasheet },
        (_, DatasetTagged f) => state with { Tags = state.Tags.Add(f.Tag) },
        (_, DatasetUntagged f) => state with { Tags = state.Tags.Remove(f.Tag) },
        (_, ColumnTagged f) => state with { ColumnTags = state.ColumnTags.Add(ColumnTag(f.Column, f.Tag)) },
        (_, ColumnUntagged f) => state with { ColumnTags = state.ColumnTags.Remove(ColumnTag(f.Column, f.Tag)) },
        (_, CompatibilityDeclared f) => state with { Compatibility = f.Mode },
        (_, VersionCommitted f) => WithSchema(state, f.Number, f.Schema) with
        {
            Latest = f.Number,
            LatestContent = f.ContentHash,
            LatestRecipe = null,
        },
        (_, VersionObserved f) => state with
        {
            Latest = f.Number,
            LatestContent = null,
            LatestRecipe = null,
            Observed = state.Observed.Add(f.Number),
        },
        (_, VersionDerived f) => f.Number == state.Latest ? state with { LatestRecipe = f.Recipe } : state,
        (_, VersionSealed f) => WithSchema(state, f.Number, f.Schema) with
        {
            Observed = state.Observed.Remove(f.Number),
            LatestContent = f.Number == state.Latest ? f.ContentHash : state.LatestContent,
        },
        (_, AliasSet f) => state with { Aliases = state.Aliases.SetItem(f.Alias, f.Number) },
        (_, AliasRemoved f) => state with { Aliases = state.Aliases.Remove(f.Alias) },
        (_, TiersDeclared f) => state with { Tiers = f.Policy },
        (_, TiersWithdrawn) => state with { Tiers = null },
        (_, RetentionDeclared f) => state with { Retention = f.Policy },
        (_, RetentionWithdrawn) => state with { Retention = null },
        (_, HoldPlaced f) => state with { Holds = state.Holds.SetItem(f.Hold, f.Reason) },
        (_, HoldReleased f) => state with { Holds = state.Holds.Remove(f.Hold) },
        (_, VersionTombstoned f) => state with
        {
            Tombstoned = state.Tombstoned.Add(f.Number),
            LatestContent = f.Number == state.Latest ? null : state.LatestContent,
            LatestRecipe = f.Number == state.Latest ? null : state.LatestRecipe,
        },
        (_, DatasetRetired) => state with { Retired = true },
        _ => state,
    };

    private static Dataset WithSchema(Dataset state, long number, TableSchema? schema) =>
        schema is not null && number > state.SchemaVersion ? state with { Schema = schema, SchemaVersion = number } : state;
}

/// <summary>Which schema changes a dataset's next version may bring.</summary>
public enum Compatibility
{
    /// <summary>Any; the change is recorded.</summary>
    None,

    /// <summary>Only changes after which readers of the version before still work: no <see cref="SchemaChangeLevel.Major"/> ones.</summary>
    Backward,
}

/// <summary>What users of a dataset must know before they train on it. Free text, each field at most 4,000 characters.</summary>
public sealed record Datasheet(
    string? Licence = null, string? Origin = null, string? Collection = null, string? LegalBasis = null,
    string? IntendedUse = null, string? KnownLimits = null)
{
    public static Datasheet Empty { get; } = new();
}

/// <summary>Version texts as users write them: a number or an alias.</summary>
public static class VersionText
{
    /// <summary>The problem to answer with when a version text means nothing.</summary>
    internal static Problem NotFound(NodeId node, string version) => version.All(char.IsAsciiDigit) || version == Dataset.LatestAlias
        ? Problem.Of(
            "version.not_found",
            version == Dataset.LatestAlias ? $"'{node}' has no version yet." : $"'{node}' has no version {version}.")
        : Problem.Of("alias.not_found", $"'{node}' has no alias '{version}'.");

    /// <summary>The problem to answer with when a version's files are not kept any more.</summary>
    internal static Problem Gone(NodeId version, TombstoneCause cause, NodeId? successor) =>
        (cause, successor) switch
        {
            (TombstoneCause.Retention, _) => Problem.Of(
                "version.expired", $"The files of '{version}' are not kept any more: its time was over."),
            (_, { } next) => Problem.Of(
                "version.erased", $"The files of '{version}' were erased with the data of a subject; '{next}' has what is left."),
            _ => Problem.Of("version.erased", $"The files of '{version}' were erased with the data of a subject."),
        };

    /// <summary>The number meant, or null when there is no such version.</summary>
    public static long? Resolve(string version, long latest, IReadOnlyDictionary<string, long> aliases) => version switch
    {
        Dataset.LatestAlias => latest > 0 ? latest : null,
        _ when version.All(char.IsAsciiDigit) =>
            long.TryParse(version, out var number) && number >= 1 && number <= latest && version[0] != '0' ? number : null,
        _ => aliases.TryGetValue(version, out var aliased) ? aliased : null,
    };
}
