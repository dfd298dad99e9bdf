using System.Text.Json;
using Catalog.Lineage;

namespace Catalog.Sdk;

/// <summary>Why an edge is there.</summary>
/// <param name="From">Where data came from.</param>
/// <param name="To">What it flowed into.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="Statements">All that was ever known of the edge, in the order in which it became known.</param>
/// <param name="Assertions">Every fact that says the edge, oldest first, those included that said nothing new.</param>
/// <param name="Truncated">Some were left out: past a limit, which takes the oldest, or not for the caller to see.</param>
public sealed record LineageExplanation(
    NodeId From,
    NodeId To,
    long Position,
    IReadOnlyList<EdgeStatement> Statements,
    IReadOnlyList<EdgeAssertion> Assertions,
    bool Truncated);

/// <summary>Something that is or was known of an edge.</summary>
/// <param name="Relation">How data flowed.</param>
/// <param name="HeldFrom">Since when.</param>
/// <param name="HeldTo">Until when; null for no end in sight.</param>
/// <param name="KnownFrom">Log position from which on this was known.</param>
/// <param name="KnownTo">Log position from which on something else was known; null while it stands.</param>
/// <param name="Because">The fact by which it became known; null where the caller may not see it.</param>
public sealed record EdgeStatement(
    LineageRelation Relation, DateTimeOffset HeldFrom, DateTimeOffset? HeldTo, long KnownFrom, long? KnownTo, EdgeEvidence? Because);

/// <summary>A fact that says an edge.</summary>
/// <param name="Relation">How data flowed.</param>
/// <param name="Since">Since when, by this fact's own word; null where it leaves that to another, such as the end of its run.</param>
/// <param name="EventTime">When it happened, as an OpenLineage event says; null for others.</param>
/// <param name="Fact">Who said it, when, and word for word.</param>
/// <param name="Body">The OpenLineage event as it was sent; null where it was not asked for, and for other facts.</param>
public sealed record EdgeAssertion(
    LineageRelation Relation, DateTimeOffset? Since, DateTimeOffset? EventTime, EdgeEvidence Fact, EventBody? Body);

/// <summary>An OpenLineage event as it was sent.</summary>
/// <param name="State">Whether it is here.</param>
/// <param name="Text">Byte for byte; null when it is not here.</param>
public sealed record EventBody(EventBodyState State, string? Text);

/// <summary>Whether an event is shown as it was sent.</summary>
public enum EventBodyState
{
    /// <summary>It is.</summary>
    Shown,

    /// <summary>It was erased since; the fact stays.</summary>
    Erased,

    /// <summary>The answer would be too large: ask as of an earlier time, or for fewer facts.</summary>
    LeftOut,
}

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
