using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>
/// Puts the HMAC-SHA256 of values where it is shown. Values of a column come again and again: those hashed lately are remembered as they
/// are shown, each in the one slot where it can be. Others wait until there are as many as are hashed at once. For one thread at a time.
/// </summary>
/// <param name="key">Of the catalog.</param>
/// <param name="shown">As what.</param>
internal sealed class KeyedHash(HmacKey key, HashShape shown)
{
    private const int SlotCount = 4_096;
    private const int LongestKept = 32;
    private readonly Slot[] _slots = new Slot[SlotCount];
    private readonly HmacLanes _lanes = new(key);
    private readonly (int At, int Slot, int Length)[] _waiting = new (int, int, int)[Sha256Lanes.Count];
    private int _count;

    /// <summary>Puts the hash of a value to its place: now, or when <see cref="End"/> is called at the latest.</summary>
    /// <param name="value">Of any length.</param>
    /// <param name="into">What all are put into.</param>
    /// <param name="at">The place of this one.</param>
    public void Put(ReadOnlySpan<byte> value, Span<byte> into, int at)
    {
        if (value.Length > HmacLanes.LongestValue)
        {
            Span<byte> hash = stackalloc byte[HashShape.Bytes];
            HMACSHA256.HashData(key.Key.Span, value, hash);
            shown.Write(hash, into[at..]);
            return;
        }

        var place = (int)(XxHash3.HashToUInt64(value) % SlotCount);
        ref var slot = ref _slots[place];
        if (slot.Length == value.Length + 1 && value.SequenceEqual(slot.Value[..value.Length]))
        {
            slot.Shown[..shown.Width].CopyTo(into[at..]);
            return;
        }

        _lanes.Set(_count, value);
        _waiting[_count++] = (at, value.Length > LongestKept ? -1 : place, value.Length);
        if (_count == Sha256Lanes.Count)
            End(into);
    }

    /// <summary>Puts all hashes that wait to their places.</summary>
    public void End(Span<byte> into)
    {
        if (_count == 0)
            return;

        _lanes.Compute();
        Span<byte> hash = stackalloc byte[HashShape.Bytes];
        for (var lane = 0; lane < _count; lane++)
        {
            var (at, place, length) = _waiting[lane];
            _lanes.Read(lane, hash);
            shown.Write(hash, into[at..]);
            if (place >= 0)
                Keep(ref _slots[place], _lanes.ValueOf(lane, length), into.Slice(at, shown.Width));
        }

        _count = 0;
    }

    private static void Keep(ref Slot slot, ReadOnlySpan<byte> value, ReadOnlySpan<byte> shown)
    {
        value.CopyTo(slot.Value);
        shown.CopyTo(slot.Shown);
        slot.Length = value.Length + 1;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        /// <summary>One more than that of the value; zero where there is none.</summary>
        public int Length;

        public KeptValue Value;

        public KeptHash Shown;
    }

    [InlineArray(LongestKept)]
    private struct KeptValue
    {
        private byte _first;
    }

    [InlineArray(HashShape.Bytes * 2)]
    private struct KeptHash
    {
        private byte _first;
    }
}

/// <summary>As what a hash is shown.</summary>
/// <param name="Width">Bytes that it takes.</param>
/// <param name="InDigits">Whether they are hexadecimal digits.</param>
internal sealed record HashShape(int Width, bool InDigits)
{
    /// <summary>Of a hash.</summary>
    public const int Bytes = HMACSHA256.HashSizeInBytes;

    public static HashShape Digits { get; } = new(Bytes * 2, InDigits: true);

    public void Write(ReadOnlySpan<byte> hash, Span<byte> into)
    {
        if (InDigits)
            Convert.TryToHexStringLower(hash, into, out _);
        else
            hash[..Width].CopyTo(into);
    }
}

/// <summary>Hashes for as many threads as there are; what they remember stays for the next batch.</summary>
internal sealed class KeyedHashes(HmacKey key, HashShape shown)
{
    private readonly ConcurrentBag<KeyedHash> _idle = [];

    public int Width => shown.Width;

    public KeyedHash Rent() => _idle.TryTake(out var hash) ? hash : new(key, shown);

    public void Return(KeyedHash hash) => _idle.Add(hash);
}
