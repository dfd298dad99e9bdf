using Catalog.Features;

namespace Catalog.Cli.Printing;

/// <summary>A definition in words, for people.</summary>
internal static class DefinitionText
{
    public static string Entities(FeatureDefinition definition) =>
        string.Join('\n', definition.Entities.Select(e => $"{e.Name} ({string.Join(", ", e.Keys.Select(Key))})"));

    public static string Features(FeatureDefinition definition) => string.Join('\n', definition.Features.Select(Feature));

    /// <summary>The views of a service, each with the features that it chooses.</summary>
    public static string Views(FeatureServiceDefinition definition) => string.Join('\n', definition.Views.Select(v =>
        v.Features is { } features ? $"{v.View}: {string.Join(", ", features)}" : v.View.ToString()));

    public static string Times(FeatureSource source) =>
        string.Join(", ", new[] { source.EventTime, source.CreatedTime, source.TimeZone }.OfType<string>())
        + (source.Ties is TieRule.First ? ", of equal ones the first" : "");

    private static string Key(EntityKey key) =>
        $"{key.Name}: {key.Type}{(key.Column == key.Name ? "" : $" = {key.Column}")}";

    private static string Feature(Feature feature) => feature.Aggregation is { Function: var function, Window: var window }
        ? $"{feature.Name}: {feature.Type} = {Aggregations.Write(function)}({feature.Column}) over {SpanText.Write(window)}"
        : $"{feature.Name}: {feature.Type}{(feature.Column == feature.Name ? "" : $" = {feature.Column}")}";
}
