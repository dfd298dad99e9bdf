using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Copies chosen rows of arrays, of any type that Parquet has, into new ones.</summary>
internal static class RowGather
{
    public static IArrowArray Take(IArrowArray array, ReadOnlySpan<int> rows) => ArrowArrayFactory.BuildArray(Take(array.Data, rows));

    /// <param name="rows">Which rows, in the order wanted; one may come several times.</param>
    public static ArrayData Take(ArrayData from, ReadOnlySpan<int> rows)
    {
        var (validity, nulls) = Validity(from, rows);
        return from.DataType switch
        {
            NullType => new NullArray(rows.Length).Data,
            BooleanType => new(from.DataType, rows.Length, nulls, 0, [validity, Bits(from.Buffers[1], from.Offset, rows)]),
            FixedWidthType { BitWidth: var bits } => new(from.DataType, rows.Length, nulls, 0, [validity, Fixed(from, rows, bits / 8)]),
            StringType or BinaryType => Bytes(from, rows, validity, nulls),
            ListType or MapType => List(from, rows, validity, nulls),
            StructType => Struct(from, rows, validity, nulls),
            _ => throw new NotSupportedException($"Rows of a column of the type {from.DataType.Name} are not chosen."),
        };
    }

    private static (ArrowBuffer Validity, int Nulls) Validity(ArrayData from, ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty || from.DataType is NullType || from.Buffers[0].IsEmpty || from.NullCount == 0)
            return (ArrowBuffer.Empty, 0);

        var bits = Bits(from.Buffers[0], from.Offset, rows);
        return (bits, rows.Length - BitUtility.CountBits(bits.Span, 0, rows.Length));
    }

    private static ArrowBuffer Bits(ArrowBuffer from, int offset, ReadOnlySpan<int> rows)
    {
        var bits = new byte[BitUtility.ByteCount(rows.Length)];
        var source = from.Span;
        for (var i = 0; i < rows.Length; i++)
        {
            if (BitUtility.GetBit(source, offset + rows[i]))
                bits[i >> 3] |= (byte)(1 << (i & 7));
        }

        return new(bits);
    }

    private static ArrowBuffer Fixed(ArrayData from, ReadOnlySpan<int> rows, int width)
    {
        var source = from.Buffers[1].Span[(from.Offset * width)..];
        return width switch
        {
            1 => Fixed<byte>(source, rows),
            2 => Fixed<short>(source, rows),
            4 => Fixed<int>(source, rows),
            8 => Fixed<long>(source, rows),
            16 => Fixed<Int128>(source, rows),
            _ => Wide(source, rows, width),
        };
    }

    private static ArrowBuffer Fixed<T>(ReadOnlySpan<byte> source, ReadOnlySpan<int> rows)
        where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(source);
        var taken = GC.AllocateUninitializedArray<byte>(checked(rows.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>()));
        var into = MemoryMarshal.Cast<byte, T>(taken.AsSpan());
        for (var i = 0; i < rows.Length; i++)
            into[i] = values[rows[i]];
        return new(taken);
    }

    private static ArrowBuffer Wide(ReadOnlySpan<byte> source, ReadOnlySpan<int> rows, int width)
    {
        var taken = GC.AllocateUninitializedArray<byte>(checked(rows.Length * width));
        for (var i = 0; i < rows.Length; i++)
            source.Slice(rows[i] * width, width).CopyTo(taken.AsSpan(i * width));
        return new(taken);
    }

    private static ArrayData Bytes(ArrayData from, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var offsets = Offsets(from);
        var (into, taken) = Lengths(offsets, rows);
        var bytes = GC.AllocateUninitializedArray<byte>(taken);
        var source = from.Buffers[2].Span;
        var at = MemoryMarshal.Cast<byte, int>(into.AsSpan());
        for (var i = 0; i < rows.Length; i++)
            source[offsets[rows[i]]..offsets[rows[i] + 1]].CopyTo(bytes.AsSpan(at[i]));
        return new(from.DataType, rows.Length, nulls, 0, [validity, new(into), new(bytes)]);
    }

    private static ArrayData List(ArrayData from, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        var offsets = Offsets(from);
        var (into, taken) = Lengths(offsets, rows);
        var elements = new int[taken];
        var at = 0;
        foreach (var row in rows)
        {
            for (var element = offsets[row]; element < offsets[row + 1]; element++)
                elements[at++] = element;
        }

        return new(from.DataType, rows.Length, nulls, 0, [validity, new(into)], [Take(from.Children[0], elements)]);
    }

    private static ArrayData Struct(ArrayData from, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls)
    {
        // The children of a slice are whole: only the struct itself knows where it begins.
        var within = rows.ToArray();
        foreach (ref var row in within.AsSpan())
            row += from.Offset;
        return new(from.DataType, rows.Length, nulls, 0, [validity], [.. from.Children.Select(child => Take(child, within))]);
    }

    private static ReadOnlySpan<int> Offsets(ArrayData from) =>
        from.Length == 0 ? [0] : MemoryMarshal.Cast<byte, int>(from.Buffers[1].Span).Slice(from.Offset, from.Length + 1);

    private static (byte[] Offsets, int Total) Lengths(ReadOnlySpan<int> offsets, ReadOnlySpan<int> rows)
    {
        var bytes = new byte[(rows.Length + 1) * sizeof(int)];
        var into = MemoryMarshal.Cast<byte, int>(bytes.AsSpan());
        for (var i = 0; i < rows.Length; i++)
            into[i + 1] = checked(into[i] + offsets[rows[i] + 1] - offsets[rows[i]]);
        return (bytes, into[rows.Length]);
    }
}
