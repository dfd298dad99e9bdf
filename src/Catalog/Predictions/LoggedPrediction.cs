namespace Catalog.Predictions;

/// <summary>What was decided with a model, as it is kept. What is JSON is text, on one line.</summary>
/// <param name="Model">By number.</param>
/// <param name="RequestId">The inference service's own; a model has each once.</param>
/// <param name="At">When it was decided.</param>
/// <param name="LoggedAt">When it was taken.</param>
/// <param name="LoggedBy">Whose key it came with.</param>
/// <param name="Run">The run that it was decided for; null where none was named.</param>
/// <param name="Keys">An object: of whom it was decided.</param>
/// <param name="Features">An object: the values that the model saw; null where they were not handed back.</param>
/// <param name="Output">Any value.</param>
/// <param name="Receipt">A <see cref="SeenFeatures"/>; null where none was handed back.</param>
internal sealed record LoggedPrediction(
    NodeId Model, string RequestId, DateTimeOffset At, DateTimeOffset LoggedAt, string LoggedBy, Guid? Run, string Keys, string? Features,
    string Output, string? Receipt)
{
    /// <summary>About what it takes in memory.</summary>
    public long Bytes => Overhead + 2 * (
        RequestId.Length + LoggedBy.Length + Keys.Length + (Features?.Length ?? 0) + Output.Length + (Receipt?.Length ?? 0));

    private const int Overhead = 256;
}

/// <summary>Where the features came from that a decision was made with: one row of what a lookup answered with.</summary>
/// <param name="Stale">Whether something may have been older than what the catalog had.</param>
/// <param name="Views">In the order of the answer.</param>
public sealed record SeenFeatures(bool Stale, IReadOnlyList<SeenView> Views);

/// <param name="View">The version of the feature view.</param>
/// <param name="Tier">Which place answered: memory, redis or offline.</param>
/// <param name="Generation">That served the view; null where none did.</param>
/// <param name="EventTime">When the row became so; null where there was none.</param>
/// <param name="Origin">The dataset version that the row came from, or <c>push</c>; null where there was none.</param>
/// <param name="Position">Of that dataset version in the log.</param>
public sealed record SeenView(
    NodeId View, string? Tier, NodeId? Generation, DateTimeOffset? EventTime, string? Origin, long? Position = null);

/// <summary>Names that come of a model's.</summary>
internal static class PredictionNames
{
    private const string Suffix = ".predictions";

    /// <summary>The name of the dataset that a model's predictions are kept in, beside the model.</summary>
    public static string Of(string model) => model + Suffix;

    /// <summary>The dataset that a model's predictions are kept in.</summary>
    public static NodeId DatasetOf(NodeId model) => NodeId.Dataset(model.Namespace, Of(model.Name));

    /// <summary>Whether a dataset is called as one of predictions is.</summary>
    public static bool IsOf(NodeId dataset) => dataset.Name.EndsWith(Suffix, StringComparison.Ordinal);
}
