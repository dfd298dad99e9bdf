using System.Text.Json;

namespace Catalog.Server.Doors.Online;

/// <summary>What is asked of <c>POST /v1/features/read</c>.</summary>
/// <param name="Keys">By name of the key, a value for each row; null for none.</param>
/// <param name="Service">A feature service: namespace/name, or a name that one namespace has. Either this or features.</param>
/// <param name="Features">Features: view:feature or namespace/view:feature, with or without a version: view@2:feature.</param>
/// <param name="Receipt">Whether to say where each row comes from.</param>
internal sealed record FeatureQuestion(
    IReadOnlyDictionary<string, JsonElement> Keys, string? Service = null, IReadOnlyList<string>? Features = null, bool Receipt = false);

/// <summary>Values of features, by column and row.</summary>
/// <param name="Columns">In the order asked.</param>
/// <param name="Views">That the columns are of.</param>
/// <param name="Stale">Whether something may be older than what the catalog has.</param>
internal sealed record FeatureValues(IReadOnlyList<FeatureValueColumn> Columns, IReadOnlyList<FeatureValueView> Views, bool Stale);

/// <param name="View">Which of the views it is of, from 0.</param>
/// <param name="Name">Of the feature.</param>
/// <param name="Type">As its definition has it; of JSON that is masked, <c>string</c>.</param>
/// <param name="Values">By row; null for none.</param>
/// <param name="Statuses">By row: present, nullValue, notFound or outsideMaxAge; left out where all are present.</param>
/// <param name="Mask">What is shown instead of the values: hash, null and so on; left out where they are shown as they are.</param>
internal sealed record FeatureValueColumn(
    int View, string Name, string Type, IReadOnlyList<JsonElement> Values, IReadOnlyList<string>? Statuses = null, string? Mask = null);

/// <param name="Node">The version of the feature view.</param>
/// <param name="Tier">Which place answered: memory, redis or offline.</param>
/// <param name="EventTimes">By row, when it became so; null where there is no row.</param>
/// <param name="Generation">Where a receipt was asked for: the generation that serves the view, if there is one.</param>
/// <param name="Origins">
/// Where a receipt was asked for, by row: the dataset version that it came from, or <c>push</c> for a row that came by itself.
/// </param>
/// <param name="Run">Where a receipt was asked for: the run that made the generation.</param>
/// <param name="Positions">Where a receipt was asked for, by row: the log position of the dataset version; null for a pushed row.</param>
/// <param name="Filtered">True where rows are left out that the caller may not see; they are answered as not found.</param>
internal sealed record FeatureValueView(
    NodeId Node, string Tier, IReadOnlyList<DateTimeOffset?> EventTimes, NodeId? Generation = null, IReadOnlyList<string?>? Origins = null,
    NodeId? Run = null, IReadOnlyList<long?>? Positions = null, bool? Filtered = null);
