using System.Globalization;
using Catalog.Schemas;

namespace Catalog.Features;

/// <summary>
/// How types of features are written: a scalar of <see cref="ColumnTypes"/> (<c>int64</c>, <c>float64</c>, <c>string</c>,
/// <c>timestamp(us,UTC)</c>, <c>decimal(18,2)</c>, …), <c>list(scalar)</c>, or <c>embedding(n)</c>: a list of n <c>float32</c>.
/// </summary>
public static class FeatureType
{
    public const int MaxDimensions = 65_536;

    /// <summary>What is wrong with it, in a sentence, or null.</summary>
    public static string? Check(string type) =>
        IsScalar(type) || ElementOf(type) is { } element && IsScalar(element) || DimensionsOf(type) is not null
            ? null
            : $"'{type}' is no type of a feature. It is a scalar column type, such as int64, float64, string, bool, date, decimal(18,2) or "
                + $"timestamp(us,UTC); a list of one: list(int64); or embedding(n), with n from 1 to {MaxDimensions}.";

    /// <summary>Whether it is one value, and no list, struct or map.</summary>
    public static bool IsScalar(string type) => ColumnTypes.IsValid(type) && type is not ("list" or "struct" or "map" or "null");

    /// <summary>Whether values can be part of a key.</summary>
    public static bool IsKey(string type) => IsScalar(type) && type is not ("float16" or "float32" or "float64" or "interval" or "json");

    public static bool IsInteger(string type) =>
        type is "int8" or "int16" or "int32" or "int64" or "uint8" or "uint16" or "uint32" or "uint64";

    public static bool IsFloat(string type) => type is "float16" or "float32" or "float64";

    /// <summary>Of a list, its element's type; else null.</summary>
    public static string? ElementOf(string type) =>
        type.StartsWith("list(", StringComparison.Ordinal) && type.EndsWith(')') ? type[5..^1] : null;

    /// <summary>Of an embedding, how many numbers it has; else null.</summary>
    public static int? DimensionsOf(string type) =>
        type.StartsWith("embedding(", StringComparison.Ordinal) && type.EndsWith(')')
        && int.TryParse(type[10..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= MaxDimensions
            ? n
            : null;

    /// <summary>The column of a table that holds such values. Nullable: not every row has a value.</summary>
    public static Column ColumnOf(string name, string type) =>
        DimensionsOf(type) is not null ? List(name, "float32")
        : ElementOf(type) is { } element ? List(name, element)
        : new Column(name, type, Nullable: true);

    private static Column List(string name, string element) =>
        new(name, "list", Nullable: true, [new Column("element", element, Nullable: true)]);
}
