using Catalog.Access;
using Catalog.Integrity;

namespace Catalog.Manifests;

/// <summary>Statistics as they are shown: the least and the greatest value are values of a column.</summary>
internal static class ShownStatistics
{
    /// <param name="statistics">By column path.</param>
    /// <param name="obligations">That bind whoever reads the data.</param>
    /// <returns>Those of columns that are shown as they are; none where rows are left out, since they are of all rows.</returns>
    public static IReadOnlyDictionary<string, ColumnStatistics> Of(
        IReadOnlyDictionary<string, ColumnStatistics> statistics, AccessObligations obligations) =>
        obligations.IsNone ? statistics
        : statistics.Where(s => obligations.RowFilters.Count == 0 && obligations.MaskOf(s.Key) == Mask.None)
            .ToDictionary(StringComparer.Ordinal);
}
