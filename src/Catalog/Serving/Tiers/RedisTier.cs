using System.Collections.Concurrent;
using Catalog.Hot;
using Catalog.Storage.Hot;
using Catalog.Storage.Hot.Redis;

namespace Catalog.Serving.Tiers;

/// <summary>
/// Generations in Redis. One that has lost a part is no answer: the next tier is asked, and the generation is published again.
/// </summary>
internal sealed class RedisTier(RedisGenerations redis) : IRemoteTier
{
    private const int MostKnown = 1_000;

    /// <summary>How many parts generations have, which never changes.</summary>
    private readonly ConcurrentDictionary<Guid, long> _parts = new();

    public ServingTier Tier => ServingTier.Redis;

    public async Task<bool> FindAsync(HotView view, KeyBatch keys, RowShelf shelf, Memory<nint> rows, CancellationToken ct)
    {
        if (view.Active is not { } active)
            return false;
        try
        {
            if (await PartsAsync(active.Id, ct) is not { } parts)
                return false;
            if (await redis.FindAsync(active.Id, parts, keys, view.Layout, shelf, rows, ct))
                return true;
            await redis.LostAsync(active.Id, ct);
            return false;
        }
        catch (Exception e) when (e is RedisStoreException or GenerationException)
        {
            throw new TierException(e.Message, e);
        }
    }

    private async Task<long?> PartsAsync(Guid generation, CancellationToken ct)
    {
        if (_parts.TryGetValue(generation, out var known))
            return known;
        if (await redis.PartsOfAsync(generation, ct) is not { } parts)
            return null;
        if (_parts.Count >= MostKnown)
            _parts.Clear();
        return _parts[generation] = parts;
    }
}
