using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>
/// HMAC-SHA256 under one key. Values of a column come again and again: those hashed lately are remembered, each in the one slot where it
/// can be, which takes a tenth of the time of hashing it again. For one thread at a time.
/// </summary>
internal sealed class KeyedHash(ReadOnlySpan<byte> key) : IDisposable
{
    /// <summary>Of a hash.</summary>
    public const int Bytes = HMACSHA256.HashSizeInBytes;

    private const int SlotCount = 4_096;
    private const int LongestKept = 32;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    private readonly Slot[] _slots = new Slot[SlotCount];
    private Kept _long;

    /// <summary>The hash of a value; good until the next is asked for.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> value)
    {
        if (value.Length > LongestKept)
        {
            Compute(value, _long);
            return _long;
        }

        ref var slot = ref _slots[XxHash3.HashToUInt64(value) % SlotCount];
        if (slot.Length == value.Length + 1 && value.SequenceEqual(slot.Value[..value.Length]))
            return slot.Hash;

        Compute(value, slot.Hash);
        value.CopyTo(slot.Value);
        slot.Length = value.Length + 1;
        return slot.Hash;
    }

    public void Dispose() => _hash.Dispose();

    private void Compute(ReadOnlySpan<byte> value, Span<byte> into)
    {
        _hash.AppendData(value);
        _hash.GetHashAndReset(into);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        /// <summary>One more than that of the value; zero where there is none.</summary>
        public int Length;

        public Kept Value;

        public Kept Hash;
    }

    [InlineArray(LongestKept)]
    private struct Kept
    {
        private byte _first;
    }
}

/// <summary>Hashes under one key for as many threads as there are; what they remember stays for the next batch.</summary>
internal sealed class KeyedHashes(ReadOnlyMemory<byte> key)
{
    private readonly ConcurrentBag<KeyedHash> _idle = [];

    public KeyedHash Rent() => _idle.TryTake(out var hash) ? hash : new(key.Span);

    public void Return(KeyedHash hash) => _idle.Add(hash);
}
