using System.Text.Json;
using Catalog.Lineage;

namespace Catalog.Sdk;

/// <summary>Why an edge is there.</summary>
/// <param name="From">Where data came from.</param>
/// <param name="To">What it flowed into.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="Statements">All that was ever said of the edge, in the order in which it became known.</param>
public sealed record LineageExplanation(NodeId From, NodeId To, long Position, IReadOnlyList<EdgeStatement> Statements);

/// <summary>Something that was said of an edge.</summary>
/// <param name="Relation">How data flowed.</param>
/// <param name="HeldFrom">Since when.</param>
/// <param name="HeldTo">Until when; null for no end in sight.</param>
/// <param name="KnownFrom">Log position from which on this was known.</param>
/// <param name="KnownTo">Log position from which on something else was known; null while it stands.</param>
/// <param name="Because">The fact that said so.</param>
public sealed record EdgeStatement(
    LineageRelation Relation, DateTimeOffset HeldFrom, DateTimeOffset? HeldTo, long KnownFrom, long? KnownTo, EdgeEvidence? Because);

/// <summary>A fact of the log.</summary>
/// <param name="Position">Its number in the log.</param>
/// <param name="Stream">The stream it belongs to.</param>
/// <param name="StreamVersion">Its number in the stream.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="RecordedAt">When.</param>
/// <param name="Principal">By whom.</param>
/// <param name="Fact">Word for word.</param>
public sealed record EdgeEvidence(
    long Position, string Stream, long StreamVersion, string Type, DateTimeOffset RecordedAt, string? Principal, JsonElement Fact);
