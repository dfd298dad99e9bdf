using System.Globalization;
using System.Numerics;

namespace Catalog.Integrity;

/// <summary>
/// The smallest and largest value and the number of nulls of a column; null where unknown. Values are in text: numbers in plain decimal
/// (doubles in any form .NET reads), dates and times in ISO 8601, binary as lower-case hexadecimal.
/// </summary>
public sealed record ColumnStatistics(string? Min, string? Max, long? Nulls)
{
    public static ColumnStatistics Unknown { get; } = new(Min: null, Max: null, Nulls: null);

    /// <summary>
    /// The statistics over two files. Numbers are compared by value, dates, times and texts by code point; what one file does not know, or
    /// what cannot be compared (NaN, a text that is not of <paramref name="type"/>, types without order), is unknown in the result.
    /// </summary>
    public static ColumnStatistics Merge(string type, ColumnStatistics a, ColumnStatistics b) => new(
        Pick(type, a.Min, b.Min, order => order <= 0),
        Pick(type, a.Max, b.Max, order => order >= 0),
        Sum(a.Nulls, b.Nulls));

    /// <summary>
    /// The statistics over many files, given with their row counts. A file in which every row is null has no smallest or largest value to
    /// know, so it adds its nulls and nothing else. No files: nothing is known.
    /// </summary>
    public static ColumnStatistics MergeAll(string type, IEnumerable<(ColumnStatistics Statistics, long? Rows)> files)
    {
        var merged = new ColumnStatisticsMerge();
        foreach (var (statistics, rows) in files)
        {
            merged.Add(type, statistics, rows);
        }

        return merged.Result();
    }

    /// <summary>Unknown where one is, and where no number can hold the sum.</summary>
    internal static long? Sum(long? a, long? b) =>
        a is { } x && b is { } y && (Int128)x + y is var sum && sum <= long.MaxValue ? (long)sum : null;

    private static string? Pick(string type, string? a, string? b, Func<int, bool> first) =>
        a is not null && b is not null && Compare(type, a, b) is { } order ? (first(order) ? a : b) : null;

    /// <summary>
    /// Compares two values of a type in their text: less than 0, 0 or more than 0 as the first comes before the second, is it, or comes
    /// after; null where they cannot be compared (NaN, a text that is not of the type, types without order).
    /// </summary>
    public static int? Compare(string type, string a, string b) => Family(type) switch
    {
        "int" or "uint" => (Integer(a), Integer(b)) is ({ } x, { } y) ? x.CompareTo(y) : null,
        "float" => (Float(a), Float(b)) is ({ } x, { } y) ? x.CompareTo(y) : null,
        "decimal" => (Decimal(a), Decimal(b)) is ({ } x, { } y) ? Compare(x, y) : null,
        "date" or "timestamp" => HasYear(a) && HasYear(b) ? CompareTimes(a, b) : null,
        "time" => CompareTimes(a, b),
        "string" or "uuid" or "binary" or "fixed_binary" or "bool" => LogicalPath.Compare(a, b),
        _ => null,
    };

    /// <summary>The type without width or arguments.</summary>
    private static string Family(string type) =>
        type.IndexOf('(', StringComparison.Ordinal) is var at && at < 0 ? type.TrimEnd("0123456789".ToCharArray()) : type[..at];

    private static BigInteger? Integer(string text) =>
        BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static double? Float(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && !double.IsNaN(value) ? value : null;

    /// <summary>Digits and scale: a column may have 76 digits, more than System.Decimal.</summary>
    private static (BigInteger Digits, int Scale)? Decimal(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return Integer(point < 0 ? text : text.Remove(point, 1)) is { } digits ? (digits, point < 0 ? 0 : text.Length - point - 1) : null;
    }

    private static int Compare((BigInteger Digits, int Scale) a, (BigInteger Digits, int Scale) b)
    {
        var scale = Math.Max(a.Scale, b.Scale);
        return (a.Digits * BigInteger.Pow(10, scale - a.Scale)).CompareTo(b.Digits * BigInteger.Pow(10, scale - b.Scale));
    }

    /// <summary>Years before 0 or after 9999 do not sort as text.</summary>
    private static bool HasYear(string text) => text.Length >= 5 && text[4] == '-' && !text.AsSpan(0, 4).ContainsAnyExceptInRange('0', '9');

    /// <summary>Fractions may be shorter on one side, and then Z would be compared with a digit or a point.</summary>
    private static int CompareTimes(string a, string b) => string.CompareOrdinal(a.TrimEnd('Z'), b.TrimEnd('Z'));
}
