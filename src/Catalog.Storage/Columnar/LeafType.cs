using Parquet.Meta;
using static Parquet.Meta.Type;
using Type = Parquet.Meta.Type;

namespace Catalog.Storage.Columnar;

/// <summary>
/// The catalog's name for the type of a leaf column, and how its statistics are read (null: they have no order, or none worth trusting).
/// Follows LogicalTypes.md: the logical type where it fits the physical one, else the converted type, else the physical type alone.
/// </summary>
internal sealed record LeafType(string Name, ValueCodec? Codec)
{
    private const int MaxDecimalDigits = 76;

    public static LeafType Of(SchemaElement e)
    {
        var physical = e.Type is { } type && Enum.IsDefined(type)
            ? type
            : throw new FooterException($"column '{e.Name}' has the unknown physical type {(int?)e.Type}");
        return FromLogical(e, physical) ?? FromConverted(e, physical) ?? FromPhysical(e, physical);
    }

    private static LeafType? FromLogical(SchemaElement e, Type physical) => (e.LogicalType, physical) switch
    {
        (null, _) => null,
        ({ UNKNOWN: not null }, _) => new("null", Codec: null),
        ({ STRING: not null } or { ENUM: not null }, BYTE_ARRAY) => new("string", ValueCodec.Text),
        ({ JSON: not null }, BYTE_ARRAY) => new("json", ValueCodec.Text),
        ({ UUID: not null }, FIXED_LEN_BYTE_ARRAY) when e.TypeLength == 16 => new("uuid", ValueCodec.Uuid),
        ({ FLOAT16: not null }, FIXED_LEN_BYTE_ARRAY) when e.TypeLength == 2 => new("float16", ValueCodec.Float16),
        ({ DATE: not null }, INT32) => new("date", ValueCodec.Date),
        ({ DECIMAL: { } d }, _) => Decimal(d.Precision, d.Scale, physical),
        ({ INTEGER: { } i }, _) => Integer(i.BitWidth, i.IsSigned, physical),
        ({ TIME.Unit: { } unit }, _) when UnitOf(unit) is { } u && physical == (u == "ms" ? INT32 : INT64) => Time(u),
        ({ TIMESTAMP: { } t }, INT64) when UnitOf(t.Unit) is { } u => Timestamp(u, t.IsAdjustedToUTC),
        _ => null,
    };

    private static LeafType? FromConverted(SchemaElement e, Type physical) => (e.ConvertedType, physical) switch
    {
        (ConvertedType.UTF8 or ConvertedType.ENUM, BYTE_ARRAY) => new("string", ValueCodec.Text),
        (ConvertedType.JSON, BYTE_ARRAY) => new("json", ValueCodec.Text),
        (ConvertedType.DECIMAL, _) => Decimal(e.Precision ?? 0, e.Scale ?? 0, physical),
        (ConvertedType.DATE, INT32) => new("date", ValueCodec.Date),
        (ConvertedType.TIME_MILLIS, INT32) => Time("ms"),
        (ConvertedType.TIME_MICROS, INT64) => Time("us"),

        // "TIMESTAMP_MILLIS … is equivalent to isAdjustedToUTC = true", as is the other.
        (ConvertedType.TIMESTAMP_MILLIS, INT64) => Timestamp("ms", isUtc: true),
        (ConvertedType.TIMESTAMP_MICROS, INT64) => Timestamp("us", isUtc: true),
        (ConvertedType.INT_8, _) => Integer(8, isSigned: true, physical),
        (ConvertedType.INT_16, _) => Integer(16, isSigned: true, physical),
        (ConvertedType.INT_32, _) => Integer(32, isSigned: true, physical),
        (ConvertedType.INT_64, _) => Integer(64, isSigned: true, physical),
        (ConvertedType.UINT_8, _) => Integer(8, isSigned: false, physical),
        (ConvertedType.UINT_16, _) => Integer(16, isSigned: false, physical),
        (ConvertedType.UINT_32, _) => Integer(32, isSigned: false, physical),
        (ConvertedType.UINT_64, _) => Integer(64, isSigned: false, physical),
        (ConvertedType.INTERVAL, FIXED_LEN_BYTE_ARRAY) when e.TypeLength == 12 => new("interval", Codec: null),
        _ => null,
    };

    private static LeafType FromPhysical(SchemaElement e, Type physical) => physical switch
    {
        BOOLEAN => new("bool", ValueCodec.Bool),
        INT32 => new("int32", ValueCodec.Signed),
        INT64 => new("int64", ValueCodec.Signed),
        FLOAT => new("float32", ValueCodec.Float32),
        DOUBLE => new("float64", ValueCodec.Float64),

        // Impala's timestamps: nanoseconds of a Julian day. Their order is undefined, so writers' statistics mean nothing.
        INT96 => new("timestamp(ns)", Codec: null),
        BYTE_ARRAY => new("binary", ValueCodec.Hex),
        _ when e.TypeLength is { } length and > 0 => new($"fixed_binary({length})", ValueCodec.Hex),
        _ => throw new FooterException($"column '{e.Name}' has values of a fixed length that is not given"),
    };

    private static LeafType? Integer(int bits, bool isSigned, Type physical) => (bits, physical) switch
    {
        (8 or 16 or 32, INT32) or (64, INT64) =>
            isSigned ? new($"int{bits}", ValueCodec.Signed) : new($"uint{bits}", ValueCodec.Unsigned),
        _ => null,
    };

    private static LeafType? Decimal(int precision, int scale, Type physical) =>
        precision is >= 1 and <= MaxDecimalDigits && scale >= 0 && scale <= precision
        && physical is INT32 or INT64 or BYTE_ARRAY or FIXED_LEN_BYTE_ARRAY
            ? new($"decimal({precision},{scale})", ValueCodec.Decimal(scale, isBigEndian: physical is BYTE_ARRAY or FIXED_LEN_BYTE_ARRAY))
            : null;

    private static LeafType Time(string unit) => new($"time({unit})", ValueCodec.Time(unit));

    private static LeafType Timestamp(string unit, bool isUtc) =>
        new(isUtc ? $"timestamp({unit},UTC)" : $"timestamp({unit})", ValueCodec.Timestamp(unit, isUtc));

    private static string? UnitOf(TimeUnit unit) =>
        unit.MILLIS is not null ? "ms" : unit.MICROS is not null ? "us" : unit.NANOS is not null ? "ns" : null;
}
