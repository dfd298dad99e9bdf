using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>Reads a feature out of packed rows, into an Arrow array.</summary>
internal sealed class ColumnUnpacker(FeatureSlot slot, IArrowType arrow)
{
    public IArrowArray Unpack(IReadOnlyList<nint> rows)
    {
        bool[] isThere = [.. rows.Select(r => new HotRow(r).Has(slot))];
        var values = rows.Select(r => new HotRow(r)).Select(r => r.Has(slot) ? r.ValueOf(slot).ToArray() : null).ToList();
        return slot.Type.Kind == HotKind.List ? ListOf(values, isThere) : Plain(slot.Type, arrow, values, isThere);
    }

    private static IArrowArray Plain(HotType type, IArrowType arrow, IReadOnlyList<byte[]?> values, bool[] isThere)
    {
        var (validity, nulls) = Validity.Of(isThere);
        ArrowBuffer[] buffers = type switch
        {
            { IsVariable: true } => [validity, Offsets(values.Select(v => v?.Length ?? 0), values.Count), Joined(values, width: 0)],
            { Kind: HotKind.Bool } => [validity, Bits(values)],
            _ => [validity, Joined(values, type.Width)],
        };
        return ArrowArrayFactory.BuildArray(new ArrayData(arrow, values.Count, nulls, 0, buffers));
    }

    private IArrowArray ListOf(IReadOnlyList<byte[]?> values, bool[] isThere)
    {
        var element = slot.Type.Element ?? throw new InvalidOperationException($"'{slot.Name}' is no list.");
        var (elements, counts) = (new List<byte[]?>(), new List<int>());
        foreach (var value in values)
        {
            var before = elements.Count;
            if (value is not null)
                AddElements(new HotList(value, slot.Type), elements);
            counts.Add(elements.Count - before);
        }

        var child = Plain(element, ((ListType)arrow).ValueDataType, elements, [.. elements.Select(e => e is not null)]);
        var (validity, nulls) = Validity.Of(isThere);
        return ArrowArrayFactory.BuildArray(
            new ArrayData(arrow, values.Count, nulls, 0, [validity, Offsets(counts, counts.Count)], [child.Data]));
    }

    private static void AddElements(HotList list, List<byte[]?> into)
    {
        var elements = list.GetEnumerator();
        while (elements.MoveNext())
            into.Add(elements.IsNull ? null : elements.Current.ToArray());
    }

    private static ArrowBuffer Offsets(IEnumerable<int> lengths, int count)
    {
        var offsets = new byte[(count + 1) * sizeof(int)];
        var (at, end) = (0, 0);
        foreach (var length in lengths)
            BinaryPrimitives.WriteInt32LittleEndian(offsets.AsSpan(++at * sizeof(int)), end += length);
        return new(offsets);
    }

    /// <param name="width">Of each value; 0 where they are of any length.</param>
    private static ArrowBuffer Joined(IReadOnlyList<byte[]?> values, int width)
    {
        var bytes = new byte[values.Sum(v => width > 0 ? width : v?.Length ?? 0)];
        var at = 0;
        foreach (var value in values)
        {
            value?.CopyTo(bytes, at);
            at += width > 0 ? width : value?.Length ?? 0;
        }

        return new(bytes);
    }

    private static ArrowBuffer Bits(IReadOnlyList<byte[]?> values)
    {
        var bits = new byte[BitUtility.ByteCount(values.Count)];
        for (var i = 0; i < values.Count; i++)
            BitUtility.SetBit(bits, i, values[i] is [not 0]);
        return new(bits);
    }
}
