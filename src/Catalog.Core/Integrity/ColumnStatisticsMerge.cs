namespace Catalog.Integrity;

/// <summary>
/// The statistics of one column over many files, taken in one by one. A file in which every row is null has no smallest or largest value to
/// know, so it adds its nulls and nothing else.
/// </summary>
public sealed class ColumnStatisticsMerge
{
    private ColumnStatistics? _valued;
    private bool _someAreEmpty;
    private long? _nullsOfEmpty = 0;

    /// <summary>How many files were taken in.</summary>
    public long Files { get; private set; }

    /// <param name="type">The column's type: how its values are compared.</param>
    /// <param name="statistics">Of one file.</param>
    /// <param name="rows">Of that file, where they are known.</param>
    public void Add(string type, ColumnStatistics statistics, long? rows)
    {
        Files++;
        if (statistics.Nulls is { } nulls && nulls == rows)
        {
            _someAreEmpty = true;
            _nullsOfEmpty = ColumnStatistics.Sum(_nullsOfEmpty, nulls);
        }
        else
        {
            _valued = _valued is null
                ? ColumnStatistics.Merge(type, statistics, statistics) with { Nulls = statistics.Nulls }
                : ColumnStatistics.Merge(type, _valued, statistics);
        }
    }

    /// <summary>What is known of all of them together; nothing where there were none.</summary>
    public ColumnStatistics Result() => (_valued, _someAreEmpty) switch
    {
        (null, false) => ColumnStatistics.Unknown,
        (null, true) => ColumnStatistics.Unknown with { Nulls = _nullsOfEmpty },
        ({ } valued, _) => valued with { Nulls = ColumnStatistics.Sum(valued.Nulls, _nullsOfEmpty) },
    };
}
