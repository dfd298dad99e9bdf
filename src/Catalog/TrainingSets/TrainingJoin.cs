using Apache.Arrow;
using Catalog.Columns;
using Catalog.Features.Training;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Usage;

namespace Catalog.TrainingSets;

/// <summary>Opens recipes: the rows, the events of each view, and the join of both.</summary>
internal sealed class TrainingJoin(VersionLookup versions, ColumnFiles files, Readings readings, TrainingSettings settings)
{
    public async Task<Outcome<OpenRecipe>> OpenAsync(TrainingRecipe recipe, CancellationToken ct)
    {
        try
        {
            var rows = await SourcesAsync(recipe.Rows.Dataset, ct);
            if (!rows.Succeeded)
                return rows.Problem;
            var views = new List<JoinedView>();
            foreach (var view in recipe.Views)
            {
                var events = await SourcesAsync(view.Source, ct);
                if (!events.Succeeded)
                    return events.Problem;
                views.Add(Joined(view, events.Value.Files));
            }

            return await OpenAsync(recipe, rows.Value.Files, views, ct);
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

    private async Task<Outcome<OpenRecipe>> OpenAsync(
        TrainingRecipe recipe, IReadOnlyList<ParquetSource> rows, IReadOnlyList<JoinedView> views, CancellationToken ct)
    {
        var scan = await ColumnScan.OpenBySchemaAsync(rows, schema => Request(recipe, schema), ct);
        var options = new JoinOptions
        {
            MemoryBytes = settings.MemoryBytes,
            SpillFolder = settings.Folder,
            KnownAt = Microseconds(recipe.KnownAt),
        };
        var join = await PointInTimeJoin.OpenAsync(scan.Schema, recipe.Rows.EventTime, recipe.Rows.TimeZone, views, options, ct);
        if (recipe.Splits is { } splits && SplitRows.Check(splits, scan.Schema, join.Schema) is { } wrong)
            return wrong;
        return new OpenRecipe(recipe, scan, join);
    }

    /// <summary>The columns that stay, and behind them those that are only looked at.</summary>
    private static ScanRequest Request(TrainingRecipe recipe, Schema schema)
    {
        var kept = recipe.Rows.Columns ?? [.. schema.FieldsList.Select(f => f.Name)];
        IEnumerable<string> looked =
        [
            recipe.Rows.EventTime, .. recipe.Views.SelectMany(v => v.Keys.Values),
            .. recipe.Splits?.Columns ?? [], .. recipe.Splits?.Disjoint ?? [],
        ];
        var missing = looked.FirstOrDefault(c => schema.GetFieldIndex(c) < 0);
        return missing is null
            ? new()
            {
                Columns = [.. kept.Concat(looked).Distinct(StringComparer.Ordinal)],
                Where = recipe.Rows.Filter is { } filter ? FilterTypes.Bind(FilterText.Parse(filter), schema) : [],
            }
            : throw new JoinException(
                JoinException.BadColumns,
                $"'{recipe.Rows.Dataset}' has no column '{missing}'; it has {string.Join(", ", schema.FieldsList.Select(f => f.Name))}.");
    }

    private async Task<Outcome<Sources>> SourcesAsync(NodeId version, CancellationToken ct)
    {
        var found = await versions.FindAsync(version, ct);
        if (!found.Succeeded)
            return found.Problem;
        var reading = readings.Begin(found.Value.Node, UsageWay.TrainingSet);
        return new Sources(await files.SourcesAsync(found.Value.ManifestHash, reading, ct));
    }

    private static JoinedView Joined(RecipeView view, IReadOnlyList<ParquetSource> files) => new(
        view.As is { } name ? $"'{view.View}' ({name})" : $"'{view.View}'", view.Definition, files, view.Keys,
        [.. view.Features.Select(f => new JoinedFeature(view.Definition.Features.First(d => d.Name == f.Feature), f.Column))]);

    private static long? Microseconds(DateTimeOffset? time) =>
        time is { } t ? (t.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond : null;

    private sealed record Sources(IReadOnlyList<ParquetSource> Files);
}

/// <summary>A recipe whose inputs are open.</summary>
/// <param name="Recipe">What is made.</param>
/// <param name="Rows">To be read once.</param>
/// <param name="Join">Of the rows and all views.</param>
internal sealed record OpenRecipe(TrainingRecipe Recipe, ColumnScan Rows, PointInTimeJoin Join)
{
    /// <summary>How many of the rows' columns stay; those behind them are only looked at.</summary>
    public int Kept => Recipe.Rows.Columns?.Distinct(StringComparer.Ordinal).Count() ?? Rows.Schema.FieldsList.Count;

    /// <summary>Of the files that are made: the rows' columns that stay, features, and the part where rows are parted.</summary>
    public Schema Schema { get; } = SchemaOf(Recipe, Rows, Join);

    private static Schema SchemaOf(TrainingRecipe recipe, ColumnScan rows, PointInTimeJoin join)
    {
        var kept = recipe.Rows.Columns?.Distinct(StringComparer.Ordinal).Count() ?? rows.Schema.FieldsList.Count;
        List<Field> fields = [.. join.Schema.FieldsList.Take(kept), .. join.Schema.FieldsList.Skip(rows.Schema.FieldsList.Count)];
        if (recipe.Splits is not null)
            fields.Add(new(SplitRule.Column, Apache.Arrow.Types.StringType.Default, nullable: false));
        return new(fields, metadata: null);
    }
}
