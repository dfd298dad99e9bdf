using Catalog.Datasets;
using Catalog.Features.Training;
using Catalog.Retention;
using Marten;

namespace Catalog.Erasure;

/// <summary>Inputs of a recipe that are not kept any more, and the recipe with what has their place.</summary>
/// <param name="Erased">Inputs that are not kept any more.</param>
/// <param name="Recipe">With their successors; null where one has none.</param>
internal sealed record ReplacedInputs(IReadOnlyList<NodeId> Erased, TrainingRecipe? Recipe);

/// <summary>Finds what has the place of versions that were erased: their successors, and where those were erased, too, theirs.</summary>
internal sealed class ErasedInputs(IQuerySession pages)
{
    public async Task<ReplacedInputs> ReplaceAsync(TrainingRecipe recipe, CancellationToken ct)
    {
        var (erased, successors) = (new List<NodeId>(), new Dictionary<NodeId, VersionPage>());
        foreach (var input in recipe.Inputs())
        {
            if (await pages.LoadAsync<VersionPage>(input.ToString(), ct) is not { Tombstone: not null } page)
                continue;
            erased.Add(input);
            if (await FollowAsync(page, ct) is { } successor)
                successors.Add(input, successor);
        }

        return new(erased, successors.Count < erased.Count ? null : recipe with
        {
            Rows = successors.TryGetValue(recipe.Rows.Dataset, out var rows)
                ? recipe.Rows with { Dataset = NodeId.Parse(rows.Id), ContentHash = rows.ContentHash ?? "" }
                : recipe.Rows,
            Views =
            [
                .. recipe.Views.Select(v => successors.TryGetValue(v.Source, out var source)
                    ? v with { Source = NodeId.Parse(source.Id), SourceContentHash = source.ContentHash ?? "" }
                    : v),
            ],
        });
    }

    /// <summary>The version that has what is left; null where there is none.</summary>
    public async Task<VersionPage?> FollowAsync(VersionPage page, CancellationToken ct)
    {
        for (var next = page; next is not null;)
        {
            if (next.Tombstone is not { } gone)
                return next.ManifestHash is null ? null : next;
            next = gone is { Cause: TombstoneCause.Erasure, Successor: { } successor }
                ? await pages.LoadAsync<VersionPage>(successor.ToString(), ct)
                : null;
        }

        return null;
    }
}
