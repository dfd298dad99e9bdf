using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Schemas;

namespace Catalog.Sdk;

/// <summary>A dataset as it is now.</summary>
public sealed record Dataset(
    NodeId Node,
    string Namespace,
    string Name,
    string Owner,
    string? Documentation,
    Datasheet? Datasheet,
    IReadOnlyList<string>? Tags,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? ColumnTags,
    Compatibility Compatibility,
    IReadOnlyDictionary<string, long>? Aliases,
    long? Latest,
    long Versions,
    bool Retired,
    TableSchema? Schema,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt,
    string? RegisteredBy)
{
    /// <summary>State of the dataset when it was read; pass it to <c>DescribeAsync</c> so as not to overwrite what others wrote since.</summary>
    [JsonIgnore]
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

/// <summary>What to change of a dataset's description; what is null stays as it is.</summary>
public sealed record Description(string? Owner = null, string? Documentation = null, Datasheet? Datasheet = null);

public enum Compatibility
{
    None,

    /// <summary>Versions whose schema would break readers of the version before are refused.</summary>
    Backward,
}

/// <summary>An immutable version of a dataset.</summary>
public sealed record DatasetVersion(
    NodeId Node,
    long Number,
    long? Parent,
    VersionState State,
    string? ContentHash,
    string? ManifestHash,
    long? Files,
    long? Bytes,
    long? Rows,
    TableSchema? Schema,
    IReadOnlyDictionary<string, ColumnStatistics>? Statistics,
    SchemaChange? SchemaChange,
    string? Run,
    string? Message,
    string? Format,
    DateTimeOffset CommittedAt,
    string? CommittedBy);

public enum VersionState
{
    Committed,

    /// <summary>A reference without hashes: the files were not read yet.</summary>
    Observed,

    /// <summary>Once observed; its files have been read and hashed since.</summary>
    Sealed,
}

/// <summary>Smallest and largest value and number of nulls of a column, over all files that say so.</summary>
public sealed record ColumnStatistics(JsonElement? Min, JsonElement? Max, long? Nulls);

/// <summary>A file of a version.</summary>
/// <param name="Path">Its logical path, with forward slashes.</param>
/// <param name="Uri">Where the bytes live.</param>
/// <param name="Bytes">Size; null when not known (observed).</param>
/// <param name="Rows">Rows, for tables.</param>
/// <param name="Sha256">Lower-case hexadecimal; null when not known (observed).</param>
public sealed record VersionFile(string Path, string Uri, long? Bytes, long? Rows, string? Sha256);

/// <summary>Which datasets to list.</summary>
public sealed record DatasetQuery(string? Namespace = null, string? Tag = null, int PageSize = 100);

/// <summary>What a dataset is registered with.</summary>
public sealed record Registration(string Owner, string? Documentation = null, IReadOnlyList<string>? Tags = null);
