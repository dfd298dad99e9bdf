using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Features.PointInTime;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>Values of features as Arrow arrays of the types that definitions give them.</summary>
internal static class FeatureArrays
{
    public static Field FieldOf(JoinedFeature joined) => ArrowTypes.FieldOf(FeatureType.ColumnOf(joined.Column, joined.Feature.Type));

    /// <summary>Whether values of a column can be told as a feature's type: the same, or one that has all its values.</summary>
    public static bool Fits(IArrowType from, IArrowType to) => (from, to) switch
    {
        (ListType a, ListType b) => Fits(a.ValueDataType, b.ValueDataType),
        (TimestampType a, TimestampType b) => a.Unit == b.Unit && string.IsNullOrEmpty(a.Timezone) == string.IsNullOrEmpty(b.Timezone),
        (Time32Type a, Time32Type b) => a.Unit == b.Unit,
        (Time64Type a, Time64Type b) => a.Unit == b.Unit,
        (Decimal128Type a, Decimal128Type b) => a.Precision == b.Precision && a.Scale == b.Scale,
        (Decimal256Type a, Decimal256Type b) => a.Precision == b.Precision && a.Scale == b.Scale,
        (FixedSizeBinaryType a, FixedSizeBinaryType b) => a.ByteWidth == b.ByteWidth,
        _ => from.TypeId == to.TypeId || IsWidening(from, to),
    };

    /// <summary>The same values as another type that has them all.</summary>
    public static IArrowArray Convert(IArrowArray array, IArrowType to) => ArrowArrayFactory.BuildArray(Convert(array.Data, to));

    /// <summary>Builds an array from the bits of whole numbers or doubles.</summary>
    public static IArrowArray Build(WindowValues values, IArrowType type)
    {
        var (validity, nulls) = Validity(values.IsThere);
        var bytes = type switch
        {
            BooleanType => Bits(values.Bits),
            DoubleType => MemoryMarshal.AsBytes(values.Bits).ToArray(),
            FloatType => Cast(values.Bits, b => (float)BitConverter.Int64BitsToDouble(b)),
            HalfFloatType => Cast(values.Bits, b => (Half)BitConverter.Int64BitsToDouble(b)),
            Int8Type or UInt8Type => Cast(values.Bits, b => unchecked((byte)b)),
            Int16Type or UInt16Type => Cast(values.Bits, b => unchecked((short)b)),
            Int32Type or UInt32Type or Date32Type or Time32Type => Cast(values.Bits, b => unchecked((int)b)),
            _ => MemoryMarshal.AsBytes(values.Bits).ToArray(),
        };
        return ArrowArrayFactory.BuildArray(new ArrayData(type, values.Bits.Length, nulls, 0, [validity, new(bytes)]));
    }

    private static bool IsWidening(IArrowType from, IArrowType to) => (from, to) switch
    {
        (FloatType or HalfFloatType, DoubleType) or (HalfFloatType, FloatType) => true,
        (Int8Type or Int16Type or Int32Type or UInt8Type or UInt16Type or UInt32Type, Int64Type or DoubleType) => true,
        (Int8Type or Int16Type or UInt8Type or UInt16Type, Int32Type or FloatType) => true,
        (Int8Type or UInt8Type, Int16Type) => true,
        (UInt8Type or UInt16Type or UInt32Type, UInt64Type) or (UInt8Type or UInt16Type, UInt32Type) or (UInt8Type, UInt16Type) => true,
        _ => false,
    };

    private static ArrayData Convert(ArrayData data, IArrowType to)
    {
        if (to is ListType list && data.DataType is ListType)
            return new(to, data.Length, data.NullCount, data.Offset, data.Buffers, [Convert(data.Children[0], list.ValueDataType)]);
        if (data.DataType.TypeId == to.TypeId)
            return new(to, data.Length, data.NullCount, data.Offset, data.Buffers, data.Children);

        // Offsets of lists count from the beginning of the array within: what is in front of a slice stays there.
        var whole = new ArrayData(data.DataType, data.Length + data.Offset, data.NullCount, 0, data.Buffers);
        var bytes = to switch
        {
            DoubleType => Numbers<double>(whole),
            FloatType => Numbers<float>(whole),
            Int16Type or UInt16Type => Numbers<short>(whole),
            Int32Type or UInt32Type => Numbers<int>(whole),
            _ => Numbers<long>(whole),
        };
        return new(to, data.Length, data.NullCount, data.Offset, [data.Buffers[0], new(bytes)]);
    }

    private static byte[] Numbers<T>(ArrayData data)
        where T : unmanaged, System.Numerics.INumber<T> => data.DataType switch
        {
            HalfFloatType => Numbers<Half, T>(data),
            FloatType => Numbers<float, T>(data),
            Int8Type => Numbers<sbyte, T>(data),
            UInt8Type => Numbers<byte, T>(data),
            Int16Type => Numbers<short, T>(data),
            UInt16Type => Numbers<ushort, T>(data),
            Int32Type => Numbers<int, T>(data),
            UInt32Type => Numbers<uint, T>(data),
            _ => throw new NotSupportedException($"{data.DataType.Name} is not widened."),
        };

    private static byte[] Numbers<TFrom, T>(ArrayData data)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom>
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var from = MemoryMarshal.Cast<byte, TFrom>(data.Buffers[1].Span)[..data.Length];
        var into = new byte[from.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>()];
        var values = MemoryMarshal.Cast<byte, T>(into.AsSpan());
        for (var i = 0; i < from.Length; i++)
            values[i] = T.CreateTruncating(from[i]);
        return into;
    }

    private static byte[] Cast<T>(ReadOnlySpan<long> bits, Func<long, T> cast)
        where T : unmanaged
    {
        var into = new byte[bits.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>()];
        var values = MemoryMarshal.Cast<byte, T>(into.AsSpan());
        for (var i = 0; i < bits.Length; i++)
            values[i] = cast(bits[i]);
        return into;
    }

    private static byte[] Bits(ReadOnlySpan<long> values)
    {
        var bits = new byte[BitUtility.ByteCount(values.Length)];
        for (var i = 0; i < values.Length; i++)
            BitUtility.SetBit(bits, i, values[i] != 0);
        return bits;
    }

    private static (ArrowBuffer Validity, int Nulls) Validity(ReadOnlySpan<bool> isThere)
    {
        var nulls = isThere.Count(false);
        if (nulls == 0)
            return (ArrowBuffer.Empty, 0);

        var bits = new byte[BitUtility.ByteCount(isThere.Length)];
        for (var i = 0; i < isThere.Length; i++)
        {
            if (isThere[i])
                bits[i >> 3] |= (byte)(1 << (i & 7));
        }

        return (new(bits), nulls);
    }
}
