using System.Globalization;

namespace Catalog.Features;

/// <summary>What a definition of a service changes against the one before, field by field. Any change makes a version.</summary>
public static class FeatureServiceChange
{
    /// <param name="before">Null where there was none: then all is new.</param>
    /// <param name="after">The definition asked for.</param>
    public static IReadOnlyList<FeatureDifference> Of(FeatureServiceDefinition? before, FeatureServiceDefinition after)
    {
        if (before == after)
            return [];
        var (was, now) = (Fields(before), Fields(after));
        var isNew = before is null;
        return
        [
            .. was.Keys.Union(now.Keys, StringComparer.Ordinal)
                .Where(field => was.GetValueOrDefault(field) != now.GetValueOrDefault(field))
                .Select(field => new FeatureDifference(field, was.GetValueOrDefault(field), now.GetValueOrDefault(field), isNew)),
            .. before is not null && Order(before, after) is { } order ? [order] : Array.Empty<FeatureDifference>(),
        ];
    }

    /// <summary>Fields without a value are not there.</summary>
    private static Dictionary<string, string> Fields(FeatureServiceDefinition? definition)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var served in definition?.Views ?? [])
            fields[$"views.{Name(served.View)}"] = Text(served);
        if (definition?.LatencyTarget is { } span)
            fields["latencyTarget"] = SpanText.Write(span);
        if (definition?.Availability is { } part)
            fields["availability"] = part.ToString(CultureInfo.InvariantCulture);
        return fields;
    }

    private static FeatureDifference? Order(FeatureServiceDefinition before, FeatureServiceDefinition after)
    {
        var (was, now) = (Names(before), Names(after));
        return was.Order(StringComparer.Ordinal).SequenceEqual(now.Order(StringComparer.Ordinal)) && !was.SequenceEqual(now)
            ? new("views", string.Join(", ", was), string.Join(", ", now), Compatible: false)
            : null;
    }

    private static IReadOnlyList<string> Names(FeatureServiceDefinition definition) => [.. definition.Views.Select(v => Name(v.View))];

    private static string Name(NodeId view) => $"{view.Namespace}/{view.Name}";

    /// <summary><c>@2</c>, or <c>@2: delay, carrier</c>.</summary>
    private static string Text(ServedView served) =>
        $"@{served.View.Version ?? "latest"}" + (served.Features is { } features ? $": {string.Join(", ", features)}" : "");
}
