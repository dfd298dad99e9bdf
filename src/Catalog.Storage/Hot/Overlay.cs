using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>
/// Rows that came after a generation was made, the newest of each key: a lookup prefers them where they are newer. One writer at a time
/// adds rows; readers take no lock and see each row whole, or the one before it. Rows are never changed, and never given back while
/// anything refers to the overlay: what is replaced stays until a new overlay takes this one's place.
/// </summary>
public sealed class Overlay(RowLayout layout, bool laterWinsTies)
{
    private const long WasteBytes = 32 << 20;

    private readonly Lock _writing = new();
    private readonly RowArena _arena = new();
    private nint[] _slots = new nint[64];
    private volatile int _count;
    private long _replaced;

    public RowLayout Layout { get; } = layout;

    /// <summary>How many keys have a row here.</summary>
    public int Count => _count;

    /// <summary>What rows take in memory, with those that were replaced.</summary>
    public long Bytes => _arena.Bytes;

    /// <summary>Whether most of that is of rows that were replaced: another overlay of the same rows would take much less.</summary>
    public bool IsWasteful => Volatile.Read(ref _replaced) is > WasteBytes and var waste && waste > _arena.Bytes / 2;

    /// <summary>Adds a packed row (<see cref="RowPacker"/>), unless the key's row here is newer.</summary>
    /// <returns>False where it is not: the row came late.</returns>
    public bool Offer(ReadOnlySpan<byte> packed)
    {
        lock (_writing)
        {
            var head = RowHead.Of(packed, HotRow.Pushed);
            if (_count * 2 >= _slots.Length)
                Grow();
            ref var slot = ref SlotOf(_slots, head.Word, Layout.Keys.IsOneNumber ? [] : RowPacker.KeyOf(packed, Layout));
            if (slot != 0 && !head.IsNewerThan(new HotRow(slot), laterWinsTies))
                return false;

            var isNew = slot == 0;
            if (!isNew)
                Volatile.Write(ref _replaced, _replaced + new HotRow(slot).Length);
            var row = _arena.Keep(packed);
            Volatile.Write(ref slot, row);
            if (isNew)
                _count++;
            return true;
        }
    }

    /// <summary>Puts in place of rows that were found those that are here and newer.</summary>
    /// <param name="keys">Of this view.</param>
    /// <param name="rows">By key, the address of its row elsewhere; 0 where there is none.</param>
    public void Prefer(KeyBatch keys, Span<nint> rows)
    {
        if (_count == 0)
            return;
        var slots = Volatile.Read(ref _slots);
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys.IsMissing(i))
                continue;
            var row = Volatile.Read(ref SlotOf(slots, keys.Words[i], keys.AreNumbers ? [] : keys.BytesOf(i)));
            if (row != 0 && (rows[i] == 0 || new HotRow(row).IsNewerThan(new HotRow(rows[i]), laterWinsTies)))
                rows[i] = row;
        }

        GC.KeepAlive(this);
    }

    /// <summary>All rows, each once: addresses that are good while this is referred to.</summary>
    public IReadOnlyList<nint> All() => [.. Volatile.Read(ref _slots).Where(s => s != 0)];

    private ref nint SlotOf(nint[] slots, long word, ReadOnlySpan<byte> key)
    {
        var mask = slots.Length - 1;
        for (var i = (int)KeyBatch.Spread(word) & mask; ; i = (i + 1) & mask)
        {
            var found = Volatile.Read(ref slots[i]);
            if (found == 0)
                return ref slots[i];
            var row = new HotRow(found);
            if (row.Key == word && (Layout.Keys.IsOneNumber || row.KeyBytes(Layout).SequenceEqual(key)))
                return ref slots[i];
        }
    }

    /// <summary>Readers go on in the old table, which has all that was there when they began.</summary>
    private void Grow()
    {
        var larger = new nint[_slots.Length * 2];
        var mask = larger.Length - 1;
        foreach (var row in _slots)
        {
            if (row == 0)
                continue;
            var i = (int)KeyBatch.Spread(new HotRow(row).Key) & mask;
            while (larger[i] != 0)
                i = (i + 1) & mask;
            larger[i] = row;
        }

        Volatile.Write(ref _slots, larger);
    }
}
