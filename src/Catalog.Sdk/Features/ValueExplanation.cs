using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>Why a model saw the values of a key.</summary>
/// <param name="View">By number.</param>
/// <param name="At">The moment that is told of.</param>
/// <param name="Generation">That served then; null where none did.</param>
/// <param name="ActivatedAt">Since when.</param>
/// <param name="AsOf">Events up to there are in it.</param>
/// <param name="Run">That made it.</param>
/// <param name="Served">What a lookup answered with; null where no row was there for the key.</param>
/// <param name="Sources">The dataset versions behind it, and the events in them.</param>
/// <param name="Pushed">Rows of the key that were pushed on top of the generation until then, the newest first.</param>
/// <param name="Masked">By feature, what is shown instead of its values, such as <c>hash</c>; null from servers that mask nothing.</param>
/// <param name="Filtered">Whether rows are left out that the caller may not see; then no events are told.</param>
public sealed record ValueExplanation(
    [property: JsonRequired] NodeId View, DateTimeOffset At, NodeId? Generation, DateTimeOffset? ActivatedAt, DateTimeOffset? AsOf,
    NodeId? Run, ServedRow? Served, IReadOnlyList<SourceEvents> Sources, IReadOnlyList<PushedBefore> Pushed,
    IReadOnlyDictionary<string, string>? Masked = null, bool Filtered = false);

/// <summary>The row that a lookup answered with.</summary>
/// <param name="From"><c>generation</c> or <c>push</c>.</param>
/// <param name="EventTime">When it became so; of windows, the moment that they are of.</param>
/// <param name="Origin">The dataset version that the row came from; null for a row that was pushed and not sealed yet.</param>
/// <param name="TooOld">Whether the time to live was over.</param>
/// <param name="Values">By feature.</param>
public sealed record ServedRow(
    string From, DateTimeOffset EventTime, NodeId? Origin, bool TooOld, IReadOnlyDictionary<string, JsonElement> Values);

/// <summary>The events of a key in a dataset version.</summary>
/// <param name="Version">Of the dataset.</param>
/// <param name="Count">How many count.</param>
/// <param name="Events">The latest 100 of them, the latest first.</param>
public sealed record SourceEvents(NodeId Version, long Count, IReadOnlyList<EventOrigin> Events);

/// <summary>A row that was pushed.</summary>
/// <param name="PushPosition">In the push log.</param>
/// <param name="EventTime">When it became so.</param>
/// <param name="PushedAt">When it came.</param>
/// <param name="PushedBy">The principal that sent it.</param>
/// <param name="Run">That it was sent for; null for none.</param>
/// <param name="Values">By feature.</param>
public sealed record PushedBefore(
    long PushPosition, DateTimeOffset EventTime, DateTimeOffset PushedAt, string PushedBy, NodeId? Run,
    IReadOnlyDictionary<string, JsonElement> Values);
