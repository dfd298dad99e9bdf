using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Schemas;
using Catalog.Storage.Files;
using Column = Catalog.Schemas.Column;

namespace Catalog.Storage.Columnar;

/// <summary>
/// The Arrow type for each of the catalog's (<see cref="ColumnTypes"/>): one for each, whatever file or engine values come from. A UUID is
/// 16 fixed bytes, JSON is text, and a time that counts from an instant has the zone <c>UTC</c>.
/// </summary>
public static class ArrowTypes
{
    private const int MaxDecimal128Digits = 38;

    /// <exception cref="FileException"><see cref="FileException.NotParquet"/>: Arrow has no type for a column.</exception>
    internal static Schema SchemaOf(TableSchema table, string file)
    {
        try
        {
            return new(table.Columns.Select(FieldOf), metadata: null);
        }
        catch (NotSupportedException e)
        {
            throw FileException.Because(FileException.NotParquet, file, $"has {e.Message}", e);
        }
    }

    /// <exception cref="NotSupportedException">Arrow has no such type; says which column.</exception>
    public static Field FieldOf(Column column) => new(column.Name, TypeOf(column), column.Nullable);

    private static IArrowType TypeOf(Column column) => column.Type switch
    {
        "struct" => new StructType([.. (column.Children ?? []).Select(FieldOf)]),
        "list" => new ListType(FieldOf((column.Children ?? [])[0])),
        "map" => MapOf((column.Children ?? [])[0], (column.Children ?? [])[1]),
        _ => Plain(column.Type) ?? WithArguments(column.Type)
            ?? throw new NotSupportedException($"a column '{column.Name}' of the type {column.Type}, which Arrow does not have"),
    };

    // Parquet's keys may be optional by mistake of a writer; Arrow's are not.
    private static MapType MapOf(Column key, Column value) => new(FieldOf(key with { Nullable = false }), FieldOf(value));

    private static IArrowType? Plain(string type) => type switch
    {
        "bool" => BooleanType.Default,
        "int8" => Int8Type.Default,
        "int16" => Int16Type.Default,
        "int32" => Int32Type.Default,
        "int64" => Int64Type.Default,
        "uint8" => UInt8Type.Default,
        "uint16" => UInt16Type.Default,
        "uint32" => UInt32Type.Default,
        "uint64" => UInt64Type.Default,
        "float16" => HalfFloatType.Default,
        "float32" => FloatType.Default,
        "float64" => DoubleType.Default,
        "date" => Date32Type.Default,
        "string" or "json" => StringType.Default,
        "binary" => BinaryType.Default,
        "uuid" => new FixedSizeBinaryType(16),
        "interval" => new FixedSizeBinaryType(12),
        "null" => NullType.Default,
        "time(ms)" => new Time32Type(TimeUnit.Millisecond),
        "time(us)" => new Time64Type(TimeUnit.Microsecond),
        "time(ns)" => new Time64Type(TimeUnit.Nanosecond),
        _ => null,
    };

    private static IArrowType? WithArguments(string type) => type.Split('(', ',', ')') switch
    {
        ["decimal", var precision, var scale, ""] => Decimal(Number(precision), Number(scale)),
        ["fixed_binary", var bytes, ""] => new FixedSizeBinaryType(Number(bytes)),
        ["timestamp", var unit, ""] => new TimestampType(UnitOf(unit), timezone: (string?)null),
        ["timestamp", var unit, "UTC", ""] => new TimestampType(UnitOf(unit), "UTC"),
        _ => null,
    };

    private static IArrowType Decimal(int precision, int scale) =>
        precision <= MaxDecimal128Digits ? new Decimal128Type(precision, scale) : new Decimal256Type(precision, scale);

    private static TimeUnit UnitOf(string unit) => unit switch
    {
        "ms" => TimeUnit.Millisecond,
        "us" => TimeUnit.Microsecond,
        _ => TimeUnit.Nanosecond,
    };

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
