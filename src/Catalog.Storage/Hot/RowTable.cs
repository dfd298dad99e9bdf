using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>Packed rows by key, one of each: an open-addressing table of addresses.</summary>
internal sealed class RowTable(RowLayout layout)
{
    private nint[] _slots = new nint[16];

    public int Count { get; private set; }

    public long Bytes => (long)_slots.Length * nint.Size;

    /// <summary>The place of a key's row: holds 0 where there is none yet. Good until the next call.</summary>
    /// <param name="word">The number, or the hash of the bytes.</param>
    /// <param name="key">The bytes; nothing for keys that are numbers.</param>
    public ref nint PlaceOf(long word, ReadOnlySpan<byte> key)
    {
        if (Count * 2 >= _slots.Length)
            Grow();
        var mask = _slots.Length - 1;
        for (var i = (int)KeyBatch.Spread(word) & mask; ; i = (i + 1) & mask)
        {
            ref var slot = ref _slots[i];
            if (slot == 0)
            {
                Count++;
                return ref slot;
            }

            var row = new HotRow(slot);
            if (row.Key == word && (layout.Keys.IsOneNumber || row.KeyBytes(layout).SequenceEqual(key)))
                return ref slot;
        }
    }

    /// <summary>All rows, in the order of their hashes, and of their keys where those are alike.</summary>
    public nint[] Sorted()
    {
        var (hashes, rows) = (new ulong[Count], new nint[Count]);
        var n = 0;
        foreach (var slot in _slots)
        {
            if (slot == 0)
                continue;
            (hashes[n], rows[n]) = (KeyBatch.Spread(new HotRow(slot).Key), slot);
            n++;
        }

        Array.Sort(hashes, rows);
        if (!layout.Keys.IsOneNumber)
            SortAlike(hashes, rows);
        return rows;
    }

    public void Clear()
    {
        _slots = new nint[16];
        Count = 0;
    }

    private void SortAlike(ulong[] hashes, nint[] rows)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            for (var j = i; j > 0 && hashes[j] == hashes[j - 1] && Compare(rows[j], rows[j - 1]) < 0; j--)
                (rows[j], rows[j - 1]) = (rows[j - 1], rows[j]);
        }
    }

    private int Compare(nint a, nint b) => new HotRow(a).KeyBytes(layout).SequenceCompareTo(new HotRow(b).KeyBytes(layout));

    private void Grow()
    {
        var old = _slots;
        _slots = new nint[old.Length * 2];
        var mask = _slots.Length - 1;
        foreach (var row in old)
        {
            if (row == 0)
                continue;
            var i = (int)KeyBatch.Spread(new HotRow(row).Key) & mask;
            while (_slots[i] != 0)
                i = (i + 1) & mask;
            _slots[i] = row;
        }
    }
}
