using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>How a column is compared.</summary>
public enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    IsNull,
    IsNotNull,
}

/// <summary>
/// What the values of a column have to meet. A null meets <see cref="Comparison.IsNull"/> and nothing else. Numbers compare by value,
/// exactly, times by instant, text and bytes by their bytes; NaN meets <see cref="Comparison.NotEqual"/> alone.
/// </summary>
/// <param name="Column">A top-level column that is not nested.</param>
/// <param name="Values">
/// One value; for <see cref="Comparison.In"/> any number; for the last two none. Whole numbers and <see cref="decimal"/> for columns of
/// whole numbers and decimals, whole numbers and <see cref="double"/> for those of floats; <see cref="bool"/>; <see cref="string"/>;
/// <see cref="byte"/> arrays; <see cref="Guid"/>; <see cref="DateOnly"/>; <see cref="TimeOnly"/>; <see cref="DateTimeOffset"/> where the
/// column counts from an instant, and <see cref="DateTime"/> without a kind where it has no zone.
/// </param>
public sealed record Condition(string Column, Comparison Comparison, params IReadOnlyList<object> Values)
{
    private static readonly Dictionary<string, Comparison> s_symbols = new(StringComparer.OrdinalIgnoreCase)
    {
        ["="] = Comparison.Equal,
        ["!="] = Comparison.NotEqual,
        ["<"] = Comparison.Less,
        ["<="] = Comparison.LessOrEqual,
        [">"] = Comparison.Greater,
        [">="] = Comparison.GreaterOrEqual,
        ["in"] = Comparison.In,
        ["is null"] = Comparison.IsNull,
        ["is not null"] = Comparison.IsNotNull,
    };

    /// <summary>Checks that values of a column can be compared so.</summary>
    /// <exception cref="ScanException"><see cref="ScanException.BadCondition"/>, naming the column and what it can be compared with.
    /// </exception>
    public void CheckFits(Field field) => RowTests.Of(this, field);

    /// <summary>A comparison as people write it: <c>=, !=, &lt;, &lt;=, &gt;, &gt;=, in, is null, is not null</c>.</summary>
    /// <exception cref="ScanException"><see cref="ScanException.BadCondition"/>: there is no such operator.</exception>
    public static Comparison ComparisonOf(string symbol) => s_symbols.TryGetValue(symbol, out var comparison)
        ? comparison
        : throw new ScanException(
            ScanException.BadCondition, $"'{symbol}' is no operator; there are {string.Join(", ", s_symbols.Keys)}.");
}
