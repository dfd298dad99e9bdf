using System.Diagnostics.CodeAnalysis;

namespace Catalog.Features;

/// <summary>How aggregations are written: in lower case.</summary>
public static class Aggregations
{
    public const string List = "count, sum, mean, min, max, last";

    public static string Write(AggregateFunction function) => function switch
    {
        AggregateFunction.Count => "count",
        AggregateFunction.Sum => "sum",
        AggregateFunction.Mean => "mean",
        AggregateFunction.Min => "min",
        AggregateFunction.Max => "max",
        AggregateFunction.Last => "last",
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, $"The aggregations are {List}."),
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out AggregateFunction function)
    {
        foreach (var candidate in Enum.GetValues<AggregateFunction>())
        {
            if (text == Write(candidate))
            {
                function = candidate;
                return true;
            }
        }

        function = default;
        return false;
    }
}
