using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Features.Training;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Columnar.PointInTime;

namespace Catalog.TrainingSets;

/// <summary>A recipe whose inputs are open.</summary>
/// <param name="Recipe">What is made.</param>
/// <param name="Rows">To be read once.</param>
/// <param name="Join">Of the rows and all views.</param>
/// <param name="Made">Of rows as they are made, before columns are masked: the rows' columns that stay, features, and the part where rows
/// are parted.</param>
/// <param name="Masks">Of columns that are not there as they are; null for none.</param>
internal sealed record OpenRecipe(TrainingRecipe Recipe, ColumnScan Rows, PointInTimeJoin Join, Schema Made, ColumnMasks? Masks)
{
    /// <summary>How many of the rows' columns stay; those behind them are only looked at.</summary>
    public int Kept { get; } = KeptOf(Recipe, Rows);

    /// <summary>Of the files that are made.</summary>
    public Schema Schema => Masks?.Schema ?? Made;

    /// <param name="recipe">What is made.</param>
    /// <param name="rows">Files of the rows, in the order of their version.</param>
    /// <param name="events">By view, files of its source, in the order of their version.</param>
    /// <param name="settings">How much of the machine it takes.</param>
    /// <param name="maskKey">For hashes of masked values.</param>
    /// <param name="ct">Stops.</param>
    /// <exception cref="JoinException">A column is not there, or does not fit.</exception>
    /// <exception cref="FilterException">The filter does not fit the rows.</exception>
    public static async Task<Outcome<OpenRecipe>> OpenAsync(
        TrainingRecipe recipe, IReadOnlyList<ParquetSource> rows, IReadOnlyList<IReadOnlyList<ParquetSource>> events,
        TrainingSettings settings, ReadOnlyMemory<byte> maskKey, CancellationToken ct)
    {
        var scan = await ColumnScan.OpenBySchemaAsync(rows, schema => Request(recipe, schema), ct);
        var options = new JoinOptions
        {
            MemoryBytes = settings.MemoryBytes,
            SpillFolder = settings.Folder,
            KnownAt = Microseconds(recipe.KnownAt),
        };
        JoinedView[] views = [.. recipe.Views.Zip(events, Joined)];
        var join = await PointInTimeJoin.OpenAsync(scan.Schema, recipe.Rows.EventTime, recipe.Rows.TimeZone, views, options, ct);
        if (recipe.Splits is { } splits && SplitRows.Check(splits, scan.Schema, join.Schema) is { } wrong)
            return wrong;
        var made = SchemaOf(recipe, scan, join);
        return new OpenRecipe(recipe, scan, join, made, ColumnMasks.Of(made, ObligationsOf(recipe), maskKey));
    }

    /// <summary>Rows as they are in the files that are made; they take over those that were joined.</summary>
    /// <param name="joined">All columns that were read and computed.</param>
    /// <param name="part">That they are in; null where rows are not parted.</param>
    public RecordBatch Shown(RecordBatch joined, string? part)
    {
        var all = Rows.Schema.FieldsList.Count;
        foreach (var looked in joined.Arrays.Skip(Kept).Take(all - Kept))
            looked.Dispose();
        List<IArrowArray> arrays = [.. joined.Arrays.Take(Kept), .. joined.Arrays.Skip(all)];
        if (part is not null)
            arrays.Add(new StringArray.Builder().AppendRange(Enumerable.Repeat(part, joined.Length)).Build());
        var made = new RecordBatch(Made, arrays, joined.Length);
        return Masks?.Apply(made) ?? made;
    }

    /// <summary>A mask that is not known here is one of a later server: then nothing is shown of the column.</summary>
    private static AccessObligations ObligationsOf(TrainingRecipe recipe) =>
        new([.. (recipe.Masked ?? []).Select(m => new ColumnMask(m.Column, Access.Masks.Read(m.Mask) ?? Mask.Null))], Mask.None, []);

    private static int KeptOf(TrainingRecipe recipe, ColumnScan rows) =>
        recipe.Rows.Columns?.Distinct(StringComparer.Ordinal).Count() ?? rows.Schema.FieldsList.Count;

    private static Schema SchemaOf(TrainingRecipe recipe, ColumnScan rows, PointInTimeJoin join)
    {
        List<Field> fields =
            [.. join.Schema.FieldsList.Take(KeptOf(recipe, rows)), .. join.Schema.FieldsList.Skip(rows.Schema.FieldsList.Count)];
        if (recipe.Splits is not null)
            fields.Add(new(SplitRule.Column, StringType.Default, nullable: false));
        return new(fields, metadata: null);
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
        var missing = kept.Concat(looked).FirstOrDefault(c => schema.GetFieldIndex(c) < 0);
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

    private static JoinedView Joined(RecipeView view, IReadOnlyList<ParquetSource> files) => new(
        view.As is { } name ? $"'{view.View}' ({name})" : $"'{view.View}'", view.Definition, files, view.Keys,
        [.. view.Features.Select(f => new JoinedFeature(view.Definition.Features.First(d => d.Name == f.Feature), f.Column))]);

    private static long? Microseconds(DateTimeOffset? time) =>
        time is { } t ? (t.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond : null;
}
