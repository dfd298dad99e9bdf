using Apache.Arrow;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Features.Training;
using Catalog.Platform;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;

namespace Catalog.TrainingSets;

/// <summary>A version that goes into a training set, and what binds whoever makes it.</summary>
internal sealed record BoundSource(NodeId Node, string ContentHash, TableSchema Schema, AccessObligations Obligations);

/// <summary>
/// Meets what binds the sources of a training set in its recipe: what is masked for whoever makes it is masked in it, and rows that are
/// left out for them are not in it. The recipe says both, so that it makes the same again for whoever verifies it. What cannot be met so
/// is refused.
/// </summary>
internal static class ObligedRecipe
{
    /// <param name="recipe">As it is wanted.</param>
    /// <param name="rows">Of the table of rows.</param>
    /// <param name="views">By view.</param>
    /// <exception cref="ProblemException">A policy leaves out rows by what does not fit their columns.</exception>
    public static Outcome<TrainingRecipe> Of(TrainingRecipe recipe, BoundSource rows, IReadOnlyList<BoundSource> views)
    {
        if (rows.Obligations.IsNone && views.All(v => v.Obligations.IsNone))
            return recipe;
        if ((WhyNot(recipe, rows) ?? recipe.Views.Select((v, i) => WhyNot(v, i, views[i])).FirstOrDefault(p => p is not null)) is { } no)
            return no;

        var masked = RowMasks(recipe, rows).Concat(recipe.Views.Zip(views).SelectMany(v => FeatureMasks(v.First, v.Second.Obligations)))
            .GroupBy(m => m.Column, m => m.Mask, StringComparer.Ordinal)
            .OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => new RecipeMask(m.Key, Masks.Write(m.Max())))
            .ToList();
        return recipe with
        {
            Rows = recipe.Rows with { Filter = Filter(recipe.Rows.Filter, rows) },
            Masked = masked.Count == 0 ? null : masked,
        };
    }

    /// <summary>What rows have to meet, of both: comparisons with <c>and</c> between them.</summary>
    private static string? Filter(string? wanted, BoundSource rows)
    {
        if (rows.Obligations.RowFilters.Count == 0)
            return wanted;
        ObligedRead.CheckFits(rows.Obligations, ArrowOf(rows.Schema.Columns));
        return string.Join(" and ", rows.Obligations.RowFilters.Prepend(wanted).OfType<string>());
    }

    /// <summary>Why rows cannot be put together so: columns that decide about them are masked. Null where none is.</summary>
    private static Problem? WhyNot(TrainingRecipe recipe, BoundSource rows)
    {
        IEnumerable<(string Column, string Field)> deciding =
        [
            (recipe.Rows.EventTime, "rows.eventTime"),
            .. recipe.Views.SelectMany((v, i) => v.Keys.Values.Select(key => (key, $"views[{i}].keys"))),
            .. (recipe.Splits?.Columns ?? []).Select(c => (c, "splits.columns")),
            .. (recipe.Splits?.Disjoint ?? []).Select(c => (c, "splits.disjoint")),
        ];
        foreach (var (column, field) in deciding.Where(d => ObligedRead.IsMasked(d.Column, rows.Obligations)))
            return Masked(column, rows, field);
        try
        {
            var filter = recipe.Rows.Filter is { } text ? FilterText.Parse(text) : [];
            return ObligedRead.WhyNotCompared(filter, rows.Obligations, "rows.filter");
        }
        catch (FilterException e)
        {
            return Problem.Field("request.invalid", "rows.filter", $"The filter cannot be read: {e.Message}");
        }
    }

    /// <summary>Why a view cannot be joined. Null where it can.</summary>
    private static Problem? WhyNot(RecipeView view, int place, BoundSource source)
    {
        if (source.Obligations.RowFilters.Count > 0)
        {
            return Problem.Field(
                "access.obliged", $"views[{place}].source",
                $"Rows of '{source.Node}' are left out for you, and what held at a time cannot be told from some of them.");
        }

        var (definition, from) = (view.Definition, view.Definition.Source);
        var added = view.Features.Select(f => definition.Features.First(d => d.Name == f.Feature))
            .Where(f => f.Aggregation is not null).Select(f => f.Column);
        return definition.Keys().Select(k => k.Column).Append(from.EventTime).Append(from.CreatedTime).Concat(added).OfType<string>()
            .FirstOrDefault(c => ObligedRead.IsMasked(c, source.Obligations)) is { } masked
            ? Masked(masked, source, $"views[{place}]")
            : null;
    }

    private static Problem Masked(string column, BoundSource source, string field) => Problem.Field(
        "access.masked_column", field,
        $"The column '{column}' of '{source.Node}' is masked for you, so that a training set can have it and not be made by it.");

    private static IReadOnlyList<ColumnMask> RowMasks(TrainingRecipe recipe, BoundSource rows)
    {
        var kept = rows.Schema.Columns.Where(c => recipe.Rows.Columns?.Contains(c.Name, StringComparer.Ordinal) ?? true);
        return ColumnMasks.Of(ArrowOf(kept), rows.Obligations, key: default)?.Applied ?? [];
    }

    private static IEnumerable<ColumnMask> FeatureMasks(RecipeView view, AccessObligations obligations) =>
        from feature in view.Features
        let column = view.Definition.Features.First(d => d.Name == feature.Feature).Column
        where column is not null && ObligedRead.IsMasked(column, obligations)
        select new ColumnMask(ColumnPath.Join("", feature.Column), obligations.MaskOf(ColumnPath.Join("", column)));

    private static Schema ArrowOf(IEnumerable<Schemas.Column> columns) => new(columns.Select(ArrowTypes.FieldOf), metadata: null);
}
