using System.Text.Json.Serialization;
using Catalog.Schemas;

namespace Catalog.Sdk;

/// <summary>An answer that names the log position which includes what was written.</summary>
internal interface IAtPosition
{
    long Position { get; }
}

/// <summary>What a write leaves behind.</summary>
/// <param name="Node">What was written, with its version where one was made.</param>
/// <param name="Changed">False when what was asked for was already so.</param>
/// <param name="Position">Log position that includes the write.</param>
/// <param name="Version">The version made or found, where the call is about one.</param>
public sealed record Receipt([property: JsonRequired] NodeId Node, bool Changed, long Position, long? Version) : IAtPosition
{
    /// <summary>How many facts there are of what was written to; null where the answer does not say.</summary>
    public long? StreamVersion { get; init; }

    /// <summary>State that the write left; pass it to <c>DescribeAsync</c> so as not to overwrite what others wrote since.</summary>
    [JsonPropertyName("etag")]
    public string? ETag => StreamVersion is { } version ? $"\"{version}\"" : null;
}

/// <summary>What a commit leaves behind.</summary>
/// <param name="Node">The version: <c>dataset:demo/flights@3</c>.</param>
/// <param name="Changed">False when the same commit had been made before.</param>
/// <param name="Position">Log position that includes the version.</param>
/// <param name="Version">Its number.</param>
/// <param name="ContentHash">Hash of schema and files; null for an observed version.</param>
/// <param name="SchemaChange">What changed against the parent's schema; null where there is none to compare.</param>
public sealed record CommitReceipt(
    [property: JsonRequired] NodeId Node, bool Changed, long Position, long Version, string? ContentHash, SchemaChange? SchemaChange)
    : IAtPosition
{
    /// <inheritdoc cref="Receipt.StreamVersion"/>
    public long? StreamVersion { get; init; }

    /// <inheritdoc cref="Receipt.ETag"/>
    [JsonPropertyName("etag")]
    public string? ETag => StreamVersion is { } version ? $"\"{version}\"" : null;
}

/// <summary>The outcome of hashing a version's files again; <paramref name="Position"/> is where it is recorded in the log.</summary>
public sealed record Verification(
    [property: JsonRequired] NodeId Node, bool Verified, long Files, long Bytes, IReadOnlyList<VerificationFailure> Failures, long Position)
    : IAtPosition;

/// <summary>A file that is not what the manifest says, and in which way.</summary>
public sealed record VerificationFailure(string Path, string Problem);
