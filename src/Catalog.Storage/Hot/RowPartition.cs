using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Catalog.Hot;
using Catalog.Storage.Files;

namespace Catalog.Storage.Hot;

/// <summary>
/// The newest row of each key within a range of hashes. What finds no room in memory waits in a file of its own, and is put together with
/// the rest when the range is taken.
/// </summary>
internal sealed class RowPartition(RowLayout layout, bool laterWinsTies) : IDisposable
{
    private readonly RowTable _table = new(layout);
    private RowArena _arena = new();
    private BufferedStream? _waiting;

    /// <summary>What it takes in memory.</summary>
    public long Bytes => _arena.Bytes + _table.Bytes;

    /// <summary>
    /// A place for the row of a key, if it holds and not the one that is there. Its header and the key are written; slots, and values
    /// behind them, the caller has to write.
    /// </summary>
    /// <param name="bytes">Of the row.</param>
    /// <returns>Its address; 0 where the row does not hold.</returns>
    public nint Offer(in RowHead head, ReadOnlySpan<byte> key, int bytes)
    {
        ref var place = ref _table.PlaceOf(head.Word, key);
        if (place != 0 && !head.IsNewerThan(new HotRow(place), WinsTies(head, new HotRow(place))))
            return 0;

        // A row of another length has a place of its own: rows of one key may be in the making at the same time.
        if (place == 0 || !layout.IsFixed)
            place = _arena.Take(bytes);
        head.Write(place, bytes);
        RowHead.Rest(place, bytes)[..layout.PresenceBytes].Clear();
        if (!layout.Keys.IsOneNumber)
            KeyBatch.WriteKey(place, layout, key);
        return place;
    }

    /// <summary>Adds a row that is packed already, if it holds.</summary>
    public void Offer(ReadOnlySpan<byte> packed, uint origin)
    {
        var head = RowHead.Of(packed, origin);
        var key = layout.Keys.IsOneNumber ? [] : RowPacker.KeyOf(packed, layout);
        var place = Offer(head, key, packed.Length);
        if (place == 0)
            return;
        packed[RowLayout.HeaderBytes..].CopyTo(RowHead.Rest(place, packed.Length));
    }

    /// <summary>Brings the rows out of memory.</summary>
    /// <returns>How many bytes they took.</returns>
    public long Spill(string folder)
    {
        var bytes = Bytes;
        _waiting ??= new(NamelessFile.Open(folder, "rows"), 1 << 16);
        foreach (var row in _table.Sorted())
            _waiting.Write(new HotRow(row).Bytes);
        Empty();
        return bytes;
    }

    /// <summary>All rows, in the order of their hashes; addresses are good until this is disposed.</summary>
    public nint[] Take()
    {
        if (_waiting is not null)
            Merge(_waiting);
        return _table.Sorted();
    }

    public void Dispose()
    {
        _arena.Dispose();
        _waiting?.Dispose();
    }

    /// <summary>Rows of a later origin are later ones; of the same, those that are offered later.</summary>
    private bool WinsTies(in RowHead head, HotRow other) => laterWinsTies ? head.Origin >= other.Origin : head.Origin < other.Origin;

    /// <summary>What waits came first, and of rows that are alike, which came first can decide.</summary>
    private void Merge(BufferedStream waiting)
    {
        var (newest, arena) = (_table.Sorted(), _arena);
        _arena = new();
        _table.Clear();
        waiting.Position = 0;
        var row = new byte[RowLayout.HeaderBytes];
        while (waiting.ReadAtLeast(row.AsSpan(0, RowLayout.HeaderBytes), RowLayout.HeaderBytes, throwOnEndOfStream: false) > 0)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(row.AsSpan(HotRow.LengthOffset));
            if (row.Length < length)
                Array.Resize(ref row, Math.Max(length, row.Length * 2));
            waiting.ReadExactly(row, RowLayout.HeaderBytes, length - RowLayout.HeaderBytes);
            Offer(row.AsSpan(0, length), RowHead.OriginOf(row));
        }

        foreach (var address in newest)
            Offer(new HotRow(address).Bytes, new HotRow(address).Origin);
        arena.Dispose();
    }

    private void Empty()
    {
        _table.Clear();
        _arena.Dispose();
        _arena = new();
    }
}

/// <summary>What is in the header of a row.</summary>
/// <param name="EventTime">In microseconds since 1970.</param>
/// <param name="Created">In microseconds since 1970; <see cref="HotRow.NoTime"/> where nothing says so.</param>
/// <param name="Word">The key that is one number, or the hash of its bytes.</param>
/// <param name="Origin">Where it comes from.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RowHead(long EventTime, long Created, long Word, uint Origin)
{
    public static RowHead Of(ReadOnlySpan<byte> packed, uint origin) => new(
        BinaryPrimitives.ReadInt64LittleEndian(packed),
        BinaryPrimitives.ReadInt64LittleEndian(packed[HotRow.CreatedOffset..]),
        BinaryPrimitives.ReadInt64LittleEndian(packed[HotRow.KeyOffset..]),
        origin);

    public static uint OriginOf(ReadOnlySpan<byte> packed) => BinaryPrimitives.ReadUInt32LittleEndian(packed[HotRow.OriginOffset..]);

    public bool IsNewerThan(HotRow row, bool winsTies) =>
        EventTime != row.EventTime ? EventTime > row.EventTime
        : Created != row.Created ? Created > row.Created
        : winsTies;

    public void Write(nint address, int length) => Write(Whole(address, RowLayout.HeaderBytes), length);

    public void Write(Span<byte> row, int length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(row, EventTime);
        BinaryPrimitives.WriteInt64LittleEndian(row[HotRow.CreatedOffset..], Created);
        BinaryPrimitives.WriteInt64LittleEndian(row[HotRow.KeyOffset..], Word);
        BinaryPrimitives.WriteUInt32LittleEndian(row[HotRow.OriginOffset..], Origin);
        BinaryPrimitives.WriteInt32LittleEndian(row[HotRow.LengthOffset..], length);
    }

    /// <summary>What is behind the header of a row that is being written.</summary>
    public static Span<byte> Rest(nint address, int length) => Whole(address, length)[RowLayout.HeaderBytes..];

    private static unsafe Span<byte> Whole(nint address, int length) => new((void*)address, length);
}
