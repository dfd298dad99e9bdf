namespace Catalog.Features;

/// <summary>What a definition changes against the one before, field by field.</summary>
public sealed record FeatureChange(IReadOnlyList<FeatureDifference> Differences)
{
    public bool IsNone => Differences.Count == 0;

    /// <summary>
    /// Whether every value that was there stays as it was: features came at the end, and nothing else changed. Any other change makes a
    /// version of its own, beside the one before.
    /// </summary>
    public bool IsCompatible => Differences.All(d => d.Compatible);

    /// <param name="before">Null where there was none: then all is new.</param>
    /// <param name="after">The definition asked for.</param>
    public static FeatureChange Of(FeatureDefinition? before, FeatureDefinition after) =>
        before is null ? new([.. Compare(before, after).Select(d => d with { Compatible = true })])
        : before.Hash() == after.Hash() ? new([])
        : new([.. Compare(before, after)]);

    private static IEnumerable<FeatureDifference> Compare(FeatureDefinition? before, FeatureDefinition after)
    {
        foreach (var difference in Fields(before is null ? [] : Outside(before), Outside(after)))
            yield return difference;

        var (was, now) = (before?.Features ?? [], after.Features);
        var old = was.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var next = now.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in was.Where(f => !next.Contains(f.Name)))
            yield return new($"features.{gone.Name}", Text(gone), To: null, Compatible: false);
        foreach (var feature in now.Where(f => !old.ContainsKey(f.Name)))
            yield return new($"features.{feature.Name}", From: null, Text(feature), Compatible: true);
        foreach (var feature in now.Where(f => old.TryGetValue(f.Name, out var earlier) && earlier != f))
            yield return new($"features.{feature.Name}", Text(old[feature.Name]), Text(feature), Compatible: false);
        if (!IsInOrder([.. was.Select(f => f.Name).Where(next.Contains)], [.. now.Select(f => f.Name)]))
            yield return new("features", List(was), List(now), Compatible: false);
    }

    /// <summary>Whether those that stay come first, in the order that they had.</summary>
    private static bool IsInOrder(IReadOnlyList<string> stayed, IReadOnlyList<string> now) =>
        now.Take(stayed.Count).SequenceEqual(stayed, StringComparer.Ordinal);

    private static IEnumerable<FeatureDifference> Fields(
        IReadOnlyList<(string Field, string Text)> before, IReadOnlyList<(string Field, string Text)> after)
    {
        var was = before.ToDictionary(f => f.Field, f => f.Text, StringComparer.Ordinal);
        var now = after.ToDictionary(f => f.Field, f => f.Text, StringComparer.Ordinal);
        foreach (var (field, text) in before.Where(f => now.GetValueOrDefault(f.Field) != f.Text))
            yield return new(field, text, now.GetValueOrDefault(field), Compatible: false);
        foreach (var (field, text) in after.Where(f => !was.ContainsKey(f.Field)))
            yield return new(field, From: null, text, Compatible: false);
    }

    /// <summary>All but the features, by field. Fields without a value are not there.</summary>
    private static IReadOnlyList<(string Field, string Text)> Outside(FeatureDefinition definition)
    {
        var source = definition.Source;
        (string, string?)[] fields =
        [
            ("entities", string.Join(", ", definition.Entities.Select(e => e.Name))),
            .. definition.Entities.Select(e => ($"entities.{e.Name}", (string?)string.Join(", ", e.Keys.Select(Text)))),
            ("source.dataset", source.Dataset.ToString()),
            ("source.eventTime", source.EventTime),
            ("source.createdTime", source.CreatedTime),
            ("source.timeZone", source.TimeZone),
            ("source.ties", source.Ties is TieRule.Last ? "last" : "first"),
            ("timeToLive", definition.TimeToLive is { } span ? SpanText.Write(span) : null),
        ];
        return [.. fields.Where(f => !string.IsNullOrEmpty(f.Item2)).Select(f => (f.Item1, f.Item2 ?? ""))];
    }

    private static string Text(EntityKey key) => $"{key.Name}: {key.Type} = {key.Column}";

    /// <summary><c>float64 = mean(delay) over 7d</c>, or <c>string = carrier</c>.</summary>
    private static string Text(Feature feature) => feature.Aggregation is { } aggregation
        ? $"{feature.Type} = {Aggregations.Write(aggregation.Function)}({feature.Column}) over {SpanText.Write(aggregation.Window)}"
        : $"{feature.Type} = {feature.Column}";

    private static string List(IEnumerable<Feature> features) => string.Join(", ", features.Select(f => f.Name));
}

/// <summary>A field that differs.</summary>
/// <param name="Field">By names: <c>features.delay_mean_7d</c>, <c>source.eventTime</c>.</param>
/// <param name="From">What it was, in words; null where it was not there.</param>
/// <param name="To">What it is to be; null where it goes.</param>
/// <param name="Compatible">Whether every value that was there stays as it was.</param>
public sealed record FeatureDifference(string Field, string? From, string? To, bool Compatible);
