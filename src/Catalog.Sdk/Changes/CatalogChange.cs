using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>A fact of the catalog's log.</summary>
/// <param name="Position">Its number in the log, to go on from.</param>
/// <param name="Id">Its own id.</param>
/// <param name="Time">When it was recorded.</param>
/// <param name="Stream">What it is about: the text of a node, <c>catalog</c>, or <c>key:…</c>.</param>
/// <param name="Type">Its stored name: <c>dataset_version_committed</c>.</param>
/// <param name="Principal">Who it comes from; null for what the catalog did by itself.</param>
/// <param name="Data">The fact itself, as the schema of its type says.</param>
public sealed record CatalogChange(
    long Position, Guid Id, DateTimeOffset Time, string Stream, string Type, string? Principal, JsonElement Data)
{
    /// <summary>The node it is about; null for facts about the catalog itself and about keys.</summary>
    [JsonIgnore]
    public NodeId? Node => NodeId.TryParse(Stream, out var node, out _) ? node : null;
}

/// <summary>Which changes are wanted.</summary>
public sealed record ChangeOptions
{
    /// <summary>Whether to wait for what is still to come, until cancelled; else the reading ends where the log does.</summary>
    public bool Follow { get; init; }

    /// <summary>Stored names of the facts wanted; empty for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Changes wanted at most; null for as many as there are.</summary>
    public long? Limit { get; init; }
}
