using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;

namespace Catalog.TrainingSets;

/// <summary>Single values of arrays, as JSON and texts have them.</summary>
internal static class ArrowCells
{
    /// <summary>Null for null. Instants are <see cref="DateTimeOffset"/>, lists are lists, bytes are hexadecimal digits.</summary>
    public static object? Of(IArrowArray array, int row) => array.IsNull(row) ? null : array switch
    {
        BooleanArray a => a.GetValue(row),
        Int8Array a => a.GetValue(row),
        Int16Array a => a.GetValue(row),
        Int32Array a => a.GetValue(row),
        Int64Array a => a.GetValue(row),
        UInt8Array a => a.GetValue(row),
        UInt16Array a => a.GetValue(row),
        UInt32Array a => a.GetValue(row),
        UInt64Array a => a.GetValue(row),
        HalfFloatArray a => Number((double)a.GetValue(row).GetValueOrDefault()),
        FloatArray a => Number(a.GetValue(row).GetValueOrDefault()),
        DoubleArray a => Number(a.GetValue(row).GetValueOrDefault()),
        StringArray a => a.GetString(row),
        Date32Array a => a.GetDateOnly(row),
        TimestampArray a => Instant(a, row),
        Decimal128Array a => a.GetString(row),
        Decimal256Array a => a.GetString(row),
        FixedSizeBinaryArray a when a.Data.DataType is FixedSizeBinaryType { ByteWidth: 16 } =>
            new Guid(a.GetBytes(row), bigEndian: true),
        FixedSizeBinaryArray a => Convert.ToHexStringLower(a.GetBytes(row)),
        BinaryArray a => Convert.ToHexStringLower(a.GetBytes(row)),
        ListArray a => List(a.GetSlicedValues(row)),
        _ => array.Data.DataType.Name,
    };

    private static object Number(double value) => double.IsFinite(value) ? value : value.ToString(CultureInfo.InvariantCulture);

    // Cast, or the one would become the other: a local time has no offset.
    private static object? Instant(TimestampArray array, int row) => array.Data.DataType is TimestampType { Timezone: null or "" }
        ? (object?)array.GetTimestamp(row)?.DateTime
        : array.GetTimestamp(row);

    private static List<object?> List(IArrowArray values) => [.. Enumerable.Range(0, values.Length).Select(i => Of(values, i))];
}
