using Catalog.Hot;
using Catalog.Platform;
using Catalog.Serving.Tiers;
using Catalog.Storage.Hot;

namespace Catalog.Serving;

/// <summary>Rows of a generation that are not in this process.</summary>
internal interface IRemoteTier
{
    ServingTier Tier { get; }

    /// <summary>Finds the rows of keys.</summary>
    /// <param name="view">Whose active generation is asked for.</param>
    /// <param name="keys">Of the view.</param>
    /// <param name="shelf">Where rows are kept that were found.</param>
    /// <param name="rows">By key, filled with the rows' addresses; 0 where there is none.</param>
    /// <returns>False where this tier does not have the generation.</returns>
    /// <exception cref="TierException">The tier does not answer.</exception>
    Task<bool> FindAsync(HotView view, KeyBatch keys, RowShelf shelf, Memory<nint> rows, CancellationToken ct);
}

/// <summary>A tier does not answer.</summary>
internal sealed class TierException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The tiers behind this process, in the order in which a view wants them asked.</summary>
internal sealed class RemoteTiers(IEnumerable<IRemoteTier> tiers, TierOptions options, TimeProvider clock)
{
    private readonly IReadOnlyList<GuardedTier> _tiers = [.. tiers.Select(t => new GuardedTier(t, options, clock))];

    /// <summary>How each of them does.</summary>
    public IReadOnlyList<TierHealth> Health => [.. _tiers.Select(t => t.Health)];

    /// <summary>Finds the rows of a view in the first tier that has them.</summary>
    /// <returns>A problem where none answers.</returns>
    public async Task<Problem?> FindAsync(OnlineRead read, int place, HotView view, CancellationToken ct)
    {
        var failures = new List<string>();
        foreach (var wanted in view.Tiers)
        {
            if (_tiers.FirstOrDefault(t => t.Tier == wanted) is not { } tier)
                continue;
            try
            {
                if (await tier.FindAsync(view, read.KeysOf(place), read.Shelf, read.FoundMemoryOf(place), ct))
                {
                    read.Answered(place, wanted);
                    return null;
                }
            }
            catch (TierException e)
            {
                failures.Add($"{wanted}: {e.Message}");
            }
        }

        return Problem.Of(
            "serving.unavailable",
            failures.Count == 0
                ? $"No place that '{view.Node}' may be served from has its generation now; try again shortly."
                : $"'{view.Node}' cannot be served now ({string.Join("; ", failures)}).");
    }
}
