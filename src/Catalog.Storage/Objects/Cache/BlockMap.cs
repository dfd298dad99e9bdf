using System.Buffers.Binary;
using System.Text;

namespace Catalog.Storage.Objects.Cache;

/// <summary>
/// Which blocks of an object are in the cache, with a checksum each, as a file that only grows: a header, then records of twelve bytes. A
/// record is written after its block; neither is synced, so after a crash a block may not be what its checksum says, and is fetched again.
/// </summary>
internal static class BlockMap
{
    public const int RecordBytes = 12;

    /// <summary>Stands for no block: the whole object was found to have the SHA-256 that its key names.</summary>
    public const uint Verified = uint.MaxValue;

    /// <summary>Stands for no block: the object has earned its place (<see cref="EvictionQueues"/>).</summary>
    public const uint Kept = uint.MaxValue - 1;

    private const uint Magic = 0x314D4243; // "CBM1"
    private const int FixedBytes = 20;

    public static byte[] Header(string key, long length, int blockBytes)
    {
        var header = new byte[FixedBytes + Encoding.UTF8.GetByteCount(key)];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), blockBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), header.Length - FixedBytes);
        Encoding.UTF8.GetBytes(key, header.AsSpan(FixedBytes));
        return header;
    }

    public static byte[] Record(uint block, ulong checksum)
    {
        var record = new byte[RecordBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(record, block);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(4), checksum);
        return record;
    }

    /// <summary>Reads a map; null when it is none, or one for blocks of another size. A last record that was cut off is left out.</summary>
    public static Content? Read(ReadOnlySpan<byte> map, int blockBytes)
    {
        if (map.Length < FixedBytes || BinaryPrimitives.ReadUInt32LittleEndian(map) != Magic
            || BinaryPrimitives.ReadInt32LittleEndian(map[4..]) != blockBytes)
            return null;
        var (length, keyBytes) = (BinaryPrimitives.ReadInt64LittleEndian(map[8..]), BinaryPrimitives.ReadInt32LittleEndian(map[16..]));
        if (length < 0 || keyBytes < 1 || keyBytes > map.Length - FixedBytes)
            return null;
        var content = new Content(Encoding.UTF8.GetString(map.Slice(FixedBytes, keyBytes)), length);
        for (var rest = map[(FixedBytes + keyBytes)..]; rest.Length >= RecordBytes; rest = rest[RecordBytes..])
            content.Records.Add((BinaryPrimitives.ReadUInt32LittleEndian(rest), BinaryPrimitives.ReadUInt64LittleEndian(rest[4..])));
        return ObjectKey.Check(content.Key) is null ? content : null;
    }

    /// <param name="Key">Of the object.</param>
    /// <param name="Length">Of the object, in bytes.</param>
    public sealed record Content(string Key, long Length)
    {
        /// <summary>In the order they were written: the last of a block counts.</summary>
        public List<(uint Block, ulong Checksum)> Records { get; } = [];
    }
}
