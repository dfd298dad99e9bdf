using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>A key, taken into the states that HMAC (RFC 2104) begins its two hashes with.</summary>
internal sealed class HmacKey
{
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    /// <param name="key">At most 64 bytes.</param>
    public HmacKey(ReadOnlyMemory<byte> key) => (Key, Inner, Outer) = (key, StateOf(key.Span, InnerPad), StateOf(key.Span, OuterPad));

    public ReadOnlyMemory<byte> Key { get; }

    public uint[] Inner { get; }

    public uint[] Outer { get; }

    private static uint[] StateOf(ReadOnlySpan<byte> key, byte pad)
    {
        var blocks = new byte[Sha256Lanes.Count * Sha256Lanes.BlockBytes];
        for (var lane = 0; lane < Sha256Lanes.Count; lane++)
            key.CopyTo(blocks.AsSpan(lane * Sha256Lanes.BlockBytes));
        foreach (ref var b in blocks.AsSpan())
            b ^= pad;
        var state = Sha256Lanes.First();
        Sha256Lanes.Compress(state, blocks);
        return state;
    }
}

/// <summary>HMAC-SHA256 of up to eight short values at once. For one thread at a time.</summary>
internal sealed class HmacLanes(HmacKey key)
{
    /// <summary>Bytes of a value that fit a block, with what SHA-256 puts behind.</summary>
    public const int LongestValue = Sha256Lanes.BlockBytes - sizeof(ulong) - 1;

    private const byte End = 0x80;
    private readonly byte[] _values = new byte[Sha256Lanes.Count * Sha256Lanes.BlockBytes];
    private readonly byte[] _hashes = new byte[Sha256Lanes.Count * Sha256Lanes.BlockBytes];
    private readonly uint[] _state = new uint[Sha256Lanes.Count * Sha256Lanes.StateWords];

    public void Set(int lane, ReadOnlySpan<byte> value) => Fill(BlockOf(_values, lane), value);

    /// <summary>The value of a lane.</summary>
    /// <param name="length">How long it was.</param>
    public ReadOnlySpan<byte> ValueOf(int lane, int length) => BlockOf(_values, lane)[..length];

    /// <summary>Hashes the values of all lanes.</summary>
    public void Compute()
    {
        key.Inner.CopyTo(_state, 0);
        Sha256Lanes.Compress(_state, _values);
        Span<byte> inner = stackalloc byte[SHA256.HashSizeInBytes];
        for (var lane = 0; lane < Sha256Lanes.Count; lane++)
        {
            Sha256Lanes.Read(_state, lane, inner);
            Fill(BlockOf(_hashes, lane), inner);
        }

        key.Outer.CopyTo(_state, 0);
        Sha256Lanes.Compress(_state, _hashes);
    }

    public void Read(int lane, Span<byte> into) => Sha256Lanes.Read(_state, lane, into);

    private static Span<byte> BlockOf(byte[] blocks, int lane) =>
        blocks.AsSpan(lane * Sha256Lanes.BlockBytes, Sha256Lanes.BlockBytes);

    /// <summary>A last block: the key's went before it.</summary>
    private static void Fill(Span<byte> block, ReadOnlySpan<byte> value)
    {
        value.CopyTo(block);
        block[value.Length] = End;
        block[(value.Length + 1)..].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(block[^sizeof(uint)..], (uint)(Sha256Lanes.BlockBytes + value.Length) * 8);
    }
}
