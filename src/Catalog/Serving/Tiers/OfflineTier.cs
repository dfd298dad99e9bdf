using System.Collections.Concurrent;
using Catalog.Hot;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;

namespace Catalog.Serving.Tiers;

/// <summary>The generation's own file in the object store: slower than any other tier, and there wherever the generation is.</summary>
internal sealed class OfflineTier(ContentStore objects) : IRemoteTier
{
    private const int MostOpen = 1_000;
    private readonly ConcurrentDictionary<string, OfflineGeneration> _open = new(StringComparer.Ordinal);

    public ServingTier Tier => ServingTier.Offline;

    public async Task<bool> FindAsync(HotView view, KeyBatch keys, RowShelf shelf, Memory<nint> rows, CancellationToken ct)
    {
        if (view.Active is not { } active)
            return false;
        try
        {
            var generation = _open.GetValueOrDefault(active.Sha256) ?? await OpenAsync(active, view.Layout, ct);
            await generation.FindAsync(keys, shelf, rows, ct);
            return true;
        }
        catch (Exception e) when (e is ObjectStoreException or GenerationException or IOException or UnauthorizedAccessException)
        {
            throw new TierException($"its file cannot be read ({e.Message})", e);
        }
    }

    private async Task<OfflineGeneration> OpenAsync(ActiveGeneration active, RowLayout layout, CancellationToken ct)
    {
        var opened = await OfflineGeneration.OpenAsync(objects, active.Sha256, active.Bytes, layout, ct);
        if (_open.Count >= MostOpen)
            _open.Clear();
        return _open[active.Sha256] = opened;
    }
}
