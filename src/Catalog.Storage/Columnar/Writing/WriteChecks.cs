using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>What can be known to be wrong before anything is written.</summary>
internal static class WriteChecks
{
    /// <exception cref="ArgumentException">Says what is wrong, and with which column.</exception>
    public static void Check(Schema schema, ParquetWriteOptions options)
    {
        if (schema.FieldsList.Count == 0)
            throw new ArgumentException("A Parquet file needs a column.", nameof(schema));
        if (schema.FieldsList.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { Key: var twice })
            throw new ArgumentException($"There are two columns '{twice}'.", nameof(schema));
        foreach (var field in schema.FieldsList)
            Check(field, field.Name);

        if (options.RowGroupRows < 1 || options.RowGroupBytes < 1)
            throw new ArgumentException("RowGroupRows and RowGroupBytes are to be at least 1.", nameof(options));
        foreach (var name in options.SortBy)
        {
            if (schema.GetFieldIndex(name) < 0)
                throw new ArgumentException($"There is no column '{name}' to sort by.", nameof(options));
            if (schema.GetFieldByName(name).DataType is NestedType)
                throw new ArgumentException($"The column '{name}' is nested and has no order to sort by.", nameof(options));
        }
    }

    private static void Check(Field field, string path)
    {
        if (field.DataType is NestedType nested and (StructType or ListType or MapType))
        {
            foreach (var child in nested.Fields)
                Check(child, $"{path}.{child.Name}");
            return;
        }

        var isKnown = field.DataType is StringType or BinaryType or NullType or FixedSizeBinaryType or HalfFloatType or Date32Type
            or Decimal128Type or Decimal256Type or Time32Type { Unit: TimeUnit.Millisecond }
            or Time64Type or TimestampType { Unit: not TimeUnit.Second } or BooleanType or FloatType or DoubleType
            or Int8Type or Int16Type or Int32Type or Int64Type or UInt8Type or UInt16Type or UInt32Type or UInt64Type;
        if (!isKnown)
            throw new ArgumentException(
                $"The column '{path}' is of the type {field.DataType.Name}, which Parquet does not keep as it is.", nameof(field));
    }
}
