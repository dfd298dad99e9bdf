using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Orders rows by columns: ascending, NaN behind numbers, nulls last, equal rows as they were.</summary>
internal static class RowOrder
{
    public static int[] Of(IEnumerable<ArrayData> keys, int rows)
    {
        var compare = keys.Select(Comparer).ToArray();
        var order = Enumerable.Range(0, rows).ToArray();
        System.Array.Sort(order, (a, b) =>
        {
            foreach (var key in compare)
            {
                if (key(a, b) is var c and not 0)
                    return c;
            }

            return a.CompareTo(b);
        });
        return order;
    }

    private static Comparison<int> Comparer(ArrayData key) => key.DataType switch
    {
        BooleanType => WithNulls(key, (a, b) => Bit(key, 1, a).CompareTo(Bit(key, 1, b))),
        Int8Type => Numbers<sbyte>(key),
        Int16Type => Numbers<short>(key),
        Int32Type or Date32Type or Time32Type => Numbers<int>(key),
        Int64Type or Time64Type or TimestampType => Numbers<long>(key),
        UInt8Type => Numbers<byte>(key),
        UInt16Type => Numbers<ushort>(key),
        UInt32Type => Numbers<uint>(key),
        UInt64Type => Numbers<ulong>(key),
        HalfFloatType => Floats<Half>(key),
        FloatType => Floats<float>(key),
        DoubleType => Floats<double>(key),
        Decimal128Type => Numbers<Int128>(key),
        Decimal256Type => WithNulls(key, (a, b) => Wide(key, a).CompareTo(Wide(key, b))),
        FixedSizeBinaryType or StringType or BinaryType => WithNulls(key, (a, b) => Bytes(key, a).SequenceCompareTo(Bytes(key, b))),
        _ => (_, _) => 0,
    };

    private static Comparison<int> Numbers<T>(ArrayData key)
        where T : unmanaged, IComparable<T>
    {
        var values = Values<T>(key);
        return WithNulls(key, (a, b) => values[a].CompareTo(values[b]));
    }

    private static Comparison<int> Floats<T>(ArrayData key)
        where T : unmanaged, IFloatingPoint<T>
    {
        var values = Values<T>(key);
        return WithNulls(key, (a, b) => (T.IsNaN(values[a]), T.IsNaN(values[b])) switch
        {
            (false, false) => values[a].CompareTo(values[b]),
            var (isNaN, isOtherNaN) => isNaN.CompareTo(isOtherNaN),
        });
    }

    private static Comparison<int> WithNulls(ArrayData key, Comparison<int> compare) => key.GetNullCount() == 0
        ? compare
        : (a, b) => (Bit(key, 0, a), Bit(key, 0, b)) switch
        {
            (true, true) => compare(a, b),
            var (isThere, isOtherThere) => isOtherThere.CompareTo(isThere),
        };

    private static T[] Values<T>(ArrayData key)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(key.Buffers[1].Span).Slice(key.Offset, key.Length).ToArray();

    private static bool Bit(ArrayData key, int buffer, int row) => BitUtility.GetBit(key.Buffers[buffer].Span, key.Offset + row);

    private static BigInteger Wide(ArrayData key, int row) => new(key.Buffers[1].Span.Slice((key.Offset + row) * 32, 32));

    private static ReadOnlySpan<byte> Bytes(ArrayData key, int row)
    {
        if (key.DataType is FixedSizeBinaryType { ByteWidth: var width })
            return key.Buffers[1].Span.Slice((key.Offset + row) * width, width);

        var offsets = MemoryMarshal.Cast<byte, int>(key.Buffers[1].Span)[(key.Offset + row)..];
        return key.Buffers[2].Span[offsets[0]..offsets[1]];
    }
}
