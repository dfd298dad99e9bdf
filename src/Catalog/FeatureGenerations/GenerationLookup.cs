using Catalog.Platform;
using Marten;

namespace Catalog.FeatureGenerations;

/// <summary>Finds generations by their ids.</summary>
internal sealed class GenerationLookup(IQuerySession pages)
{
    /// <returns>One of each id, in their order; or which is not there.</returns>
    public async Task<Outcome<IReadOnlyList<FeatureGenerationPage>>> FindAsync(IReadOnlyList<Guid> generations, CancellationToken ct)
    {
        string[] ids = [.. generations.Select(g => NodeId.Generation(g).ToString())];
        var found = (await pages.LoadManyAsync<FeatureGenerationPage>(ct, ids)).ToDictionary(g => g.Id, StringComparer.Ordinal);
        return Array.Find(ids, id => !found.ContainsKey(id)) is { } missing
            ? Problem.Of("feature_generation.not_found", $"There is no '{missing}'.")
            : ids.Select(id => found[id]).ToList();
    }
}
