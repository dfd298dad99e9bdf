using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Hot;
using Catalog.Storage.Columnar;

namespace Catalog.Storage.Hot;

/// <summary>
/// A feature of packed rows as a column, for masks and conditions, which are made for columns. A lookup waits for it: unlike
/// <see cref="ColumnUnpacker"/> it makes nothing for each value.
/// </summary>
internal static class SlotColumn
{
    /// <summary>The rows that are there, of those that were looked for.</summary>
    public static nint[] Found(ReadOnlySpan<nint> rows)
    {
        var found = new nint[rows.Length - rows.Count(default(nint))];
        var at = 0;
        foreach (var row in rows)
        {
            if (row != 0)
                found[at++] = row;
        }

        return found;
    }

    /// <param name="slot">Of the feature.</param>
    /// <param name="type">That the column has.</param>
    /// <param name="rows">All of them there.</param>
    /// <param name="memory">Where values are put.</param>
    public static ArrayData Of(FeatureSlot slot, IArrowType type, nint[] rows, BufferSource memory)
    {
        if (slot.Type.Kind == HotKind.List)
            return new ColumnUnpacker(slot, type).Unpack(rows).Data;
        var (validity, nulls) = ValidityOf(slot, rows, memory);
        return slot.Type switch
        {
            { IsVariable: true } => Variable(slot, type, rows, memory, validity, nulls),
            { Kind: HotKind.Bool } => new(type, rows.Length, nulls, 0, [validity, Bits(slot, rows, memory)]),
            _ => new(type, rows.Length, nulls, 0, [validity, Fixed(slot, rows, memory)]),
        };
    }

    private static (ArrowBuffer Bits, int Nulls) ValidityOf(FeatureSlot slot, nint[] rows, BufferSource memory)
    {
        var there = 0;
        foreach (var row in rows)
            there += new HotRow(row).Has(slot) ? 1 : 0;
        if (there == rows.Length)
            return (ArrowBuffer.Empty, 0);
        var bits = memory.RentCleared(BitUtility.ByteCount(rows.Length));
        for (var i = 0; i < rows.Length; i++)
            BitUtility.SetBit(bits.Span, i, new HotRow(rows[i]).Has(slot));
        return (new(bits), rows.Length - there);
    }

    private static ArrowBuffer Fixed(FeatureSlot slot, nint[] rows, BufferSource memory)
    {
        var width = slot.Type.Width;
        var room = memory.Rent(checked(rows.Length * width));
        var values = room.Span;
        for (var i = 0; i < rows.Length; i++)
            new HotRow(rows[i]).ValueOf(slot).CopyTo(values[(i * width)..]);
        return new(room);
    }

    private static ArrowBuffer Bits(FeatureSlot slot, nint[] rows, BufferSource memory)
    {
        var bits = memory.RentCleared(BitUtility.ByteCount(rows.Length));
        for (var i = 0; i < rows.Length; i++)
            BitUtility.SetBit(bits.Span, i, new HotRow(rows[i]).Read<byte>(slot) != 0);
        return new(bits);
    }

    private static ArrayData Variable(
        FeatureSlot slot, IArrowType type, nint[] rows, BufferSource memory, ArrowBuffer validity, int nulls)
    {
        var room = memory.Rent(checked((rows.Length + 1) * sizeof(int)));
        var ends = MemoryMarshal.Cast<byte, int>(room.Span);
        ends[0] = 0;
        for (var i = 0; i < rows.Length; i++)
            ends[i + 1] = checked(ends[i] + ValueOf(slot, rows[i]).Length);
        var text = memory.Rent(ends[^1]);
        var bytes = text.Span;
        for (var i = 0; i < rows.Length; i++)
            ValueOf(slot, rows[i]).CopyTo(bytes[ends[i]..]);
        return new(type, rows.Length, nulls, 0, [validity, new(room), new(text)]);
    }

    private static ReadOnlySpan<byte> ValueOf(FeatureSlot slot, nint row) =>
        new HotRow(row) is var packed && packed.Has(slot) ? packed.ValueOf(slot) : [];
}
