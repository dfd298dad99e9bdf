using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Catalog.Hot;

/// <summary>
/// A packed row, wherever it lies, as its address. Good for as long as what it was found in is kept alive (see <see cref="RowLayout"/> for
/// how it is laid out).
/// </summary>
public readonly unsafe struct HotRow(nint address)
{
    /// <summary>What stands for no time: a row without one, or without a created time.</summary>
    public const long NoTime = long.MinValue;

    internal const int CreatedOffset = 8;
    internal const int KeyOffset = 16;
    internal const int OriginOffset = 24;
    internal const int LengthOffset = 28;

    public nint Address => address;

    /// <summary>False where no row was found.</summary>
    public bool IsThere => address != 0;

    /// <summary>When it became so, in microseconds since 1970; for windows, the moment that they are of.</summary>
    public long EventTime => Unsafe.ReadUnaligned<long>((void*)address);

    /// <summary>When it was written, in microseconds since 1970; <see cref="NoTime"/> where nothing says so.</summary>
    public long Created => Unsafe.ReadUnaligned<long>((byte*)address + CreatedOffset);

    /// <summary>The key that is one number; else a hash of the key's bytes.</summary>
    public long Key => Unsafe.ReadUnaligned<long>((byte*)address + KeyOffset);

    /// <summary>As <see cref="Key"/>, of a row's bytes.</summary>
    public static long KeyOf(ReadOnlySpan<byte> row) => BinaryPrimitives.ReadInt64LittleEndian(row[KeyOffset..]);

    /// <summary>In a generation, which of its origins; in an overlay, <see cref="Pushed"/>.</summary>
    public uint Origin => Unsafe.ReadUnaligned<uint>((byte*)address + OriginOffset);

    /// <summary>The origin of rows that came by themselves, and are in no generation yet.</summary>
    public const uint Pushed = uint.MaxValue;

    /// <summary>In bytes, whole.</summary>
    public int Length => Unsafe.ReadUnaligned<int>((byte*)address + LengthOffset);

    /// <summary>All its bytes.</summary>
    public ReadOnlySpan<byte> Bytes => new((void*)address, Length);

    /// <summary>Whether a feature has a value.</summary>
    public bool Has(FeatureSlot slot) => (((byte*)address)[RowLayout.HeaderBytes + (slot.Index >> 3)] >> (slot.Index & 7) & 1) != 0;

    /// <summary>A feature's value of a fixed width. Without a value, zeros.</summary>
    public T Read<T>(FeatureSlot slot)
        where T : unmanaged => Unsafe.ReadUnaligned<T>((byte*)address + slot.Offset);

    /// <summary>The bytes of a feature's value: text, binary, a list, or whatever is in its slot. Without a value, of no meaning.</summary>
    public ReadOnlySpan<byte> ValueOf(FeatureSlot slot)
    {
        var at = (byte*)address + slot.Offset;
        return slot.Type.IsVariable
            ? new((byte*)address + Unsafe.ReadUnaligned<uint>(at), Unsafe.ReadUnaligned<int>(at + 4))
            : new(at, slot.Type.Width);
    }

    /// <summary>The slots of all features, as they lie.</summary>
    public ReadOnlySpan<byte> Slots(RowLayout layout)
    {
        var start = RowLayout.HeaderBytes + layout.PresenceBytes;
        return new((byte*)address + start, layout.SlotsEnd - start);
    }

    /// <summary>The bytes of a key that is no one number (<see cref="KeyBatch"/>).</summary>
    internal ReadOnlySpan<byte> KeyBytes(RowLayout layout)
    {
        var at = (byte*)address + layout.SlotsEnd;
        return new(at + 4, Unsafe.ReadUnaligned<int>(at));
    }

    /// <summary>Whether both are of one key.</summary>
    public bool HasKeyOf(HotRow other, RowLayout layout) =>
        Key == other.Key && (layout.Keys.IsOneNumber || KeyBytes(layout).SequenceEqual(other.KeyBytes(layout)));

    /// <summary>Whether this row holds and not the other, both being of one key: by event time, then by created time.</summary>
    /// <param name="winsTies">What else there is to say for it: it came later, and the later holds.</param>
    public bool IsNewerThan(HotRow other, bool winsTies) =>
        EventTime != other.EventTime ? EventTime > other.EventTime
        : Created != other.Created ? Created > other.Created
        : winsTies;
}
