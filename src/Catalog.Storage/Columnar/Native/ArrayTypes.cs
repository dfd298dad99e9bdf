using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.Native;

/// <summary>
/// Gives arrays of an engine the types that the file's schema says, where only names differ: fields within lists and maps are called as
/// writers liked, and enumerations are text to the catalog.
/// </summary>
internal static class ArrayTypes
{
    /// <summary>The same memory under the type of a field; the array handed in is not to be disposed beside it.</summary>
    /// <exception cref="ScanException"><see cref="ScanException.Unsupported"/>: the engine made something else of the column.</exception>
    public static IArrowArray Conform(IArrowArray array, Field field, string file) =>
        array.Data.DataType is FixedWidthType or StringType or BinaryType && IsSame(array.Data.DataType, field.DataType)
            ? array
            : ArrowArrayFactory.BuildArray(Relabel(array.Data, field.DataType) ?? throw new ScanException(
                ScanException.Unsupported,
                $"'{file}' has a column '{field.Name}' that this engine reads as {array.Data.DataType.Name} "
                + $"where the schema says {field.DataType.Name}."));

    private static ArrayData? Relabel(ArrayData data, IArrowType type)
    {
        if (type is NestedType nested)
            return RelabelNested(data, nested);

        // Enumerations are bytes to Arrow C++, and text by what Parquet says of them.
        return IsSame(data.DataType, type) || (data.DataType is BinaryType && type is StringType)
            ? new(type, data.Length, data.NullCount, data.Offset, data.Buffers, data.Children)
            : null;
    }

    private static ArrayData? RelabelNested(ArrayData data, NestedType type)
    {
        if (data.DataType.TypeId != type.TypeId || data.Children.Length != type.Fields.Count)
            return null;

        var children = data.Children.Zip(type.Fields, (child, field) => Relabel(child, field.DataType)).OfType<ArrayData>().ToArray();
        return children.Length == data.Children.Length
            ? new(type, data.Length, data.NullCount, data.Offset, data.Buffers, children)
            : null;
    }

    private static bool IsSame(IArrowType one, IArrowType other) => (one, other) switch
    {
        _ when one.TypeId != other.TypeId => false,
        (TimestampType a, TimestampType b) => a.Unit == b.Unit && a.IsTimeZoneAware == b.IsTimeZoneAware,
        (TimeType a, TimeType b) => a.Unit == b.Unit,
        (Decimal128Type a, Decimal128Type b) => (a.Precision, a.Scale) == (b.Precision, b.Scale),
        (Decimal256Type a, Decimal256Type b) => (a.Precision, a.Scale) == (b.Precision, b.Scale),
        (FixedSizeBinaryType a, FixedSizeBinaryType b) => a.ByteWidth == b.ByteWidth,
        _ => true,
    };
}
