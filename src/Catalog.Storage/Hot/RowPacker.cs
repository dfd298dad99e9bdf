using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>
/// Packs one row, value by value. Reusable: <see cref="Begin"/>, a call for each feature that has a value, in any order, then
/// <see cref="End"/>.
/// </summary>
public sealed class RowPacker(RowLayout layout)
{
    private byte[] _row = new byte[Math.Max(256, layout.FixedBytes)];
    private int _length;

    public RowLayout Layout => layout;

    /// <summary>Begins the row of a key.</summary>
    /// <param name="key">The place of the key in <paramref name="keys"/>, which must not be null.</param>
    /// <param name="eventTime">In microseconds since 1970.</param>
    /// <param name="created">In microseconds since 1970; <see cref="HotRow.NoTime"/> where nothing says so.</param>
    public void Begin(KeyBatch keys, int key, long eventTime, long created)
    {
        _row.AsSpan(0, layout.SlotsEnd).Clear();
        _length = layout.SlotsEnd;
        new RowHead(eventTime, created, keys.Words[key], HotRow.Pushed).Write(_row.AsSpan(0, RowLayout.HeaderBytes), 0);
        if (!keys.AreNumbers)
            BytesBehind(keys.BytesOf(key));
    }

    /// <summary>Gives a feature a value of its slot's width.</summary>
    public void Set<T>(FeatureSlot slot, T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Slot(slot)[..slot.Type.Width], in value);
    }

    /// <summary>Gives a feature bytes: as many as its slot has, or text or binary of any length.</summary>
    public void Set(FeatureSlot slot, ReadOnlySpan<byte> value)
    {
        if (slot.Type.IsVariable)
            value.CopyTo(Room(slot, value.Length));
        else
            value[..slot.Type.Width].CopyTo(Slot(slot));
    }

    /// <inheritdoc cref="Set(FeatureSlot, ReadOnlySpan{byte})"/>
    public void Set(FeatureSlot slot, string value) => Encoding.UTF8.GetBytes(value, Room(slot, Encoding.UTF8.GetByteCount(value)));

    /// <summary>Gives a feature a list.</summary>
    /// <param name="elements">The bytes of each, as a slot has them, or of any length; null for null.</param>
    public void Set(FeatureSlot slot, IReadOnlyList<byte[]?> elements)
    {
        var element = slot.Type.Element ?? throw new ArgumentException($"'{slot.Name}' is no list.", nameof(slot));
        var hasNulls = elements.Any(e => e is null);
        var bytes = elements.Sum(e => element.IsVariable ? e?.Length ?? 0 : element.Width);
        var into = Room(slot, HotList.SizeOf(slot.Type, elements.Count, hasNulls, bytes));
        into.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(into, elements.Count);
        into[4] = hasNulls ? (byte)1 : (byte)0;
        into = into[5..];
        if (hasNulls)
        {
            for (var i = 0; i < elements.Count; i++)
                into[i >> 3] |= (byte)(elements[i] is null ? 0 : 1 << (i & 7));
            into = into[((elements.Count + 7) / 8)..];
        }

        foreach (var value in elements)
            into = Write(element, value, into);
    }

    /// <summary>The row, good until the next begins.</summary>
    public ReadOnlySpan<byte> End()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_row.AsSpan(HotRow.LengthOffset), _length);
        return _row.AsSpan(0, _length);
    }

    internal static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> packed, RowLayout layout) =>
        packed.Slice(layout.SlotsEnd + 4, BinaryPrimitives.ReadInt32LittleEndian(packed[layout.SlotsEnd..]));

    private static Span<byte> Write(HotType element, ReadOnlySpan<byte> value, Span<byte> into)
    {
        if (!element.IsVariable)
        {
            value.CopyTo(into);
            return into[element.Width..];
        }

        BinaryPrimitives.WriteInt32LittleEndian(into, value.Length);
        value.CopyTo(into[4..]);
        return into[(4 + value.Length)..];
    }

    private Span<byte> Slot(FeatureSlot slot)
    {
        _row[RowLayout.HeaderBytes + (slot.Index >> 3)] |= (byte)(1 << (slot.Index & 7));
        return _row.AsSpan(slot.Offset, slot.Type.Width);
    }

    /// <summary>Room behind the row for a value of any length.</summary>
    private Span<byte> Room(FeatureSlot slot, int bytes)
    {
        var at = Slot(slot);
        BinaryPrimitives.WriteInt32LittleEndian(at, _length);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], bytes);
        return Behind(bytes);
    }

    private void BytesBehind(ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Behind(4), key.Length);
        key.CopyTo(Behind(key.Length));
    }

    private Span<byte> Behind(int bytes)
    {
        if (_row.Length - _length < bytes)
            Array.Resize(ref _row, Math.Max(_row.Length * 2, _length + bytes));
        _length += bytes;
        return _row.AsSpan(_length - bytes, bytes);
    }
}
