namespace Catalog.Features;

/// <summary>What a definition must be in itself, whatever its source holds.</summary>
public static class FeatureRules
{
    public const int MaxFeatures = 2_000;
    public const int MaxKeys = 32;

    /// <summary>How many columns of its source a view can aggregate: an event keeps a bit for each that it has a value of.</summary>
    public const int MaxAggregatedColumns = 31;

    /// <summary>The longest window and time to live: 100 years.</summary>
    public static readonly TimeSpan MaxSpan = TimeSpan.FromDays(36_525);

    /// <summary>All that is wrong, from its first field to its last; nothing where it may be used.</summary>
    public static IReadOnlyList<FeatureFault> Check(FeatureDefinition definition) =>
    [
        .. Entities(definition.Entities),
        .. Source(definition.Source),
        .. Features(definition),
        .. TimeToLive(definition),
    ];

    private static IEnumerable<FeatureFault> Entities(IReadOnlyList<Entity> entities)
    {
        if (entities.Sum(e => e.Keys.Count) > MaxKeys)
            yield return new("entities", $"must have at most {MaxKeys} keys together.");
        var (names, keys) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (i, entity) in entities.Index())
        {
            var field = $"entities[{i}]";
            if (Name(entity.Name, names, "entity") is { } wrong)
                yield return new($"{field}.name", wrong);
            if (entity.Keys.Count == 0)
                yield return new($"{field}.keys", $"must hold a key at least: '{entity.Name}' has none.");
            foreach (var fault in entity.Keys.SelectMany((key, k) => Key(key, $"{field}.keys[{k}]", keys)))
                yield return fault;
        }
    }

    private static IEnumerable<FeatureFault> Key(EntityKey key, string field, HashSet<string> names)
    {
        if (Name(key.Name, names, "key") is { } wrong)
            yield return new($"{field}.name", wrong);
        if (!FeatureType.IsKey(key.Type))
        {
            yield return new(
                $"{field}.type",
                $"of the key '{key.Name}' must be a type whose values can be told apart, such as string, int64, date or uuid, "
                + $"not '{key.Type}'.");
        }

        if (Names.Check(key.Column) is { } column)
            yield return new($"{field}.column", $"{column}: it names the source's column that holds '{key.Name}'.");
    }

    private static IEnumerable<FeatureFault> Source(FeatureSource source)
    {
        if (source.Dataset is not { Kind: NodeKind.Dataset, Version: null, Column: null })
        {
            yield return new(
                "source.dataset", $"must be a dataset without a version, such as dataset:demo/flights, not '{source.Dataset}'.");
        }

        if (Names.Check(source.EventTime) is { } eventTime)
            yield return new("source.eventTime", $"{eventTime}: it names the column that says when a row became so.");
        if (source.CreatedTime is { } created && Names.Check(created) is { } createdTime)
            yield return new("source.createdTime", $"{createdTime}: it names the column that says when a row was written.");
        if (source.CreatedTime is not null && source.CreatedTime == source.EventTime)
            yield return new("source.createdTime", $"must be another column than the event time, which is '{source.EventTime}', too.");
        if (source.TimeZone is { } zone && !IsZone(zone))
            yield return new("source.timeZone", $"must be a name of the IANA time zone database, such as America/Chicago, not '{zone}'.");
        if (!Enum.IsDefined(source.Ties))
            yield return new("source.ties", "must be 'last' or 'first'.");
    }

    private static IEnumerable<FeatureFault> Features(FeatureDefinition definition)
    {
        var features = definition.Features;
        if (features.Count is 0 or > MaxFeatures)
            yield return new("features", $"must be from 1 to {MaxFeatures} features, not {features.Count}.");
        if (features.Where(f => f.Aggregation is not null).Select(f => f.Column).OfType<string>().Distinct().Count() > MaxAggregatedColumns)
            yield return new("features", $"must aggregate at most {MaxAggregatedColumns} different columns: make two views of it.");
        if (features.Any(f => f.Aggregation is null) && definition.IsAggregated())
        {
            yield return new(
                "features",
                "must all be aggregations, or all be columns as they are: make a view of each, since one is computed over windows and the "
                + $"other is not ('{features.First(f => f.Aggregation is not null).Name}' is aggregated, "
                + $"'{features.First(f => f.Aggregation is null).Name}' is not).");
        }

        var keys = definition.Keys().Select(k => k.Name).ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, feature) in features.Index())
        {
            if (keys.Contains(feature.Name))
                yield return new($"features[{i}].name", $"must not be '{feature.Name}': a key has that name, and rows hold both.");
            if (Name(feature.Name, names, "feature") is { } wrong)
                yield return new($"features[{i}].name", wrong);
            foreach (var fault in FeatureShape.Check(feature, $"features[{i}]"))
                yield return fault;
        }
    }

    private static IEnumerable<FeatureFault> TimeToLive(FeatureDefinition definition)
    {
        if (definition.TimeToLive is not { } span)
            yield break;
        if (definition.IsAggregated())
            yield return new("timeToLive", "must be left out of a view of aggregations: their windows say how far back they look.");
        if (WrongSpan(span) is { } wrong)
            yield return new("timeToLive", wrong);
    }

    internal static string? WrongSpan(TimeSpan span) =>
        span <= TimeSpan.Zero || span > MaxSpan
            ? $"must be more than nothing and at most {SpanText.Write(MaxSpan)} (100 years), not {SpanText.Write(span)}."
        : span.Ticks % TimeSpan.TicksPerMicrosecond != 0 ? $"must be whole microseconds, not {SpanText.Write(span)}."
        : null;

    private static string? Name(string name, HashSet<string> taken, string thing) =>
        Names.Check(name) is { } wrong ? $"{wrong}."
        : taken.Add(name) ? null
        : $"must be another than '{name}': there is a {thing} of that name already.";

    private static bool IsZone(string zone) =>
        Names.Check(zone) is null && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) && found.HasIanaId && found.Id == zone;
}
