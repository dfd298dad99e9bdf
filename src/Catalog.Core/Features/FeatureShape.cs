namespace Catalog.Features;

/// <summary>What one feature must be: its type, its column and its aggregation fit each other.</summary>
internal static class FeatureShape
{
    public static IEnumerable<FeatureFault> Check(Feature feature, string field)
    {
        if (FeatureType.Check(feature.Type) is { } wrong)
            yield return new($"{field}.type", $"of '{feature.Name}' is unknown: {wrong}");
        if (feature.Column is { } column && Names.Check(column) is { } badColumn)
            yield return new($"{field}.column", $"{badColumn}: it names the source's column that '{feature.Name}' is made of.");
        if (feature.Column is null && feature.Aggregation is not { Function: AggregateFunction.Count })
        {
            yield return new(
                $"{field}.column", $"must name the source's column that '{feature.Name}' is made of; only a count needs none.");
        }

        if (feature.Aggregation is not { } aggregation)
            yield break;
        if (!Enum.IsDefined(aggregation.Function))
            yield return new($"{field}.aggregation.function", "must be one of " + Aggregations.List + ".");
        else if (FeatureType.Check(feature.Type) is null && WrongType(aggregation.Function, feature.Type) is { } type)
            yield return new($"{field}.type", $"of '{feature.Name}' {type}");
        if (FeatureRules.WrongSpan(aggregation.Window) is { } window)
            yield return new($"{field}.aggregation.window", $"of '{feature.Name}' {window}");
    }

    private static string? WrongType(AggregateFunction function, string type) => function switch
    {
        AggregateFunction.Count when type != "int64" => $"must be int64: that is what a count is, not {type}.",
        AggregateFunction.Sum when type is not ("int64" or "float64") =>
            $"must be int64, for a sum of whole numbers, or float64, for one of floating-point numbers, not {type}.",
        AggregateFunction.Mean when type != "float64" => $"must be float64: that is what a mean is, not {type}.",
        AggregateFunction.Min or AggregateFunction.Max when !IsOrdered(type) =>
            $"must be a number of 64 bits at most (and no uint64), a bool, a date or a time, not {type}.",
        AggregateFunction.Last when !FeatureType.IsScalar(type) => $"must be one value: the last of lists is not kept, so not {type}.",
        _ => null,
    };

    // What takes 64 bits at most and whose order is that of a number: windows keep a million of them.
    private static bool IsOrdered(string type) =>
        FeatureType.IsFloat(type)
        || (FeatureType.IsInteger(type) && type != "uint64")
        || type is "bool" or "date"
        || type.StartsWith("time", StringComparison.Ordinal);
}
