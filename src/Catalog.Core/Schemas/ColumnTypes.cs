using System.Globalization;

namespace Catalog.Schemas;

/// <summary>
/// The canonical, closed list of column types: <c>bool</c>, <c>int8</c> to <c>int64</c>, <c>uint8</c> to <c>uint64</c>, <c>float16</c> to
/// <c>float64</c>, <c>decimal(p,s)</c> (1 ≤ p ≤ 76, 0 ≤ s ≤ p), <c>string</c>, <c>binary</c>, <c>fixed_binary(bytes)</c>, <c>date</c>,
/// <c>time(ms|us|ns)</c>, <c>timestamp(s|ms|us|ns)</c> without a zone and <c>timestamp(…,UTC)</c> for instants, <c>interval</c>,
/// <c>list</c>, <c>map</c>, <c>struct</c>, <c>null</c>, <c>json</c>, <c>uuid</c>.
/// </summary>
public static class ColumnTypes
{
    internal const string List =
        "bool, int8 to int64, uint8 to uint64, float16, float32, float64, decimal(p,s), string, binary, fixed_binary(n), "
        + "date, time(ms|us|ns), "
        + "timestamp(s|ms|us|ns) with or without ',UTC', interval, list, map, struct, null, json and uuid";

    private static readonly string[] s_units = ["s", "ms", "us", "ns"];

    public static bool IsValid(string? type) => type switch
    {
        "bool" or "string" or "binary" or "date" or "interval" or "list" or "map" or "struct" or "null" or "json" or "uuid" => true,
        "int8" or "int16" or "int32" or "int64"
            or "uint8" or "uint16" or "uint32" or "uint64" or "float16" or "float32" or "float64" => true,
        "time(ms)" or "time(us)" or "time(ns)" => true,
        null => false,
        _ => Timestamp(type) is not null || Decimal(type) is not null || FixedBinary(type),
    };

    /// <summary>
    /// True when every value of one type has the same meaning in the other, so that old files can be read with the new schema.
    /// </summary>
    internal static bool Widens(string from, string to) =>
        from == "null"
        || WidensNumber(from, to)
        || (Decimal(from), Decimal(to)) is (var (p, s), var (q, t)) && s == t && p < q
        || (Timestamp(from), Timestamp(to)) is (var (u, zone), var (v, otherZone)) && zone == otherZone && u < v
        || (from == "date" && Timestamp(to) is (_, false))
        || (from, to) is ("time(ms)", "time(us)" or "time(ns)") or ("time(us)", "time(ns)");

    private static bool WidensNumber(string from, string to) => (Number(from), Number(to)) switch
    {
        (('i', var a), ('i', var b)) => a < b,
        (('u', var a), ('u', var b)) => a < b,
        (('u', var a), ('i', var b)) => a < b,
        (('f', var a), ('f', var b)) => a < b,
        (('i' or 'u', <= 32), ('f', 64)) => true,
        _ => false,
    };

    /// <summary>Class (i, u, f) and width in bits.</summary>
    private static (char Class, int Bits)? Number(string type) => type switch
    {
        "int8" => ('i', 8),
        "int16" => ('i', 16),
        "int32" => ('i', 32),
        "int64" => ('i', 64),
        "uint8" => ('u', 8),
        "uint16" => ('u', 16),
        "uint32" => ('u', 32),
        "uint64" => ('u', 64),
        "float16" => ('f', 16),
        "float32" => ('f', 32),
        "float64" => ('f', 64),
        _ => null,
    };

    /// <summary>Precision and scale.</summary>
    private static (int Precision, int Scale)? Decimal(string type) =>
        Arguments(type, "decimal") is { } text && text.Split(',') is [var first, var second]
        && Count(first) is { } precision and >= 1 and <= 76 && Count(second) is { } scale && scale <= precision
            ? (precision, scale)
            : null;

    /// <summary>Unit, from 0 for seconds to 3 for nanoseconds, and whether it is an instant in UTC.</summary>
    private static (int Unit, bool Utc)? Timestamp(string type)
    {
        if (Arguments(type, "timestamp") is not { } text)
        {
            return null;
        }

        var utc = text.EndsWith(",UTC", StringComparison.Ordinal);
        var unit = Array.IndexOf(s_units, utc ? text[..^4] : text);
        return unit < 0 ? null : (unit, utc);
    }

    private static bool FixedBinary(string type) => Arguments(type, "fixed_binary") is { } text && Count(text) is >= 1;

    private static string? Arguments(string type, string name) =>
        type.Length > name.Length + 2 && type.StartsWith(name, StringComparison.Ordinal) && type[name.Length] == '(' && type[^1] == ')'
            ? type[(name.Length + 1)..^1]
            : null;

    private static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (text is "0" || text[0] != '0')
            ? number
            : null;
}
