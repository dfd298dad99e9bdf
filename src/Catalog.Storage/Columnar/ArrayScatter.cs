using System.Buffers.Binary;
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

/// <summary>
/// Copies rows of several arrays of one type, any that Parquet has, each to a place of its own in a new array. Sources are read once, from
/// their beginning to their end, and need not be put together first.
/// </summary>
/// <param name="places">For each row of all sources, one after the other, where it goes; -1 where it is left out.</param>
/// <param name="rows">How many rows are not left out.</param>
/// <param name="memory">Where they are put.</param>
internal sealed class ArrayScatter(int[] places, int rows, BufferSource memory)
{
    /// <param name="sources">One at least.</param>
    public ArrayData Of(IReadOnlyList<ArrayRange> sources)
    {
        var type = sources[0].Data.DataType;
        if (type is NullType)
            return new NullArray(rows).Data;

        var (validity, nulls) = Validity(sources);
        return type switch
        {
            BooleanType => new(type, rows, nulls, 0, [validity, Bits(sources, buffer: 1)]),
            FixedWidthType { BitWidth: var bits } => new(type, rows, nulls, 0, [validity, Fixed(sources, bits / 8)]),
            StringType or BinaryType => Bytes(sources, validity, nulls),
            ListType or MapType => List(sources, validity, nulls),
            StructType => new(type, rows, nulls, 0, [validity], Children(sources)),
            _ => throw new NotSupportedException($"Rows of a column of the type {type.Name} are not put in another order."),
        };
    }

    private (ArrowBuffer Validity, int Nulls) Validity(IReadOnlyList<ArrayRange> sources)
    {
        if (sources.All(s => s.Data.Buffers[0].IsEmpty || s.Data.NullCount == 0))
            return (ArrowBuffer.Empty, 0);

        var bits = Bits(sources, buffer: 0);
        return (bits, rows - BitUtility.CountBits(bits.Span, 0, rows));
    }

    /// <summary>Where there is no buffer, all bits are set: nothing is null.</summary>
    private ArrowBuffer Bits(IReadOnlyList<ArrayRange> sources, int buffer)
    {
        var taken = memory.RentCleared(BitUtility.ByteCount(rows));
        var into = taken.Span;
        var next = 0;
        foreach (var source in sources)
        {
            var bits = source.Data.Buffers[buffer].Span;
            for (var i = 0; i < source.Rows; i++)
            {
                var place = places[next++];
                if (place >= 0 && (bits.IsEmpty || BitUtility.GetBit(bits, source.At + i)))
                    into[place >> 3] |= (byte)(1 << (place & 7));
            }
        }

        return new(taken);
    }

    private ArrowBuffer Fixed(IReadOnlyList<ArrayRange> sources, int width)
    {
        var taken = memory.Rent(checked(rows * width));
        var next = 0;
        foreach (var source in sources)
        {
            var values = source.Data.Buffers[1].Span.Slice(source.At * width, source.Rows * width);
            var to = places.AsSpan(next, source.Rows);
            switch (width)
            {
                case 1:
                    Fixed<byte>(values, to, taken.Span);
                    break;
                case 2:
                    Fixed<short>(values, to, taken.Span);
                    break;
                case 4:
                    Fixed<int>(values, to, taken.Span);
                    break;
                case 8:
                    Fixed<long>(values, to, taken.Span);
                    break;
                case 16:
                    Fixed<Int128>(values, to, taken.Span);
                    break;
                default:
                    Wide(values, to, taken.Span, width);
                    break;
            }

            next += source.Rows;
        }

        return new(taken);
    }

    private static void Fixed<T>(ReadOnlySpan<byte> source, ReadOnlySpan<int> to, Span<byte> taken)
        where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(source);
        var into = MemoryMarshal.Cast<byte, T>(taken);
        for (var i = 0; i < values.Length; i++)
        {
            // One comparison for both: -1 is left out, and the runtime needs none of its own.
            var place = to[i];
            if ((uint)place < (uint)into.Length)
                into[place] = values[i];
        }
    }

    private static void Wide(ReadOnlySpan<byte> values, ReadOnlySpan<int> to, Span<byte> into, int width)
    {
        for (var i = 0; i < to.Length; i++)
        {
            if (to[i] >= 0)
                values.Slice(i * width, width).CopyTo(into[(to[i] * width)..]);
        }
    }

    private ArrayData Bytes(IReadOnlyList<ArrayRange> sources, ArrowBuffer validity, int nulls)
    {
        // Texts are short, and a call to copy a few bytes takes longer than the bytes do: where there is room, words are copied.
        var (ends, total) = Ends(sources);
        var taken = memory.Rent(checked(total + sizeof(ulong)));
        var next = 0;
        foreach (var source in sources)
        {
            Copy(source, places.AsSpan(next, source.Rows), MemoryMarshal.Cast<byte, int>(ends.Span), taken.Span);
            next += source.Rows;
        }

        return new(sources[0].Data.DataType, rows, nulls, 0, [validity, new(ends), new(taken[..total])]);
    }

    private static void Copy(ArrayRange source, ReadOnlySpan<int> to, ReadOnlySpan<int> ends, Span<byte> into)
    {
        var offsets = Offsets(source);
        var bytes = source.Data.Buffers[2].Span;
        var lastWhole = bytes.Length - sizeof(ulong);
        for (var i = 0; i < to.Length; i++)
        {
            if (to[i] < 0)
                continue;
            var (start, length, at) = (offsets[i], offsets[i + 1] - offsets[i], ends[to[i]]);
            if (length <= sizeof(ulong) && start <= lastWhole)
                Word(bytes[start..], into[at..], length);
            else
                bytes.Slice(start, length).CopyTo(into[at..]);
        }
    }

    /// <summary>Replaces the first bytes of a word, and leaves the others as they are: they may be another row's.</summary>
    private static void Word(ReadOnlySpan<byte> from, Span<byte> to, int length)
    {
        var mask = length == sizeof(ulong) ? ulong.MaxValue : (1UL << (length * 8)) - 1;
        var merged = (BinaryPrimitives.ReadUInt64LittleEndian(to) & ~mask) | (BinaryPrimitives.ReadUInt64LittleEndian(from) & mask);
        BinaryPrimitives.WriteUInt64LittleEndian(to, merged);
    }

    private ArrayData List(IReadOnlyList<ArrayRange> sources, ArrowBuffer validity, int nulls)
    {
        var (taken, total) = Ends(sources);
        var ends = MemoryMarshal.Cast<byte, int>(taken.Span);
        List<ArrayRange> children = [.. sources.Select(ChildOf)];
        var within = new int[children.Sum(c => c.Rows)];
        var (row, element) = (0, 0);
        foreach (var source in sources)
        {
            var offsets = Offsets(source);
            for (var i = 0; i < source.Rows; i++, row++)
            {
                for (var at = 0; at < offsets[i + 1] - offsets[i]; at++)
                    within[element++] = places[row] < 0 ? -1 : ends[places[row]] + at;
            }
        }

        var elements = new ArrayScatter(within, total, memory).Of(children);
        return new(sources[0].Data.DataType, rows, nulls, 0, [validity, new(taken)], [elements]);
    }

    private static ArrayRange ChildOf(ArrayRange source)
    {
        var offsets = Offsets(source);
        return new(source.Data.Children[0], offsets[0], offsets[^1] - offsets[0]);
    }

    /// <summary>The children of a slice are whole: only the struct itself knows where it begins.</summary>
    private ArrayData[] Children(IReadOnlyList<ArrayRange> sources) =>
    [
        .. Enumerable.Range(0, sources[0].Data.Children.Length)
            .Select(child => Of([.. sources.Select(s => new ArrayRange(s.Data.Children[child], s.At, s.Rows))])),
    ];

    /// <summary>Where each row begins in the new array, and the last one ends.</summary>
    private (Memory<byte> Ends, int Total) Ends(IReadOnlyList<ArrayRange> sources)
    {
        var taken = memory.Rent((rows + 1) * sizeof(int));
        var ends = MemoryMarshal.Cast<byte, int>(taken.Span);
        var next = 0;
        foreach (var source in sources)
        {
            var offsets = Offsets(source);
            for (var i = 0; i < source.Rows; i++)
            {
                var place = places[next++];
                if (place >= 0)
                    ends[place] = offsets[i + 1] - offsets[i];
            }
        }

        var total = 0;
        for (var i = 0; i < rows; i++)
            (ends[i], total) = (total, checked(total + ends[i]));
        ends[rows] = total;
        return (taken, total);
    }

    private static ReadOnlySpan<int> Offsets(ArrayRange source) =>
        source.Rows == 0 ? [0] : MemoryMarshal.Cast<byte, int>(source.Data.Buffers[1].Span).Slice(source.At, source.Rows + 1);
}
