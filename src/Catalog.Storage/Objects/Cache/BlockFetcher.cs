using System.Buffers;
using System.Collections.Concurrent;

namespace Catalog.Storage.Objects.Cache;

/// <summary>
/// Brings blocks from the store behind, each once however many want it: whoever comes while a block is under way waits for it. A reader
/// that gives up ends no fetch: others may wait, and the cache keeps what comes.
/// </summary>
internal sealed class BlockFetcher(IObjectStore inner, CacheFolder folder, CacheOptions options)
{
    private readonly ConcurrentDictionary<(CachedObject Entry, int Block), TaskCompletionSource<byte[]?>> _underWay = new();
    private long _bytes;

    /// <summary>Read from the store behind.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Starts to bring a block, and the missing ones behind it in one request, unless they are here or under way.</summary>
    /// <param name="entry">The object.</param>
    /// <param name="block">The first.</param>
    /// <param name="last">The last that is wanted.</param>
    /// <returns>
    /// Completes when the first block is here, with its bytes where the cache could not keep them; null where it is to be read from the
    /// cache.
    /// </returns>
    public Task<byte[]?> FetchAsync(CachedObject entry, int block, int last)
    {
        var claimed = new List<TaskCompletionSource<byte[]?>>();
        for (var next = block; next <= last && claimed.Count < options.FetchBlocks; next++)
        {
            if (next > block && entry.Has(next))
                break;
            var mine = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var winner = _underWay.GetOrAdd((entry, next), mine);
            if (winner != mine)
            {
                if (next == block)
                    return winner.Task;
                break;
            }

            // It may have come between the look and the claim.
            if (entry.Has(next))
            {
                Complete(entry, next, c => c.SetResult(null));
                if (next == block)
                    return mine.Task;
                break;
            }

            claimed.Add(mine);
        }

        _ = Task.Run(() => FetchAsync(entry, block, claimed));
        return claimed[0].Task;
    }

    private async Task FetchAsync(CachedObject entry, int first, IReadOnlyList<TaskCompletionSource<byte[]?>> claimed)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(options.BlockBytes);
        var done = 0;
        try
        {
            var (at, bytes) = ((long)first * options.BlockBytes, Enumerable.Range(first, claimed.Count).Sum(b => (long)entry.BytesOf(b)));
            await using var content = await inner.OpenReadAsync(entry.Key, at, bytes, CancellationToken.None);
            for (; done < claimed.Count; done++)
            {
                var block = buffer.AsMemory(0, entry.BytesOf(first + done));
                await content.ReadExactlyAsync(block);
                Interlocked.Add(ref _bytes, block.Length);
                var kept = folder.TryStore(entry, first + done, block.Span);
                Complete(entry, first + done, c => c.SetResult(kept ? null : block.ToArray()));
            }
        }
        catch (Exception e)
        {
            var cause = e is EndOfStreamException
                ? CachedObject.EndedEarly(entry, e)
                : e;
            for (; done < claimed.Count; done++)
                Complete(entry, first + done, c => Fail(c, cause));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Nobody may be waiting for a block that was fetched ahead.
    private static void Fail(TaskCompletionSource<byte[]?> claim, Exception cause)
    {
        claim.SetException(cause);
        _ = claim.Task.Exception;
    }

    private void Complete(CachedObject entry, int block, Action<TaskCompletionSource<byte[]?>> how)
    {
        if (_underWay.TryRemove((entry, block), out var claim))
            how(claim);
    }
}
