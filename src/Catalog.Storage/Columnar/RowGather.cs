using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Copies chosen rows of arrays, of any type that Parquet has, into new ones.</summary>
internal static class RowGather
{
    // Texts are short: one is copied as a whole register where there is room, and what is behind it is overwritten by the next.
    private const int RegisterBytes = 16;

    public static IArrowArray Take(IArrowArray array, ReadOnlySpan<int> rows) =>
        ArrowArrayFactory.BuildArray(Take(array.Data, rows, BufferSource.Collected));

    /// <param name="from">The array, or a slice.</param>
    /// <param name="rows">Which rows, in the order wanted; one may come several times.</param>
    /// <param name="memory">Where they are put.</param>
    public static ArrayData Take(ArrayData from, ReadOnlySpan<int> rows, BufferSource memory)
    {
        var (validity, nulls) = Validity(from, rows, memory);
        return from.DataType switch
        {
            NullType => new NullArray(rows.Length).Data,
            BooleanType => new(from.DataType, rows.Length, nulls, 0, [validity, Bits(from.Buffers[1], from.Offset, rows, memory)]),
            FixedWidthType { BitWidth: var bits } => new(from.DataType, rows.Length, nulls, 0, [validity, Fixed(from, rows, bits / 8, memory)]),
            StringType or BinaryType => Bytes(from, rows, validity, nulls, memory),
            ListType or MapType => List(from, rows, validity, nulls, memory),
            StructType => Struct(from, rows, validity, nulls, memory),
            _ => throw new NotSupportedException($"Rows of a column of the type {from.DataType.Name} are not chosen."),
        };
    }

    private static (ArrowBuffer Validity, int Nulls) Validity(ArrayData from, ReadOnlySpan<int> rows, BufferSource memory)
    {
        if (rows.IsEmpty || from.DataType is NullType || from.Buffers[0].IsEmpty || from.NullCount == 0)
            return (ArrowBuffer.Empty, 0);

        var bits = Bits(from.Buffers[0], from.Offset, rows, memory);
        return (bits, rows.Length - BitUtility.CountBits(bits.Span, 0, rows.Length));
    }

    private static ArrowBuffer Bits(ArrowBuffer from, int offset, ReadOnlySpan<int> rows, BufferSource memory)
    {
        var taken = memory.RentCleared(BitUtility.ByteCount(rows.Length));
        var bits = taken.Span;
        var source = from.Span;
        for (var i = 0; i < rows.Length; i++)
        {
            if (BitUtility.GetBit(source, offset + rows[i]))
                bits[i >> 3] |= (byte)(1 << (i & 7));
        }

        return new(taken);
    }

    private static ArrowBuffer Fixed(ArrayData from, ReadOnlySpan<int> rows, int width, BufferSource memory)
    {
        var source = from.Buffers[1].Span[(from.Offset * width)..];
        var taken = memory.Rent(checked(rows.Length * width));
        switch (width)
        {
            case 1:
                Fixed<byte>(source, rows, taken.Span);
                break;
            case 2:
                Fixed<short>(source, rows, taken.Span);
                break;
            case 4:
                Fixed<int>(source, rows, taken.Span);
                break;
            case 8:
                Fixed<long>(source, rows, taken.Span);
                break;
            case 16:
                Fixed<Int128>(source, rows, taken.Span);
                break;
            default:
                for (var i = 0; i < rows.Length; i++)
                    source.Slice(rows[i] * width, width).CopyTo(taken.Span[(i * width)..]);
                break;
        }

        return new(taken);
    }

    private static void Fixed<T>(ReadOnlySpan<byte> source, ReadOnlySpan<int> rows, Span<byte> taken)
        where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(source);
        var into = MemoryMarshal.Cast<byte, T>(taken);
        for (var i = 0; i < rows.Length; i++)
            into[i] = values[rows[i]];
    }

    private static ArrayData Bytes(ArrayData from, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls, BufferSource memory)
    {
        var starts = ArrayPool<int>.Shared.Rent(rows.Length);
        var (ends, total) = Lengths(Offsets(from), rows, starts, memory);
        var taken = memory.Rent(checked(total + RegisterBytes));
        Copy(from.Buffers[2].Span, starts, MemoryMarshal.Cast<byte, int>(ends.Span), taken.Span);
        ArrayPool<int>.Shared.Return(starts);
        return new(from.DataType, rows.Length, nulls, 0, [validity, new(ends), new(taken[..total])]);
    }

    private static void Copy(ReadOnlySpan<byte> source, ReadOnlySpan<int> starts, ReadOnlySpan<int> ends, Span<byte> into)
    {
        var lastWhole = source.Length - RegisterBytes;
        for (var i = 0; i + 1 < ends.Length; i++)
        {
            var (start, at, length) = (starts[i], ends[i], ends[i + 1] - ends[i]);
            if (length <= RegisterBytes && start <= lastWhole)
            {
                Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(source[start..]))
                    .StoreUnsafe(ref MemoryMarshal.GetReference(into.Slice(at, RegisterBytes)));
            }
            else
            {
                source.Slice(start, length).CopyTo(into[at..]);
            }
        }
    }

    private static ArrayData List(ArrayData from, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls, BufferSource memory)
    {
        var starts = ArrayPool<int>.Shared.Rent(rows.Length);
        var (into, taken) = Lengths(Offsets(from), rows, starts, memory);
        var ends = MemoryMarshal.Cast<byte, int>(into.Span);
        var elements = new int[taken];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var at = ends[i]; at < ends[i + 1]; at++)
                elements[at] = starts[i] + at - ends[i];
        }

        ArrayPool<int>.Shared.Return(starts);
        return new(from.DataType, rows.Length, nulls, 0, [validity, new(into)], [Take(from.Children[0], elements, memory)]);
    }

    private static ArrayData Struct(ArrayData from, ReadOnlySpan<int> rows, ArrowBuffer validity, int nulls, BufferSource memory)
    {
        // The children of a slice are whole: only the struct itself knows where it begins.
        var within = rows.ToArray();
        foreach (ref var row in within.AsSpan())
            row += from.Offset;
        return new(from.DataType, rows.Length, nulls, 0, [validity], [.. from.Children.Select(child => Take(child, within, memory))]);
    }

    private static ReadOnlySpan<int> Offsets(ArrayData from) =>
        from.Length == 0 ? [0] : MemoryMarshal.Cast<byte, int>(from.Buffers[1].Span).Slice(from.Offset, from.Length + 1);

    /// <summary>Where each row begins, before and after; the offsets of the source are looked at once, as they lie far apart.</summary>
    private static (Memory<byte> Ends, int Total) Lengths(
        ReadOnlySpan<int> offsets, ReadOnlySpan<int> rows, Span<int> starts, BufferSource memory)
    {
        var bytes = memory.Rent((rows.Length + 1) * sizeof(int));
        var into = MemoryMarshal.Cast<byte, int>(bytes.Span);
        var total = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            into[i] = total;
            starts[i] = offsets[rows[i]];
            total = checked(total + offsets[rows[i] + 1] - starts[i]);
        }

        into[rows.Length] = total;
        return (bytes, total);
    }
}
