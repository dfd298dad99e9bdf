using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;

namespace Catalog.Storage.Hot;

/// <summary>
/// Puts masks on packed rows that were found, wherever they lie: each is copied, and the copy holds what is shown and nothing else of what
/// is masked. A value shows what it shows in a column (<see cref="ColumnMasks"/>), because the same masks are put on it. Used by several
/// threads at once.
/// </summary>
public sealed class RowMasks
{
    private const int FewRows = 64;
    private const long KeptBytes = 32L << 20;

    /// <summary>Of all: there are many of these, and few that mask many rows at a time.</summary>
    private static readonly BufferPool s_buffers = new(KeptBytes);

    private readonly IReadOnlyList<MaskedSlot> _masked;
    private readonly IReadOnlyList<FeatureSlot> _emptied;

    private RowMasks(IReadOnlyList<MaskedSlot> masked, IReadOnlyList<FeatureSlot> emptied, IReadOnlyDictionary<string, Mask> shown) =>
        (_masked, _emptied, Shown) = (masked, emptied, shown);

    /// <summary>What is shown of which feature of the view: those that are masked and no others, with masks that fit them.</summary>
    public IReadOnlyDictionary<string, Mask> Shown { get; }

    /// <param name="definition">Of the view.</param>
    /// <param name="layout">Of the rows: of all features of the definition, or the first of them.</param>
    /// <param name="asked">Features that are told; what is masked of others is taken out.</param>
    /// <param name="obligations">That say what is shown, by the names of features.</param>
    /// <param name="hashes">For <see cref="Mask.Hash"/>.</param>
    public static RowMasks Of(
        FeatureDefinition definition, RowLayout layout, IReadOnlySet<string> asked, AccessObligations obligations, MaskHashes hashes)
    {
        var choice = new MaskChoice(obligations, hashes.Of);
        var (masked, emptied) = (new List<MaskedSlot>(), new List<FeatureSlot>());
        var shown = new Dictionary<string, Mask>(StringComparer.Ordinal);
        var fields = PushedRows.SchemaOf(definition).FieldsList.Skip(definition.Keys().Count()).ToList();
        for (var i = 0; i < definition.Features.Count; i++)
        {
            if (choice.Of(fields[i], parent: "").Mask is not { } mask)
                continue;
            var name = definition.Features[i].Name;
            shown.Add(name, choice.Applied[^1].Mask);
            if (i >= layout.Slots.Count)
                continue;
            if (mask is NullMask || !asked.Contains(name))
                emptied.Add(layout.Slots[i]);
            else
                masked.Add(new(layout.Slots[i], fields[i].DataType, mask));
        }

        return new(masked, emptied, shown);
    }

    /// <summary>Puts masked copies in the place of rows.</summary>
    /// <param name="rows">By key, addresses; 0 where there is none.</param>
    /// <param name="shelf">Where copies are kept.</param>
    public void Apply(Span<nint> rows, RowShelf shelf)
    {
        if (_masked.Count + _emptied.Count == 0)
            return;
        var found = SlotColumn.Found(rows);
        if (found.Length == 0)
            return;

        // For few rows memory is got faster than lent.
        var lease = found.Length > FewRows ? s_buffers.Lease() : null;
        var memory = (BufferSource?)lease ?? BufferSource.Collected;
        var columns = new ArrayData[_masked.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var values = SlotColumn.Of(_masked[i].Slot, _masked[i].Type, found, memory);
            columns[i] = _masked[i].Mask.Of(new(values, From: 0, found.Length), memory);
        }

        var copies = Copy(found, columns, shelf, out var ends);
        for (var i = 0; i < columns.Length; i++)
            Put(columns[i], _masked[i].Slot, found, copies, ends);
        lease?.Release();

        var next = 0;
        foreach (ref var row in rows)
        {
            if (row != 0)
                row = copies[next++];
        }
    }

    /// <summary>Copies rows without what is masked, with room behind them for what is shown of it.</summary>
    /// <param name="ends">By row, where the room begins.</param>
    private nint[] Copy(nint[] rows, ArrayData[] columns, RowShelf shelf, out int[] ends)
    {
        var lengths = new int[rows.Length];
        ends = new int[rows.Length];
        for (var row = 0; row < rows.Length; row++)
            lengths[row] = ends[row] = new HotRow(rows[row]).Length;
        for (var i = 0; i < columns.Length; i++)
        {
            if (!_masked[i].Slot.Type.IsVariable)
                continue;
            var offsets = MemoryMarshal.Cast<byte, int>(columns[i].Buffers[1].Span);
            for (var row = 0; row < lengths.Length; row++)
                lengths[row] = checked(lengths[row] + offsets[row + 1] - offsets[row]);
        }

        var copies = new nint[rows.Length];
        for (var row = 0; row < rows.Length; row++)
            copies[row] = Copy(new(rows[row]), lengths[row], shelf);
        return copies;
    }

    private nint Copy(HotRow row, int length, RowShelf shelf)
    {
        var copy = shelf.Take(length);
        var into = Bytes(copy, length);
        row.Bytes.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[HotRow.LengthOffset..], length);
        foreach (var slot in _emptied)
            Empty(into, row, slot);
        foreach (var masked in _masked)
            Empty(into, row, masked.Slot);
        return copy;
    }

    /// <summary>Takes a value out, with the bytes that it has behind the slots.</summary>
    private static void Empty(Span<byte> into, HotRow row, FeatureSlot slot)
    {
        if (!row.Has(slot))
            return;
        if (slot.Type.IsVariable)
        {
            var place = row.ValueOf(slot);
            into.Slice(row.Read<int>(slot), place.Length).Clear();
        }

        into.Slice(slot.Offset, slot.Type.Width).Clear();
        into[RowLayout.HeaderBytes + (slot.Index >> 3)] &= (byte)~(1 << (slot.Index & 7));
    }

    /// <summary>Puts what is shown of a feature into copies of rows.</summary>
    /// <param name="ends">By row, where its room begins; moved on.</param>
    private static void Put(ArrayData column, FeatureSlot slot, nint[] rows, nint[] copies, int[] ends)
    {
        var nulls = Nulls.Of(column);
        var isVariable = slot.Type.IsVariable;
        var offsets = isVariable ? MemoryMarshal.Cast<byte, int>(column.Buffers[1].Span) : [];
        var values = column.Buffers[isVariable ? 2 : 1].Span;
        for (var row = 0; row < rows.Length; row++)
        {
            if (!new HotRow(rows[row]).Has(slot) || nulls.IsNull(row))
                continue;
            var into = Bytes(copies[row], new HotRow(copies[row]).Length);
            into[RowLayout.HeaderBytes + (slot.Index >> 3)] |= (byte)(1 << (slot.Index & 7));
            if (!isVariable)
            {
                values.Slice(row * slot.Type.Width, slot.Type.Width).CopyTo(into[slot.Offset..]);
                continue;
            }

            var value = values[offsets[row]..offsets[row + 1]];
            BinaryPrimitives.WriteInt32LittleEndian(into[slot.Offset..], ends[row]);
            BinaryPrimitives.WriteInt32LittleEndian(into[(slot.Offset + sizeof(int))..], value.Length);
            value.CopyTo(into[ends[row]..]);
            ends[row] += value.Length;
        }
    }

    private static unsafe Span<byte> Bytes(nint row, int length) => new((byte*)row, length);

    /// <summary>A feature that is shown masked.</summary>
    private sealed record MaskedSlot(FeatureSlot Slot, IArrowType Type, ArrayMask Mask);
}
