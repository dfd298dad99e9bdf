using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>The texts, bytes or lists of an Arrow array, as packed rows have them.</summary>
internal readonly ref struct VariableValues
{
    private readonly ArrayData _data;
    private readonly HotType _type;
    private readonly Nulls _nulls;
    private readonly ReadOnlySpan<int> _offsets;

    public VariableValues(ArrayData data, HotType type)
    {
        (_data, _type) = (data, type);
        _nulls = Nulls.Of(data);
        _offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span)[data.Offset..];
    }

    public bool IsNull(int row) => _nulls.IsNull(row);

    /// <summary>Bytes that a value takes in a row.</summary>
    public int SizeOf(int row)
    {
        if (IsNull(row))
            return 0;
        var count = _offsets[row + 1] - _offsets[row];
        if (_type.Element is not { } element)
            return count;
        var elements = _data.Children[0];
        var bytes = element.IsVariable ? ElementBytes(elements, row) : count * element.Width;
        return HotList.SizeOf(_type, count, HasNulls(elements, row), bytes);
    }

    public void Write(int row, Span<byte> into)
    {
        var (from, to) = (_offsets[row], _offsets[row + 1]);
        if (_type.Element is { } element)
            WriteList(_data.Children[0], element, from, to, into);
        else
            _data.Buffers[2].Span[from..to].CopyTo(into);
    }

    private static void WriteList(ArrayData elements, HotType element, int from, int to, Span<byte> into)
    {
        var nulls = Nulls.Of(elements);
        var hasNulls = HasNulls(nulls, from, to);
        BinaryPrimitives.WriteInt32LittleEndian(into, to - from);
        into[4] = hasNulls ? (byte)1 : (byte)0;
        into = into[5..];
        if (hasNulls)
        {
            var bits = into[..((to - from + 7) / 8)];
            bits.Clear();
            for (var i = from; i < to; i++)
            {
                if (!nulls.IsNull(i))
                    bits[(i - from) >> 3] |= (byte)(1 << ((i - from) & 7));
            }

            into = into[bits.Length..];
        }

        for (var i = from; i < to; i++)
            into = WriteElement(elements, element, i, nulls.IsNull(i), into);
    }

    private static Span<byte> WriteElement(ArrayData elements, HotType element, int i, bool isNull, Span<byte> into)
    {
        if (element.IsVariable)
        {
            var offsets = MemoryMarshal.Cast<byte, int>(elements.Buffers[1].Span)[elements.Offset..];
            var bytes = isNull ? [] : elements.Buffers[2].Span[offsets[i]..offsets[i + 1]];
            BinaryPrimitives.WriteInt32LittleEndian(into, bytes.Length);
            bytes.CopyTo(into[4..]);
            return into[(4 + bytes.Length)..];
        }

        var slot = into[..element.Width];
        if (isNull)
            slot.Clear();
        else if (element.Kind == HotKind.Bool)
            slot[0] = BitUtility.GetBit(elements.Buffers[1].Span, elements.Offset + i) ? (byte)1 : (byte)0;
        else
            elements.Buffers[1].Span.Slice((elements.Offset + i) * element.Width, element.Width).CopyTo(slot);
        return into[element.Width..];
    }

    private int ElementBytes(ArrayData elements, int row)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(elements.Buffers[1].Span)[elements.Offset..];
        var nulls = Nulls.Of(elements);
        var bytes = 0;
        for (var i = _offsets[row]; i < _offsets[row + 1]; i++)
            bytes += nulls.IsNull(i) ? 0 : offsets[i + 1] - offsets[i];
        return bytes;
    }

    private bool HasNulls(ArrayData elements, int row) => HasNulls(Nulls.Of(elements), _offsets[row], _offsets[row + 1]);

    private static bool HasNulls(Nulls nulls, int from, int to)
    {
        for (var i = from; nulls.HasAny && i < to; i++)
        {
            if (nulls.IsNull(i))
                return true;
        }

        return false;
    }
}
