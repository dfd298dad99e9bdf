using Apache.Arrow;
using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Decodes Parquet into Arrow. Engines differ in speed and in what they can read, never in what they read: the same file gives the same
/// values and types (<see cref="ParquetFile.Schema"/>) with each.
/// </summary>
public interface IParquetEngine
{
    /// <summary>The library and its version.</summary>
    string Name { get; }

    /// <summary>Opens a file for one reader. Several readers of one file may be used at the same time, each by one thread.</summary>
    /// <param name="file">A file whose footer is sound.</param>
    /// <param name="columns">Which top-level columns to read, by their places in the schema, each once.</param>
    /// <param name="batchRows">How many rows a batch has at most.</param>
    /// <exception cref="FileException">It cannot be read, or is damaged.</exception>
    /// <exception cref="ScanException"><see cref="ScanException.Unsupported"/>: this engine cannot read it.</exception>
    Task<IRowGroupReader> OpenAsync(ParquetFile file, IReadOnlyList<int> columns, int batchRows, CancellationToken ct);
}

/// <summary>Reads row groups of one file, one at a time.</summary>
public interface IRowGroupReader : IAsyncDisposable
{
    /// <summary>
    /// The rows of a row group in order. Columns are those asked for, in that order. Each batch belongs to whoever receives it and is to
    /// be disposed: its memory may not be the runtime's. It stays valid after this reader is gone. Pages are looked over
    /// (<see cref="PageWalk"/>) before they are decoded.
    /// </summary>
    /// <exception cref="FileException">The pages are damaged, or cannot be read.</exception>
    /// <exception cref="ScanException"><see cref="ScanException.Unsupported"/>: this engine cannot read a column.</exception>
    IAsyncEnumerable<RecordBatch> ReadAsync(int rowGroup, CancellationToken ct);
}
