using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>A row that is being packed.</summary>
/// <param name="Row">In the batch that it comes from.</param>
/// <param name="Address">Of the packed row.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PackedPlace(int Row, nint Address);

/// <summary>Writes the values of one column into the slots of packed rows.</summary>
internal static unsafe class ColumnPacker
{
    /// <summary>Writes values of a fixed width. A value that is null is zeros, so that the same rows are the same bytes.</summary>
    public static void Pack(ArrayData data, FeatureSlot slot, ReadOnlySpan<PackedPlace> places)
    {
        if (slot.Type.Kind == HotKind.Bool)
            PackBits(data, slot, places);
        else
        {
            fixed (byte* values = data.Buffers[1].Span)
            {
                switch (slot.Type.Width)
                {
                    case 1: Pack((byte*)values + data.Offset, slot, places); break;
                    case 2: Pack((short*)values + data.Offset, slot, places); break;
                    case 4: Pack((int*)values + data.Offset, slot, places); break;
                    case 8: Pack((long*)values + data.Offset, slot, places); break;
                    default: PackWide(values + ((long)data.Offset * slot.Type.Width), slot, places); break;
                }
            }
        }

        MarkNulls(data, slot, places);
    }

    /// <summary>Writes values of any length behind what is in the rows already.</summary>
    /// <param name="ends">By place, where the row ends so far; moved on.</param>
    public static void PackVariable(ArrayData data, FeatureSlot slot, ReadOnlySpan<PackedPlace> places, Span<int> ends)
    {
        var variable = new VariableValues(data, slot.Type);
        for (var i = 0; i < places.Length; i++)
        {
            var (row, address) = places[i];
            var at = new Span<byte>((byte*)address + slot.Offset, 8);
            var isNull = variable.IsNull(row);
            var length = isNull ? 0 : variable.SizeOf(row);
            BinaryPrimitives.WriteInt32LittleEndian(at, isNull ? 0 : ends[i]);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], length);
            Mark(address, slot, !isNull);
            if (length > 0)
                variable.Write(row, new((byte*)address + ends[i], length));
            ends[i] += length;
        }
    }

    private static void Pack<T>(T* values, FeatureSlot slot, ReadOnlySpan<PackedPlace> places)
        where T : unmanaged
    {
        foreach (var (row, address) in places)
            Unsafe.WriteUnaligned((byte*)address + slot.Offset, values[row]);
    }

    private static void PackWide(byte* values, FeatureSlot slot, ReadOnlySpan<PackedPlace> places)
    {
        foreach (var (row, address) in places)
            Unsafe.CopyBlockUnaligned((byte*)address + slot.Offset, values + ((long)row * slot.Type.Width), (uint)slot.Type.Width);
    }

    private static void PackBits(ArrayData data, FeatureSlot slot, ReadOnlySpan<PackedPlace> places)
    {
        foreach (var (row, address) in places)
            *((byte*)address + slot.Offset) = BitUtility.GetBit(data.Buffers[1].Span, data.Offset + row) ? (byte)1 : (byte)0;
    }

    private static void MarkNulls(ArrayData data, FeatureSlot slot, ReadOnlySpan<PackedPlace> places)
    {
        var nulls = Nulls.Of(data);
        foreach (var (row, address) in places)
        {
            var isNull = nulls.IsNull(row);
            Mark(address, slot, !isNull);
            if (isNull)
                Unsafe.InitBlockUnaligned((byte*)address + slot.Offset, 0, (uint)slot.Type.Width);
        }
    }

    private static void Mark(nint address, FeatureSlot slot, bool isThere)
    {
        ref var bits = ref *((byte*)address + RowLayout.HeaderBytes + (slot.Index >> 3));
        var bit = 1 << (slot.Index & 7);
        bits = (byte)(isThere ? bits | bit : bits & ~bit);
    }
}

/// <summary>Which values of an array are null.</summary>
internal readonly ref struct Nulls
{
    private readonly ReadOnlySpan<byte> _bits;
    private readonly int _offset;

    private Nulls(ReadOnlySpan<byte> bits, int offset)
    {
        _bits = bits;
        _offset = offset;
    }

    public static Nulls Of(ArrayData data) =>
        data.Buffers[0].IsEmpty || data.GetNullCount() == 0 ? default : new(data.Buffers[0].Span, data.Offset);

    public bool HasAny => !_bits.IsEmpty;

    public bool IsNull(int row) => !_bits.IsEmpty && !BitUtility.GetBit(_bits, _offset + row);
}
