using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>What was decided with a model, to be kept.</summary>
/// <param name="RequestId">The inference service's own; a model has each once.</param>
/// <param name="Model">With the number of its version: <c>model:demo/flight-delay@3</c>.</param>
/// <param name="Keys">Of whom it was decided, as in the lookup. Values are given as <see cref="FeatureKeys"/> has them.</param>
/// <param name="Output">What was decided: anything that can be written as JSON.</param>
public sealed record Prediction(
    string RequestId,
    NodeId Model,
    IReadOnlyDictionary<string, object?> Keys,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] object? Output)
{
    /// <summary>Where the features came from: <see cref="FeatureRow.Receipt"/> of the row that it was decided with.</summary>
    public FeatureReceipt? Receipt { get; init; }

    /// <summary>The values that the model saw; null where the receipt is to tell them.</summary>
    public IReadOnlyDictionary<string, object?>? Features { get; init; }

    /// <summary>When it was decided; when the catalog takes it where left out.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>As the catalog reads it.</summary>
    internal Prediction Written() => this with { Keys = Written(Keys), Features = Features is { } features ? Written(features) : null };

    private static Dictionary<string, object?> Written(IReadOnlyDictionary<string, object?> values) =>
        values.ToDictionary(v => v.Key, v => FeatureKeys.Written(v.Value), StringComparer.Ordinal);
}

/// <summary>Where the features of a row came from, as the lookup answered.</summary>
/// <param name="Views">With one event time and origin each, or with those of all rows.</param>
/// <param name="Stale">Whether something may have been older than what the catalog had.</param>
/// <param name="Row">Which of the rows it is, from 0.</param>
public sealed record FeatureReceipt(IReadOnlyList<AnsweredView> Views, bool Stale = false, int Row = 0);

/// <summary>What became of predictions that were handed back.</summary>
/// <param name="Accepted">That are durable.</param>
/// <param name="Dropped">That are lost, for want of room or of a database; they were counted.</param>
public sealed record PredictionReceipt(int Accepted, int Dropped);

/// <summary>What is kept of a model's predictions.</summary>
/// <param name="Model">Without a version.</param>
/// <param name="Enabled">Whether predictions are taken.</param>
/// <param name="RetentionDays">For how long at least they are kept; null where they never were.</param>
/// <param name="Dataset">That they are kept in.</param>
/// <param name="Kept">In dataset versions.</param>
/// <param name="Waiting">Durable, and in no version yet.</param>
/// <param name="WaitingSince">Since when the oldest of those waits.</param>
/// <param name="Sealed">The newest version; null for none.</param>
/// <param name="SealedAt">When it was made.</param>
/// <param name="Lost">On all servers.</param>
/// <param name="ThisServer">What the server that answered knows by itself.</param>
public sealed record PredictionLog(
    [property: JsonRequired] NodeId Model, bool Enabled, int? RetentionDays, NodeId? Dataset, long Kept, long Waiting,
    DateTimeOffset? WaitingSince, NodeId? Sealed, DateTimeOffset? SealedAt, long Lost, PredictionCounts ThisServer);

/// <summary>What one server knows of predictions.</summary>
/// <param name="Since">When it began to count.</param>
/// <param name="Queued">Of all models, not durable yet.</param>
/// <param name="Lost">Of this model, since then.</param>
public sealed record PredictionCounts(DateTimeOffset Since, long Queued, long Lost);

/// <summary>Predictions became part of a dataset version.</summary>
/// <param name="Version">The newest; null where nothing was ever sealed.</param>
/// <param name="Predictions">That were sealed now.</param>
public sealed record SealedPredictions(NodeId? Version, long Predictions);

/// <summary>Whether and how long a model's predictions are kept.</summary>
public sealed record PredictionLogging(int RetentionDays, bool IsOn);

/// <summary>One decision, and what it rests on.</summary>
/// <param name="RequestId">The inference service's own.</param>
/// <param name="Model">By number.</param>
/// <param name="At">When it was decided.</param>
/// <param name="LoggedAt">When the catalog took it.</param>
/// <param name="LoggedBy">Whose key it came with.</param>
/// <param name="Run">That it was decided for; null for none.</param>
/// <param name="Keys">Of whom it was decided, by name.</param>
/// <param name="Features">The values that the model saw, by name; null where they were not handed back.</param>
/// <param name="Output">What was decided.</param>
/// <param name="Receipt">Where the features came from.</param>
/// <param name="SealedIn">The dataset version that it came with; null while it waits.</param>
/// <param name="File">The file of that version.</param>
/// <param name="TrainedBy">The run that made the model's version.</param>
/// <param name="ModelContentHash">Of the artifacts of the model's version.</param>
/// <param name="TrainedOn">What that run read.</param>
/// <param name="Generations">Of the features that it was decided with.</param>
/// <param name="Versions">The dataset versions behind all this, each once, from near to far.</param>
/// <param name="Truncated">Whether there are more of them.</param>
public sealed record TracedPrediction(
    [property: JsonRequired] string RequestId, [property: JsonRequired] NodeId Model, DateTimeOffset At, DateTimeOffset LoggedAt,
    string LoggedBy, NodeId? Run, JsonElement Keys, JsonElement? Features, JsonElement Output, SeenFeatures? Receipt, NodeId? SealedIn,
    string? File, NodeId? TrainedBy, string? ModelContentHash, IReadOnlyList<NodeId> TrainedOn,
    IReadOnlyList<TracedGeneration> Generations, IReadOnlyList<TracedVersion> Versions, bool Truncated);

/// <summary>Where the features came from that a decision was made with.</summary>
/// <param name="Stale">Whether something may have been older than what the catalog had.</param>
/// <param name="Views">In the order of the lookup's answer.</param>
public sealed record SeenFeatures(bool Stale, IReadOnlyList<SeenView> Views);

/// <summary>A view that features came from.</summary>
/// <param name="View">By number.</param>
/// <param name="Tier">Which place answered.</param>
/// <param name="Generation">That served the view; null where none did.</param>
/// <param name="EventTime">When the row became so.</param>
/// <param name="Origin">The dataset version that the row came from, or <c>push</c>.</param>
/// <param name="Position">Of that dataset version in the log.</param>
public sealed record SeenView(
    NodeId View, string? Tier, NodeId? Generation, DateTimeOffset? EventTime, string? Origin, long? Position = null);

/// <summary>Values of a view that a decision was made with.</summary>
/// <param name="Generation">Its node.</param>
/// <param name="View">By number.</param>
/// <param name="AsOf">The time that its values hold at.</param>
/// <param name="BuiltAt">When it was recorded.</param>
/// <param name="PushedThrough">Rows that were pushed up to this position are in it.</param>
/// <param name="Run">That computed it.</param>
/// <param name="Sha256">Of its bytes.</param>
/// <param name="Sources">The dataset versions that it was made of.</param>
public sealed record TracedGeneration(
    NodeId Generation, NodeId View, DateTimeOffset AsOf, DateTimeOffset BuiltAt, long PushedThrough, NodeId? Run, string Sha256,
    IReadOnlyList<NodeId> Sources);

/// <summary>A dataset version that a decision rests on.</summary>
/// <param name="Version">By number.</param>
/// <param name="Position">In the log.</param>
/// <param name="ContentHash">Of its files; null while it is only observed.</param>
/// <param name="ManifestHash">Of the list of them.</param>
/// <param name="CommittedAt">When it entered the catalog.</param>
/// <param name="Run">That made it; null where it was brought as it is.</param>
/// <param name="MadeOf">What that run read.</param>
/// <param name="Files">How many there are.</param>
/// <param name="FirstFiles">The first 20, by path.</param>
public sealed record TracedVersion(
    NodeId Version, long? Position, string? ContentHash, string? ManifestHash, DateTimeOffset CommittedAt, NodeId? Run,
    IReadOnlyList<NodeId> MadeOf, long Files, IReadOnlyList<TracedFile> FirstFiles);

/// <summary>A file of a dataset version.</summary>
/// <param name="Path">In the version.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Of its bytes; empty while the version is only observed.</param>
public sealed record TracedFile(string Path, long Bytes, string Sha256);
