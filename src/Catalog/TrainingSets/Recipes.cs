using Catalog.Access;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.Features.Training;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Marten;

namespace Catalog.TrainingSets;

/// <summary>Makes recipes of what people write: pins every version, and copies definitions as they are now.</summary>
internal sealed class Recipes(VersionLookup versions, FeatureViews views, IQuerySession pages, Gate gate)
{
    /// <summary>Asks for leave to read all that goes into the set.</summary>
    public async Task<Outcome<TrainingRecipe>> OfAsync(TrainingSetSpec spec, CancellationToken ct)
    {
        var rows = await PinAsync(spec.Rows.Dataset, "rows.dataset", ct);
        if (!rows.Succeeded)
            return rows.Problem;

        var (joined, sources) = (new List<RecipeView>(), new List<BoundSource>());
        foreach (var (wanted, place) in (spec.Views ?? []).Select((v, i) => (v, i)))
        {
            var view = await PinAsync(wanted, place, ct);
            if (!view.Succeeded)
                return view.Problem;
            joined.Add(view.Value.View);
            sources.Add(view.Value.Source);
        }

        var recipe = new TrainingRecipe(
            TrainingRecipe.CurrentFormat,
            new(rows.Value.Node, rows.Value.ContentHash, spec.Rows.EventTime, spec.Rows.TimeZone, spec.Rows.Columns, spec.Rows.Filter),
            joined,
            spec.KnownAt,
            spec.Splits,
            PointInTimeJoin.Engine,
            ParquetFileWriter.Writer,
            TrainingFiles.WriteOptions.ToString());
        return ObligedRecipe.Of(recipe, rows.Value, sources);
    }

    private async Task<Outcome<PinnedView>> PinAsync(JoinedViewSpec wanted, int place, CancellationToken ct)
    {
        var field = $"views[{place}]";
        var found = await views.FindAsync(wanted.View, ct);
        if (gate.Ask(Act.Read, found.Value?.Node ?? wanted.View, found.Value?.Tags ?? []).Refusal is { } no)
            return no;
        if (!found.Succeeded)
            return found.Problem;

        var (node, _, definition, hash) = found.Value;
        if (wanted.Source is { } source && source.WithoutVersion() != definition.Source.Dataset)
        {
            return Problem.Field(
                "training_set.invalid", $"{field}.source",
                $"'{source}' is not of the source of '{node}', which is '{definition.Source.Dataset}'.");
        }

        var pinned = await PinAsync(wanted.Source ?? definition.Source.Dataset, $"{field}.source", ct);
        if (!pinned.Succeeded)
            return pinned.Problem;
        if (Unknown(wanted, definition, node, field) is { } unknown)
            return unknown;

        var features = wanted.Features ?? [.. definition.Features.Select(f => f.Name)];
        var joined = new RecipeView(
            node, hash, definition, wanted.As,
            definition.Keys().ToDictionary(k => k.Name, k => wanted.Keys?.GetValueOrDefault(k.Name) ?? k.Name, StringComparer.Ordinal),
            [.. features.Select(f => new RecipeFeature(f, wanted.As is { } name ? $"{name}__{f}" : f))],
            pinned.Value.Node, pinned.Value.ContentHash);
        return new PinnedView(joined, pinned.Value);
    }

    private static Problem? Unknown(JoinedViewSpec wanted, FeatureDefinition definition, NodeId node, string field)
    {
        var keys = definition.Keys().Select(k => k.Name).ToList();
        if (wanted.Keys?.Keys.FirstOrDefault(k => !keys.Contains(k, StringComparer.Ordinal)) is { } key)
        {
            return Problem.Field(
                "training_set.invalid", $"{field}.keys",
                $"'{node}' has no key '{key}'; its keys are {string.Join(", ", keys.DefaultIfEmpty("none"))}.");
        }

        return wanted.Features?.FirstOrDefault(f => definition.Features.All(d => d.Name != f)) is { } feature
            ? Problem.Field(
                "training_set.invalid", $"{field}.features",
                $"'{node}' has no feature '{feature}'; it has {string.Join(", ", definition.Features.Select(d => d.Name))}.")
            : null;
    }

    private async Task<Outcome<BoundSource>> PinAsync(NodeId dataset, string field, CancellationToken ct)
    {
        var version = await versions.FindAsync(dataset, ct);
        var may = gate.Ask(Act.ReadData, version.Value?.Node ?? dataset, version.Value?.Tags ?? []);
        if (may.Denial is { } no)
            return no;
        if (!version.Succeeded)
            return version.Problem;
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(version.Value.Node.StreamId, version.Value.Number), ct);
        return page is { Schema: { } schema, ContentHash: { } hash }
            ? new BoundSource(version.Value.Node, hash, schema, may.Obligations)
            : Problem.Field("columns.none", field, $"'{version.Value.Node}' is not a table of Parquet files.");
    }

    private sealed record PinnedView(RecipeView View, BoundSource Source);
}
