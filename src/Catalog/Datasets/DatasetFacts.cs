using Catalog.Platform.Writes;
using Catalog.Schemas;

namespace Catalog.Datasets;

/// <summary>A version came into being with all its files hashed.</summary>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Parent">The version before; null for the first.</param>
/// <param name="ContentHash">SHA-256 of schema and files (docs/integrity.md), lower-case hex.</param>
/// <param name="ManifestHash">SHA-256 of the whole manifest, which is stored beside the log.</param>
/// <param name="Files">Number of files.</param>
/// <param name="Bytes">Sum of the files' sizes.</param>
/// <param name="Rows">Sum of the files' rows, where each file has a row count.</param>
/// <param name="Format">What the files are claimed, and were found, to be: <c>parquet</c>; null for files of any kind.</param>
/// <param name="Schema">Of tables; null for files of any kind.</param>
/// <param name="SchemaChange">Compared with the schema before it.</param>
/// <param name="Run">Id of the run that made it, where one did.</param>
/// <param name="Message">Why, in the committer's words.</param>
/// <param name="IdempotencyKey">The committer's own key for the request, where given.</param>
/// <param name="RequestDigest">SHA-256 of the request that carried the key, so that the key cannot come to mean something else.</param>
public sealed record VersionCommitted(
    long Number,
    long? Parent,
    string ContentHash,
    string ManifestHash,
    long Files,
    long Bytes,
    long? Rows,
    string? Format,
    TableSchema? Schema,
    SchemaChange SchemaChange,
    Guid? Run,
    string? Message,
    string? IdempotencyKey,
    string? RequestDigest);

/// <summary>
/// A version of a dataset was derived from others, by a recipe that its manifest holds: it can be derived again, and compared.
/// </summary>
/// <param name="Number">Of the version.</param>
/// <param name="Recipe">SHA-256 of the recipe's text.</param>
/// <param name="Inputs">Versions of datasets and of feature views that went into it.</param>
public sealed record VersionDerived(long Number, string Recipe, IReadOnlyList<NodeId> Inputs);

/// <summary>
/// A commit under a new idempotency key asked for what the newest version holds already: from here on the key stands for that version.
/// </summary>
public sealed record CommitRepeated(long Number, string IdempotencyKey, string RequestDigest);

/// <summary>A version was heard of: a reference without hashes until it is sealed.</summary>
public sealed record VersionObserved(
    long Number, long? Parent, IReadOnlyList<ObservedSource> Sources, string? Format, Guid? Run, string? Message, string? IdempotencyKey,
    string? RequestDigest);

/// <summary>Files that an observed version refers to: one file, or a folder with a glob.</summary>
/// <param name="Uri">Where: <c>file:///…</c>.</param>
/// <param name="Path">Logical path of a single file; null for a folder.</param>
/// <param name="Glob">Which files of a folder, such as <c>**/*.parquet</c>; null for a single file.</param>
/// <param name="Prefix">Put before each logical path of a folder.</param>
/// <param name="Sha256">What a single file must be when it is sealed, where that was announced.</param>
/// <param name="Bytes">How large a single file must be when it is sealed, where that was announced.</param>
public sealed record ObservedSource(string Uri, string? Path, string? Glob, string? Prefix, string? Sha256, long? Bytes);

/// <summary>An observed version's files were read and hashed as they are now; from here on it is as good as a committed one.</summary>
public sealed record VersionSealed(
    long Number, string ContentHash, string ManifestHash, long Files, long Bytes, long? Rows,
    TableSchema? Schema, SchemaChange SchemaChange);

/// <summary>A version's files were hashed again and compared with its manifest.</summary>
public sealed record VersionVerified(long Number, bool Intact, long Files, long Bytes, IReadOnlyList<FileFinding> Findings);

/// <summary>A file that is not what the manifest says.</summary>
/// <param name="Path">Logical path.</param>
/// <param name="Problem">A problem code: <c>file.changed</c>, <c>file.not_found</c>, …</param>
public sealed record FileFinding(string Path, string Problem);

internal static class DatasetFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Dataset, DatasetRegistered>("dataset_registered")
        .Fact<Dataset, DatasetDescribed>("dataset_described")
        .Fact<Dataset, DatasetTagged>("dataset_tagged")
        .Fact<Dataset, DatasetUntagged>("dataset_untagged")
        .Fact<Dataset, ColumnTagged>("column_tagged")
        .Fact<Dataset, ColumnUntagged>("column_untagged")
        .Fact<Dataset, CompatibilityDeclared>("compatibility_declared")
        .Fact<Dataset, VersionCommitted>("dataset_version_committed")
        .Fact<Dataset, VersionDerived>("dataset_version_derived")
        .Fact<Dataset, CommitRepeated>("dataset_commit_repeated")
        .Fact<Dataset, VersionObserved>("dataset_version_observed")
        .Fact<Dataset, VersionSealed>("dataset_version_sealed")
        .Fact<Dataset, VersionVerified>("dataset_version_verified")
        .Fact<Dataset, VersionProjected>("dataset_version_projected")
        .Fact<Dataset, AliasSet>("dataset_alias_set")
        .Fact<Dataset, AliasRemoved>("dataset_alias_removed")
        .Fact<Dataset, DatasetRetired>("dataset_retired");
}
