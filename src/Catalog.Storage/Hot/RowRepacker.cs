using System.Buffers.Binary;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>
/// Packs a row anew for a layout of more or fewer features at the end: the same version of a view, before or after it was extended.
/// </summary>
public static class RowRepacker
{
    /// <summary>The row with the features that both layouts have; those that it did not have are without a value.</summary>
    public static unsafe byte[] Repack(ReadOnlySpan<byte> row, RowLayout from, RowLayout to)
    {
        var keys = new KeyBatch();
        keys.Reset(to.Keys);
        var packer = new RowPacker(to);
        fixed (byte* start = row)
        {
            var packed = new HotRow((nint)start);
            if (to.Keys.IsOneNumber)
                keys.Add(packed.Key);
            else
                keys.AddBytes(packed.KeyBytes(from));
            packer.Begin(keys, 0, packed.EventTime, packed.Created);
            foreach (var slot in from.Slots.Take(to.Slots.Count))
            {
                if (packed.Has(slot))
                    packer.Set(to.Slots[slot.Index], packed.ValueOf(slot));
            }
        }

        var repacked = packer.End().ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(repacked.AsSpan(HotRow.OriginOffset), RowHead.OriginOf(row));
        return repacked;
    }
}
