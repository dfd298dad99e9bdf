using System.Text.Json;
using Apache.Arrow;
using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;

namespace Catalog.Columns;

/// <summary>Meets what the gate binds a reader of columns to: rows are left out, columns masked, and the answer says so.</summary>
internal static class ObligedRead
{
    /// <summary>Metadata of a schema: the columns that are masked in it, as JSON, each a <c>column</c> and a <c>mask</c>.</summary>
    public const string MaskedKey = "catalog.masked";

    /// <summary>Metadata of a schema: <c>true</c> where rows were left out that the reader may not see.</summary>
    public const string FilteredKey = "catalog.filtered";

    /// <summary>What rows have to meet, beside what the reader asks for.</summary>
    /// <exception cref="ProblemException">It cannot be read: then nothing is.</exception>
    public static IReadOnlyList<FilterText.Written> RowFilters(AccessObligations obligations)
    {
        try
        {
            return [.. obligations.RowFilters.SelectMany(FilterText.Parse)];
        }
        catch (FilterException)
        {
            throw Unfit();
        }
    }

    /// <summary>Why a filter is refused: it would tell values apart that are not shown. Null where it compares none of those.</summary>
    public static Problem? WhyNotCompared(IEnumerable<FilterText.Written> filter, AccessObligations obligations, string field = "filter") =>
        filter.Select(c => c.Column).FirstOrDefault(c => IsMasked(c, obligations)) is { } masked
            ? Problem.Field("access.masked_column", field, $"The column '{masked}' is masked for you, so that rows cannot be chosen by it.")
            : null;

    /// <summary>Whether a column, or something in it, is not shown as it is.</summary>
    public static bool IsMasked(string column, AccessObligations obligations) =>
        obligations.HasMasks && obligations.MaskOf(ColumnPath.Join("", column)) != Mask.None;

    /// <summary>A request that meets what binds it.</summary>
    /// <param name="request">As the reader wants it.</param>
    /// <param name="file">The columns of the files, all of them.</param>
    /// <param name="obligations">That bind it.</param>
    /// <param name="key">For hashes.</param>
    /// <param name="kept">Whether batches, or parts of them, are kept for longer than until the next is asked for.</param>
    /// <exception cref="ProblemException">What rows have to meet does not fit the columns: then nothing is read.</exception>
    public static ScanRequest Bind(
        ScanRequest request, Schema file, AccessObligations obligations, ReadOnlyMemory<byte> key, bool kept = false)
    {
        if (obligations.IsNone)
            return request;

        var masks = ColumnMasks.Of(Wanted(request, file), obligations, key);
        return request with
        {
            Where = [.. request.Where, .. Conditions(obligations, file)],
            Project = masks is null ? null : kept ? masks.Apply : masks.Lend,
            ProjectedSchema = schema => Tell(masks?.Schema ?? schema, masks?.Applied ?? [], obligations.RowFilters.Count > 0),
        };
    }

    /// <summary>The columns that are masked in what is read, as its schema says.</summary>
    public static IReadOnlyList<ProjectedMask> MaskedIn(Schema schema) =>
        schema.Metadata?.TryGetValue(MaskedKey, out var masked) == true
            ? JsonSerializer.Deserialize<List<ProjectedMask>>(masked, JsonSerializerOptions.Web) ?? []
            : [];

    /// <summary>Obligations in one spelling: what binds a place in a training read, so that it is not gone on from under others.</summary>
    public static string Spell(AccessObligations obligations) => obligations.IsNone
        ? ""
        : string.Join(
            '\n',
            [
                Masks.Write(obligations.Everywhere),
                .. obligations.Masks.Select(m => $"{Masks.Write(m.Mask)} {m.Column}"),
                FilterText.Spell(RowFilters(obligations)),
            ]);

    /// <summary>Checks that what rows have to meet fits columns.</summary>
    /// <exception cref="ProblemException">It does not.</exception>
    public static void CheckFits(AccessObligations obligations, Schema file) => Conditions(obligations, file);

    /// <summary>What rows have to meet, by columns.</summary>
    /// <exception cref="ProblemException">It does not fit them: then nothing is read.</exception>
    public static IReadOnlyList<Condition> Conditions(AccessObligations obligations, Schema file)
    {
        try
        {
            var conditions = FilterTypes.Bind(RowFilters(obligations), file).ToList();
            foreach (var condition in conditions)
                condition.CheckFits(file.GetFieldByName(condition.Column));
            return conditions;
        }
        catch (Exception e) when (e is FilterException or ScanException)
        {
            throw Unfit();
        }
    }

    /// <summary>The columns that are read. One that is not there is refused by the scan.</summary>
    private static Schema Wanted(ScanRequest request, Schema file) => request.Columns is { } columns
        ? new(columns.Where(c => file.GetFieldIndex(c) >= 0).Select(file.GetFieldByName), metadata: null)
        : file;

    private static Schema Tell(Schema schema, IReadOnlyList<ColumnMask> masked, bool isFiltered)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (masked.Count > 0)
            metadata[MaskedKey] = JsonSerializer.Serialize(masked.Select(m => new { column = m.Column, mask = Masks.Write(m.Mask) }));
        if (isFiltered)
            metadata[FilteredKey] = "true";
        return new(schema.FieldsList, metadata);
    }

    /// <summary>It does not say what is compared with what: that is for those to see who may see the policy.</summary>
    private static ProblemException Unfit() => new(Problem.Of(
        "access.denied",
        "A policy leaves out rows of this for you, and what it compares does not fit the columns of this version; so no row is shown."));
}
