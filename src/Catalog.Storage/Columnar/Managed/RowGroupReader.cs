using System.Runtime.CompilerServices;
using Apache.Arrow;
using Catalog.Storage.Files;
using Parquet;
using Parquet.Schema;
using Field = Apache.Arrow.Field;

namespace Catalog.Storage.Columnar.Managed;

/// <summary>
/// Reads whole row groups into the runtime's memory and hands them out in slices: pages are not where rows are, and Parquet.Net reads a
/// column chunk as one.
/// </summary>
internal sealed class RowGroupReader(
    ParquetFile file, ParquetReader reader, Stream stream, IReadOnlyList<DataField> fields, IReadOnlyList<int> columns, int batchRows)
    : IRowGroupReader
{
    /// <summary>Of a column chunk; more is for the native engine, which reads in parts.</summary>
    private const long MaxValues = 64 * 1024 * 1024;

    private const int RunLengthEncoding = 3;
    private readonly PageWalk _pages = new(file, stream, (leaf, page) => Refuse(file, leaf, page));
    private readonly Schema _schema = new(columns.Select(file.Schema.GetFieldByIndex), metadata: null);

    public async IAsyncEnumerable<RecordBatch> ReadAsync(int rowGroup, [EnumeratorCancellation] CancellationToken ct)
    {
        using var whole = await ReadWholeAsync(rowGroup, ct);
        for (var row = 0; row < whole.Length; row += batchRows)
        {
            ct.ThrowIfCancellationRequested();
            yield return whole.SliceShared(row, Math.Min(batchRows, whole.Length - row));
        }
    }

    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private async Task<RecordBatch> ReadWholeAsync(int rowGroup, CancellationToken ct)
    {
        try
        {
            using var group = reader.OpenRowGroupReader(rowGroup);
            var rows = checked((int)group.RowCount);
            var arrays = new List<IArrowArray>();
            foreach (var column in columns)
            {
                ct.ThrowIfCancellationRequested();
                arrays.Add(await ReadAsync(group, rowGroup, column, rows, ct));
            }

            return new(_schema, arrays, rows);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            throw ParquetNetEngine.Fault(file, e);
        }
    }

    private async Task<IArrowArray> ReadAsync(ParquetRowGroupReader group, int rowGroup, int column, int rows, CancellationToken ct)
    {
        var (first, count) = file.LeavesOf(column);
        _pages.Check(rowGroup, Enumerable.Range(first, count));
        var leaves = new LeafValues[count];
        for (var i = 0; i < count; i++)
        {
            var (leaf, values) = (file.Leaves[first + i], file.Groups[rowGroup].Chunks[first + i].Values);
            if (values > MaxValues)
                throw new NotSupportedException($"column '{leaf.Path}' has {values} values in a row group, more than {MaxValues}");
            leaves[i] = await LeafValues.ReadAsync(group, fields[first + i], leaf, (int)values, ct);
        }

        var data = new NestedAssembly(leaves).Build(file.Table.Columns[column], file.Schema.GetFieldByIndex(column));
        return data.Length == rows
            ? ArrowArrayFactory.BuildArray(data)
            : throw FileException.Because(
                FileException.NotParquet, file.Name,
                $"is damaged in row group {rowGroup}: column '{file.Table.Columns[column].Name}' has {data.Length} of {rows} rows");
    }

    /// <summary>What Parquet.Net 6.1.0 lacks, or reads as something else without a word.</summary>
    private static void Refuse(ParquetFile file, Leaf leaf, PageHeader page)
    {
        if (page is { IsSecondVersion: true } && leaf.IsRepeated)
            throw ParquetNetEngine.Unsupported(file, $"column '{leaf.Path}' has pages of the second version within lists");
        if (page is { IsData: true, Encoding: RunLengthEncoding } && leaf.Element.Type is Parquet.Meta.Type.BOOLEAN)
            throw ParquetNetEngine.Unsupported(file, $"column '{leaf.Path}' has booleans as runs");
    }
}
