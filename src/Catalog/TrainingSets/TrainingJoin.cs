using Catalog.Columns;
using Catalog.Features.Training;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Usage;

namespace Catalog.TrainingSets;

/// <summary>Opens recipes: the rows, the events of each view, and the join of both.</summary>
internal sealed class TrainingJoin(
    VersionLookup versions, ColumnFiles files, Readings readings, MaskKey maskKey, TrainingSettings settings)
{
    public async Task<Outcome<OpenRecipe>> OpenAsync(TrainingRecipe recipe, CancellationToken ct)
    {
        try
        {
            var rows = await SourcesAsync(recipe.Rows.Dataset, ct);
            if (!rows.Succeeded)
                return rows.Problem;
            var events = new List<IReadOnlyList<ParquetSource>>();
            foreach (var view in recipe.Views)
            {
                var source = await SourcesAsync(view.Source, ct);
                if (!source.Succeeded)
                    return source.Problem;
                events.Add(source.Value.Files);
            }

            var key = recipe.Masked is null ? default : await maskKey.GetAsync(ct);
            return await OpenRecipe.OpenAsync(recipe, rows.Value.Files, events, settings, key, ct);
        }
        catch (JoinException e)
        {
            return Problem.Of(e.Code, e.Message);
        }
        catch (FilterException e)
        {
            return Problem.Field("request.invalid", "rows.filter", $"The filter cannot be read: {e.Message}");
        }
    }

    private async Task<Outcome<Sources>> SourcesAsync(NodeId version, CancellationToken ct)
    {
        var found = await versions.FindAsync(version, ct);
        if (!found.Succeeded)
            return found.Problem;
        var reading = readings.Begin(found.Value.Node, UsageWay.TrainingSet);
        return new Sources(await files.SourcesAsync(found.Value.ManifestHash, reading, ct));
    }

    private sealed record Sources(IReadOnlyList<ParquetSource> Files);
}
