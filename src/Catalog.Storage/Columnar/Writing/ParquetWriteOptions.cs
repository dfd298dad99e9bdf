namespace Catalog.Storage.Columnar;

/// <summary>How pages are compressed.</summary>
public enum ParquetCompression
{
    Zstd,
    Snappy,
    None,
}

/// <summary>How a Parquet file is written. The same rows and options, with the same version of the engine, make the same bytes.</summary>
public sealed record ParquetWriteOptions
{
    public const int DefaultRowGroupRows = 122_880;
    public const long DefaultRowGroupBytes = 64L * 1024 * 1024;

    /// <summary>
    /// Columns to sort by, the first one first; ascending, NaN behind numbers, nulls last, and rows that are equal stay as they come.
    /// All rows are then held in memory. None: rows are written as they come.
    /// </summary>
    public IReadOnlyList<string> SortBy { get; init; } = [];

    /// <summary>How many rows a row group has at most.</summary>
    public int RowGroupRows { get; init; } = DefaultRowGroupRows;

    /// <summary>About how many bytes of Arrow a row group has at most; by the mean of the first rows.</summary>
    public long RowGroupBytes { get; init; } = DefaultRowGroupBytes;

    public ParquetCompression Compression { get; init; } = ParquetCompression.Zstd;

    /// <summary>As it is recorded in the file.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"compression={Compression};row_group_rows={RowGroupRows};row_group_bytes={RowGroupBytes}")
        + $";sort_by={string.Join(',', SortBy.Select(Uri.EscapeDataString))}";
}

/// <summary>What was written.</summary>
public sealed record WrittenParquet(long Rows, int RowGroups, long Bytes);
