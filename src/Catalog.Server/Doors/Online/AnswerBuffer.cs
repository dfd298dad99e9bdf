using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// An answer as it is written: one run of pooled bytes that grows, can be taken back, and copied from itself. Nothing leaves before the
/// answer is whole, so one that fails halfway can still become a refusal, and its length is known.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstBytes = 16 * 1024;
    private const int PieceBytes = 64 * 1024;

    /// <summary>Bytes that one keeps for the next answer.</summary>
    private const int MostKept = 1024 * 1024;

    private static readonly ConcurrentBag<AnswerBuffer> s_pool = [];

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _isTaken;

    /// <summary>An empty one, from a pool: whoever takes it disposes it once, and it goes back there.</summary>
    public static AnswerBuffer Take()
    {
        var buffer = s_pool.TryTake(out var pooled) ? pooled : new();
        buffer._isTaken = 1;
        return buffer;
    }

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, Length);

    /// <summary>Room for so many bytes at least; what is used of it is told to <see cref="Advance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - Length < bytes)
            Grow(bytes);
        return _bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte one)
    {
        Room(1)[0] = one;
        Length++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Writes a number in digits.</summary>
    public void WriteNumber(long number)
    {
        const int Longest = 20;
        number.TryFormat(Room(Longest), out var digits);
        Length += digits;
    }

    /// <summary>Writes once more what stands at a place.</summary>
    public void Repeat(int start, int length)
    {
        var room = Room(length);
        _bytes.AsSpan(start, length).CopyTo(room);
        Length += length;
    }

    /// <summary>Takes back what was written since.</summary>
    public void Rewind(int length) => Length = length;

    /// <summary>Takes back all of it; what it grew to for one answer it gives back.</summary>
    public void Empty()
    {
        Length = 0;
        if (_bytes.Length <= MostKept)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    }

    /// <summary>So many bytes at a place, to be written over or moved.</summary>
    public Span<byte> At(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>Writes all of it elsewhere, in pieces that are large enough to go out at once.</summary>
    public void CopyTo(IBufferWriter<byte> to)
    {
        for (var rest = WrittenSpan; !rest.IsEmpty;)
        {
            var piece = rest[..Math.Min(rest.Length, PieceBytes)];
            piece.CopyTo(to.GetSpan(piece.Length));
            to.Advance(piece.Length);
            rest = rest[piece.Length..];
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _ = Room(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => Room(Math.Max(1, sizeHint));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isTaken, 0) == 1 && _bytes.Length <= MostKept)
        {
            Length = 0;
            s_pool.Add(this);
            return;
        }

        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, Length) = ([], 0);
    }

    private void Grow(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, checked(Length + bytes)));
        WrittenSpan.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
