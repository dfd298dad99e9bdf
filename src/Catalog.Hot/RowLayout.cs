using System.Buffers.Binary;
using Catalog.Features;

namespace Catalog.Hot;

/// <summary>
/// Where things are in the packed row of a view. A row is one run of bytes, the same in a generation, in an overlay, and in Redis:
/// a header of 32 bytes (<see cref="HotRow"/>), a bit for each feature that has a value, a slot for each feature, and behind those the key,
/// where it is more than a number, and whatever is of any length.
/// </summary>
public sealed class RowLayout
{
    /// <summary>Bytes in front of the bits: event time, created time, key, origin, length.</summary>
    public const int HeaderBytes = 32;

    private RowLayout(FeatureDefinition definition)
    {
        Keys = new KeyLayout([.. definition.Keys()]);
        PresenceBytes = (definition.Features.Count + 7) / 8;
        var offset = HeaderBytes + PresenceBytes;
        Slots = [.. definition.Features.Select((f, i) => Slot(f, i, ref offset))];
        SlotsEnd = offset;
        IsFixed = Keys.IsOneNumber && !Slots.Any(s => s.Type.IsVariable);
        FixedBytes = (offset + 7) & ~7;
    }

    public KeyLayout Keys { get; }

    /// <summary>In the order of the definition.</summary>
    public IReadOnlyList<FeatureSlot> Slots { get; }

    /// <summary>Of the bits that tell which features have a value.</summary>
    public int PresenceBytes { get; }

    /// <summary>Where the slots end, and what is of any length begins.</summary>
    public int SlotsEnd { get; }

    /// <summary>Whether all rows have as many bytes.</summary>
    public bool IsFixed { get; }

    /// <summary>Bytes of a row without what is of any length, rounded up to eight.</summary>
    public int FixedBytes { get; }

    public static RowLayout Of(FeatureDefinition definition) => new(definition);

    /// <summary>Whether bytes are those of one row, whole, and all that it points to lies within it.</summary>
    public bool Holds(ReadOnlySpan<byte> row)
    {
        var end = SlotsEnd + (Keys.IsOneNumber ? 0 : sizeof(int));
        if (row.Length < end || BinaryPrimitives.ReadInt32LittleEndian(row[HotRow.LengthOffset..]) != row.Length)
            return false;
        if (!Keys.IsOneNumber && (uint)BinaryPrimitives.ReadInt32LittleEndian(row[SlotsEnd..]) > (uint)(row.Length - end))
            return false;
        foreach (var slot in Slots)
        {
            if (!slot.Type.IsVariable || (row[HeaderBytes + (slot.Index >> 3)] >> (slot.Index & 7) & 1) == 0)
                continue;
            var (at, length) = (BinaryPrimitives.ReadUInt32LittleEndian(row[slot.Offset..]),
                BinaryPrimitives.ReadUInt32LittleEndian(row[(slot.Offset + 4)..]));
            if ((ulong)at + length > (ulong)row.Length)
                return false;
        }

        return true;
    }

    /// <summary>Whether rows of both are laid out alike.</summary>
    public bool IsLike(RowLayout other) => Slots.SequenceEqual(other.Slots) && Keys.Types.SequenceEqual(other.Keys.Types);

    private static FeatureSlot Slot(Feature feature, int index, ref int offset)
    {
        var type = HotType.Of(feature.Type);
        var slot = new FeatureSlot(feature.Name, index, type, offset);
        offset += type.Width;
        return slot;
    }
}

/// <summary>A feature's place in packed rows.</summary>
/// <param name="Name">Of the feature.</param>
/// <param name="Index">Among the features of the view, from 0.</param>
/// <param name="Type">How its bytes are read.</param>
/// <param name="Offset">From the beginning of the row, in bytes.</param>
public sealed record FeatureSlot(string Name, int Index, HotType Type, int Offset);

/// <summary>What the keys of a view are made of.</summary>
public sealed class KeyLayout
{
    public KeyLayout(IReadOnlyList<EntityKey> parts)
    {
        Parts = parts;
        Types = [.. parts.Select(p => HotType.Of(p.Type))];
        IsOneNumber = Types is [var only] && IsNumber(only);
    }

    /// <summary>In the order of the definition; none where there is one row for everything.</summary>
    public IReadOnlyList<EntityKey> Parts { get; }

    /// <summary>By part.</summary>
    public IReadOnlyList<HotType> Types { get; }

    /// <summary>Whether a key is one number of 64 bits at most, and stands in the row's header.</summary>
    public bool IsOneNumber { get; }

    /// <summary>Whether a part of this type is a number in 64 bits, and else bytes.</summary>
    public static bool IsNumber(HotType type) =>
        type.Kind is HotKind.Bool or HotKind.Date or HotKind.Time or HotKind.Timestamp or (>= HotKind.Int8 and <= HotKind.UInt64);
}
