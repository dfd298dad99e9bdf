using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Rows of an array that stand next to each other.</summary>
/// <param name="Data">Of the array, or of a slice.</param>
/// <param name="From">Counted from the first row of <paramref name="Data"/>.</param>
/// <param name="Rows">How many.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ArrayRange(ArrayData Data, int From, int Rows)
{
    /// <summary>Counted from the beginning of the buffers.</summary>
    public int At => Data.Offset + From;
}

/// <summary>Copies rows of several arrays of one type, any that Parquet has, behind one another into a new array.</summary>
internal static class ArrayConcat
{
    /// <param name="pieces">One at least.</param>
    /// <param name="memory">Where they are put.</param>
    public static ArrayData Of(IReadOnlyList<ArrayRange> pieces, BufferSource memory)
    {
        var (type, rows) = (pieces[0].Data.DataType, checked((int)pieces.Sum(p => (long)p.Rows)));
        if (type is NullType)
            return new NullArray(rows).Data;

        var (validity, nulls) = Validity(pieces, rows, memory);
        return type switch
        {
            BooleanType => new(type, rows, nulls, 0, [validity, Bits(pieces, rows, buffer: 1, memory)]),
            FixedWidthType { BitWidth: var bits } => new(type, rows, nulls, 0, [validity, Fixed(pieces, rows, bits / 8, memory)]),
            StringType or BinaryType => Bytes(pieces, rows, validity, nulls, memory),
            ListType or MapType => List(pieces, rows, validity, nulls, memory),
            StructType => new(type, rows, nulls, 0, [validity], Children(pieces, memory)),
            _ => throw new NotSupportedException($"Rows of columns of the type {type.Name} are not put together."),
        };
    }

    private static (ArrowBuffer Validity, int Nulls) Validity(IReadOnlyList<ArrayRange> pieces, int rows, BufferSource memory)
    {
        if (pieces.All(p => p.Data.Buffers[0].IsEmpty || p.Data.NullCount == 0))
            return (ArrowBuffer.Empty, 0);

        var bits = Bits(pieces, rows, buffer: 0, memory);
        return (bits, rows - BitUtility.CountBits(bits.Span, 0, rows));
    }

    /// <summary>Where there is no buffer, all bits are set: nothing is null.</summary>
    private static ArrowBuffer Bits(IReadOnlyList<ArrayRange> pieces, int rows, int buffer, BufferSource memory)
    {
        var bits = memory.RentCleared(BitUtility.ByteCount(rows));
        var at = 0;
        foreach (var piece in pieces)
        {
            if (piece.Data.Buffers[buffer].IsEmpty)
                SetBits(bits.Span, at, piece.Rows);
            else
                CopyBits(piece.Data.Buffers[buffer].Span, piece.At, bits.Span, at, piece.Rows);
            at += piece.Rows;
        }

        return new(bits);
    }

    private static void SetBits(Span<byte> bits, int from, int count)
    {
        for (var i = from; i < from + count; i++)
            bits[i >> 3] |= (byte)(1 << (i & 7));
    }

    private static void CopyBits(ReadOnlySpan<byte> from, int fromBit, Span<byte> to, int toBit, int count)
    {
        var copied = 0;
        if (fromBit % 8 == 0 && toBit % 8 == 0)
        {
            from.Slice(fromBit / 8, count / 8).CopyTo(to[(toBit / 8)..]);
            copied = count & ~7;
        }

        for (var i = copied; i < count; i++)
        {
            if (BitUtility.GetBit(from, fromBit + i))
                to[(toBit + i) >> 3] |= (byte)(1 << ((toBit + i) & 7));
        }
    }

    private static ArrowBuffer Fixed(IReadOnlyList<ArrayRange> pieces, int rows, int width, BufferSource memory)
    {
        var bytes = memory.Rent(checked(rows * width));
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.Data.Buffers[1].Span.Slice(piece.At * width, piece.Rows * width).CopyTo(bytes.Span[at..]);
            at += piece.Rows * width;
        }

        return new(bytes);
    }

    private static ArrayData Bytes(IReadOnlyList<ArrayRange> pieces, int rows, ArrowBuffer validity, int nulls, BufferSource memory)
    {
        var (offsets, total) = Offsets(pieces, rows, memory);
        var bytes = memory.Rent(total);
        var at = 0;
        foreach (var piece in pieces)
        {
            var (first, count) = Elements(piece);
            piece.Data.Buffers[2].Span.Slice(first, count).CopyTo(bytes.Span[at..]);
            at += count;
        }

        return new(pieces[0].Data.DataType, rows, nulls, 0, [validity, new(offsets), new(bytes)]);
    }

    private static ArrayData List(IReadOnlyList<ArrayRange> pieces, int rows, ArrowBuffer validity, int nulls, BufferSource memory)
    {
        var (offsets, _) = Offsets(pieces, rows, memory);
        var elements = Of([.. pieces.Select(p => Elements(p) is var (first, count)
            ? new ArrayRange(p.Data.Children[0], first, count)
            : default)], memory);
        return new(pieces[0].Data.DataType, rows, nulls, 0, [validity, new(offsets)], [elements]);
    }

    /// <summary>The children of a slice are whole: only the struct itself knows where it begins.</summary>
    private static ArrayData[] Children(IReadOnlyList<ArrayRange> pieces, BufferSource memory) =>
    [
        .. Enumerable.Range(0, pieces[0].Data.Children.Length)
            .Select(child => Of([.. pieces.Select(p => new ArrayRange(p.Data.Children[child], p.At, p.Rows))], memory)),
    ];

    private static (Memory<byte> Offsets, int Total) Offsets(IReadOnlyList<ArrayRange> pieces, int rows, BufferSource memory)
    {
        var bytes = memory.Rent((rows + 1) * sizeof(int));
        var into = MemoryMarshal.Cast<byte, int>(bytes.Span);
        var (at, total) = (0, 0);
        foreach (var piece in pieces.Where(p => p.Rows > 0))
        {
            var from = MemoryMarshal.Cast<byte, int>(piece.Data.Buffers[1].Span).Slice(piece.At, piece.Rows + 1);
            for (var i = 0; i < piece.Rows; i++)
                into[at + i] = total + from[i] - from[0];
            at += piece.Rows;
            total = checked(total + from[^1] - from[0]);
        }

        into[rows] = total;
        return (bytes, total);
    }

    private static (int First, int Count) Elements(ArrayRange piece)
    {
        if (piece.Rows == 0)
            return (0, 0);

        var offsets = MemoryMarshal.Cast<byte, int>(piece.Data.Buffers[1].Span);
        return (offsets[piece.At], offsets[piece.At + piece.Rows] - offsets[piece.At]);
    }
}
