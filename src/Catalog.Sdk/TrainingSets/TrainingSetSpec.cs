using Catalog.Features.Training;

namespace Catalog.Sdk;

/// <summary>What a training set is to be made of. Versions that are left out are pinned to the newest when it is made.</summary>
/// <param name="Rows">The table whose rows get features.</param>
/// <param name="Views">What is joined to it, in order; none for rows as they are.</param>
/// <param name="KnownAt">
/// Leave out events that were written later, so that late data makes no difference. Each view then has to name its created time.
/// </param>
/// <param name="Splits">How rows are parted; the column <c>split</c> names a row's part.</param>
/// <param name="Owner">Of the dataset, where it is not there yet; who asks, unless told.</param>
/// <param name="Documentation">Of the dataset, where it is not there yet.</param>
/// <param name="Message">Why this version is made.</param>
public sealed record TrainingSetSpec(
    TrainingRows Rows,
    IReadOnlyList<TrainingView>? Views = null,
    DateTimeOffset? KnownAt = null,
    SplitRule? Splits = null,
    string? Owner = null,
    string? Documentation = null,
    string? Message = null);

/// <summary>The table whose rows get features.</summary>
/// <param name="Dataset">With a version, or the latest.</param>
/// <param name="EventTime">The column that says as of when features are wanted.</param>
/// <param name="TimeZone">Of that column, where it has none: a name of the IANA time zone database; UTC unless told.</param>
/// <param name="Columns">That stay, in order; all unless told.</param>
/// <param name="Filter">What rows have to meet, such as <c>cancelled = false</c>; all unless told.</param>
public sealed record TrainingRows(
    NodeId Dataset, string EventTime, string? TimeZone = null, IReadOnlyList<string>? Columns = null, string? Filter = null);

/// <summary>A feature view that is joined.</summary>
/// <param name="View">With a version, or the newest.</param>
/// <param name="As">What to call it here; columns are then <c>as__feature</c>. Needed where columns would have the same name.</param>
/// <param name="Keys">By key of the view, the rows' column that has it, where that is called differently.</param>
/// <param name="Features">Which of the view's, in order; all unless told.</param>
/// <param name="Source">The version that events come from; the latest unless told.</param>
public sealed record TrainingView(
    NodeId View,
    string? As = null,
    IReadOnlyDictionary<string, string>? Keys = null,
    IReadOnlyList<string>? Features = null,
    NodeId? Source = null);
