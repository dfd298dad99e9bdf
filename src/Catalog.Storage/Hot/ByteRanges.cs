using System.Buffers;
using System.Runtime.InteropServices;
using Catalog.Hot;
using Catalog.Storage.Objects;

namespace Catalog.Storage.Hot;

/// <summary>Bytes of an object.</summary>
/// <param name="At">From its beginning.</param>
/// <param name="Length">At least one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ByteRange(long At, int Length)
{
    public long End => At + Length;
}

/// <summary>Takes the bytes of a range that was wanted.</summary>
/// <param name="i">Which one.</param>
internal delegate void TakeRange(int i, ReadOnlySpan<byte> bytes);

/// <summary>
/// Reads many ranges of an object: those that lie near each other at once, and some at a time, so that a lookup takes a few waits for the
/// store and not one a key, and memory for a few blocks however much is wanted.
/// </summary>
internal sealed class ByteRanges(ContentStore objects, string sha256)
{
    /// <summary>A gap shorter than this is read over: it comes sooner than the answer to a request.</summary>
    private const int Gap = 64 << 10;

    private const int LargestBlock = 4 << 20;
    private const int InFlight = 8;

    /// <param name="wanted">In any order; they may overlap.</param>
    /// <param name="take">Called for each, in any order, one at a time.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ObjectStoreException">The object cannot be had.</exception>
    /// <exception cref="GenerationException">It ends before a range does.</exception>
    public async Task ReadAsync(IReadOnlyList<ByteRange> wanted, TakeRange take, CancellationToken ct)
    {
        var turn = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = ct };
        await Parallel.ForEachAsync(Blocks(wanted), options, async (block, stop) =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(block.Range.Length);
            try
            {
                await ReadAsync(block.Range, buffer.AsMemory(0, block.Range.Length), stop);
                lock (turn)
                {
                    foreach (var i in block.Of)
                        take(i, buffer.AsSpan((int)(wanted[i].At - block.Range.At), wanted[i].Length));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        });
    }

    /// <summary>One range.</summary>
    public async Task<byte[]> ReadAsync(ByteRange range, CancellationToken ct)
    {
        var bytes = new byte[range.Length];
        await ReadAsync(range, bytes, ct);
        return bytes;
    }

    private async Task ReadAsync(ByteRange range, Memory<byte> into, CancellationToken ct)
    {
        await using var content = await objects.OpenReadAsync(sha256, range.At, range.Length, ct);
        var read = await content.ReadAtLeastAsync(into, range.Length, throwOnEndOfStream: false, ct);
        if (read < range.Length)
            throw new GenerationException($"'{ContentStore.UriOf(sha256)}' ends before it should.");
    }

    private static IEnumerable<Block> Blocks(IReadOnlyList<ByteRange> wanted)
    {
        var order = Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i].At).ToList();
        for (var from = 0; from < order.Count;)
        {
            var (at, end, next) = (wanted[order[from]].At, wanted[order[from]].End, from + 1);
            for (; next < order.Count && wanted[order[next]] is var range && range.At - end <= Gap; next++)
            {
                if (Math.Max(end, range.End) - at > LargestBlock)
                    break;
                end = Math.Max(end, range.End);
            }

            yield return new(new(at, (int)(end - at)), CollectionsMarshal.AsSpan(order)[from..next].ToArray());
            from = next;
        }
    }

    /// <param name="Range">That is read.</param>
    /// <param name="Of">The ranges that are in it.</param>
    private sealed record Block(ByteRange Range, int[] Of);
}
