using System.Globalization;
using Catalog.Features;

namespace Catalog.Hot;

/// <summary>How the bytes of a value in a packed row are to be read.</summary>
public enum HotKind
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64,

    /// <summary>Days since 1970 in 32 bits.</summary>
    Date,

    /// <summary>Since midnight: milliseconds in 32 bits; micro- and nanoseconds in 64.</summary>
    Time,

    /// <summary>Since 1970, in 64 bits.</summary>
    Timestamp,

    /// <summary>A number of 128 or 256 bits, little-endian, to be divided by a power of ten.</summary>
    Decimal,

    /// <summary>Sixteen bytes, in the order of their text.</summary>
    Uuid,

    /// <summary>As many bytes as the type says; an <c>interval</c>, too: months, days and milliseconds in 32 bits each.</summary>
    Bytes,

    /// <summary>UTF-8; also of JSON.</summary>
    Text,

    /// <summary>Bytes, as many as there are.</summary>
    Binary,

    /// <summary>A list of one of the others: see <see cref="HotList"/>.</summary>
    List,
}

/// <summary>The type of a feature as packed rows have it.</summary>
/// <param name="Name">As a definition writes it (<see cref="FeatureType"/>).</param>
/// <param name="Kind">How its bytes are read.</param>
/// <param name="Width">Bytes in the row; 8 for what is of any length, whose place and length they tell.</param>
public sealed record HotType(string Name, HotKind Kind, int Width)
{
    /// <summary>Whether the value's bytes lie behind the row's slots.</summary>
    public bool IsVariable => Kind is HotKind.Text or HotKind.Binary or HotKind.List;

    /// <summary>Of decimals: digits behind the point. Of times: how many there are in a second, as a power of ten.</summary>
    public int Scale { get; private init; }

    /// <summary>Of timestamps: whether it is an instant, or a local time.</summary>
    public bool IsInstant { get; private init; }

    /// <summary>Of lists.</summary>
    public HotType? Element { get; private init; }

    /// <exception cref="ArgumentException">It is no type of a feature.</exception>
    public static HotType Of(string type) => type switch
    {
        "bool" => new(type, HotKind.Bool, 1),
        "int8" => new(type, HotKind.Int8, 1),
        "int16" => new(type, HotKind.Int16, 2),
        "int32" => new(type, HotKind.Int32, 4),
        "int64" => new(type, HotKind.Int64, 8),
        "uint8" => new(type, HotKind.UInt8, 1),
        "uint16" => new(type, HotKind.UInt16, 2),
        "uint32" => new(type, HotKind.UInt32, 4),
        "uint64" => new(type, HotKind.UInt64, 8),
        "float16" => new(type, HotKind.Float16, 2),
        "float32" => new(type, HotKind.Float32, 4),
        "float64" => new(type, HotKind.Float64, 8),
        "date" => new(type, HotKind.Date, 4),
        "uuid" => new(type, HotKind.Uuid, 16),
        "interval" => new(type, HotKind.Bytes, 12),
        "string" or "json" => new(type, HotKind.Text, 8),
        "binary" => new(type, HotKind.Binary, 8),
        _ when FeatureType.DimensionsOf(type) is not null => List(type, "float32"),
        _ when FeatureType.ElementOf(type) is { } element => List(type, element),
        _ => WithArguments(type),
    };

    private static HotType List(string type, string element) => new(type, HotKind.List, 8) { Element = Of(element) };

    private static HotType WithArguments(string type) => type.Split('(', ',', ')') switch
    {
        ["decimal", var precision, var scale, ""] =>
            new(type, HotKind.Decimal, Number(precision) <= 38 ? 16 : 32) { Scale = Number(scale) },
        ["fixed_binary", var bytes, ""] => new(type, HotKind.Bytes, Number(bytes)),
        ["time", "ms", ""] => new(type, HotKind.Time, 4) { Scale = 3 },
        ["time", var unit, ""] => new(type, HotKind.Time, 8) { Scale = Digits(unit) },
        ["timestamp", var unit, ""] => new(type, HotKind.Timestamp, 8) { Scale = Digits(unit) },
        ["timestamp", var unit, "UTC", ""] => new(type, HotKind.Timestamp, 8) { Scale = Digits(unit), IsInstant = true },
        _ => throw new ArgumentException($"'{type}' is no type of a feature.", nameof(type)),
    };

    private static int Digits(string unit) => unit switch { "s" => 0, "ms" => 3, "us" => 6, _ => 9 };

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
