using System.Text.Json.Serialization;
using Catalog.Integrity;
using Catalog.Retention;
using Catalog.Schemas;

namespace Catalog.Sdk;

/// <summary>A dataset as it is now.</summary>
/// <param name="Node"><c>dataset:demo/flights</c></param>
/// <param name="Namespace">Owner or source of the name.</param>
/// <param name="Name">Never reused.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Documentation">What it is.</param>
/// <param name="Datasheet">Where it comes from and what it may be used for.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="ColumnTags">Tags by column.</param>
/// <param name="Compatibility">What new versions may do to readers.</param>
/// <param name="Aliases">Version numbers by alias.</param>
/// <param name="Latest">Number of the newest version, which is how many there are; 0 for none.</param>
/// <param name="Schema">Columns of the newest version, for tables.</param>
/// <param name="Retired">It takes no more changes.</param>
/// <param name="RetiredBecause">Why.</param>
/// <param name="RegisteredAt">When it entered the catalog.</param>
/// <param name="UpdatedAt">When anything last changed.</param>
/// <param name="RegisteredBy">The principal that registered it.</param>
public sealed record Dataset(
    [property: JsonRequired] NodeId Node,
    string Namespace,
    string Name,
    string Owner,
    string? Documentation,
    Datasheet? Datasheet,
    IReadOnlyList<string>? Tags,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? ColumnTags,
    Compatibility Compatibility,
    IReadOnlyDictionary<string, long>? Aliases,
    long Latest,
    TableSchema? Schema,
    bool Retired,
    string? RetiredBecause,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt,
    string? RegisteredBy)
{
    /// <summary>How long versions are kept; null where all are.</summary>
    public RetentionPolicy? Retention { get; init; }

    /// <summary>Legal holds and their reasons: while there is one, no version goes.</summary>
    public IReadOnlyDictionary<string, string> Holds { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// State of the dataset when it was read; pass it to <c>DescribeAsync</c> so as not to overwrite what others wrote since.
    /// </summary>
    [JsonPropertyName("etag")]
    public string? ETag { get; init; }
}

/// <summary>Where data comes from and what it may be used for.</summary>
public sealed record Datasheet(
    string? Licence = null,
    string? Origin = null,
    string? Collection = null,
    string? LegalBasis = null,
    string? IntendedUse = null,
    string? KnownLimits = null);

/// <summary>What to change of a dataset's description; what is null stays as it is. A datasheet replaces the one there is.</summary>
public sealed record Description(string? Owner = null, string? Documentation = null, Datasheet? Datasheet = null);

public enum Compatibility
{
    None,

    /// <summary>Versions whose schema would break readers of the version before are refused.</summary>
    Backward,
}

/// <summary>An immutable version of a dataset. Sizes and hashes are null while it is only observed.</summary>
public sealed record DatasetVersion(
    [property: JsonRequired] NodeId Node,
    long Number,
    long? Parent,
    VersionState State,
    string? ContentHash,
    string? ManifestHash,
    long? Files,
    long? Bytes,
    long? Rows,
    string? Format,
    TableSchema? Schema,
    SchemaChange? SchemaChange,
    Guid? Run,
    string? Message,
    DateTimeOffset CommittedAt,
    string? CommittedBy,
    LastVerification? LastVerified)
{
    /// <summary>Of the columns, by path; null in listings.</summary>
    public IReadOnlyDictionary<string, ColumnStatistics>? Statistics { get; init; }

    /// <summary>What an observed version refers to.</summary>
    public IReadOnlyList<ObservedSource> Sources { get; init; } = [];

    /// <summary>Why its files are not kept any more; null while they are.</summary>
    public Tombstone? Tombstone { get; init; }
}

/// <summary>Says of a version that its files are not kept any more.</summary>
/// <param name="At">Since when.</param>
/// <param name="By">Who had it removed.</param>
/// <param name="Cause">Why.</param>
/// <param name="Successor">The version that has what is left of it; null where there is none.</param>
/// <param name="Erasure">That asked for it.</param>
/// <param name="ManifestHash">Of the list of files that it had.</param>
public sealed record Tombstone(
    DateTimeOffset At, string? By, TombstoneCause Cause, NodeId? Successor, Guid? Erasure, string? ManifestHash);

/// <summary>Why a version is not kept any more.</summary>
public enum TombstoneCause
{
    /// <summary>Its time was over, by the retention of its dataset.</summary>
    Retention,

    /// <summary>It held rows of a subject whose data was erased.</summary>
    Erasure,
}

/// <summary>A file or folder that an observed version refers to.</summary>
public sealed record ObservedSource(string Uri, string? Path, string? Glob, string? Prefix, string? Sha256 = null, long? Bytes = null);

/// <summary>When a version's files were last hashed again, and whether each was as the manifest says.</summary>
public sealed record LastVerification(DateTimeOffset At, bool Intact, string? By);

public enum VersionState
{
    Committed,

    /// <summary>A reference without hashes: the files were not read yet.</summary>
    Observed,

    /// <summary>Once observed; its files have been read and hashed since.</summary>
    Sealed,

    /// <summary>Its files are not kept any more: its tombstone says why.</summary>
    Tombstoned,
}

/// <summary>A file of a version.</summary>
/// <param name="Path">Its logical path, with forward slashes.</param>
/// <param name="Uri">Where the bytes live.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Rows">Rows, for tables.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record VersionFile(string Path, string Uri, long? Bytes, long? Rows, string? Sha256)
{
    /// <summary>What it shows of the version, where policies show the caller less; null where it is a file of the version itself.</summary>
    public FilesProjection? Projection { get; init; }
}

/// <summary>Which datasets to list.</summary>
public sealed record DatasetQuery(string? Namespace = null, string? Tag = null, int PageSize = 100);

/// <summary>What a dataset is registered with.</summary>
public sealed record Registration(string Owner, string? Documentation = null, IReadOnlyList<string>? Tags = null);
