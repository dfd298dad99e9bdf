using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>The file that one decoder is at; it changes when a row group of another file comes.</summary>
internal sealed class OpenFile(IParquetEngine engine, int batchRows) : IAsyncDisposable
{
    private ParquetFile? _file;
    private IRowGroupReader? _reader;

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        PlannedGroup group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var reader = await MoveToAsync(group, ct);
        await foreach (var batch in reader.ReadAsync(group.RowGroup, ct))
            yield return batch;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
            await _reader.DisposeAsync();
        (_file, _reader) = (null, null);
    }

    private async Task<IRowGroupReader> MoveToAsync(PlannedGroup group, CancellationToken ct)
    {
        if (ReferenceEquals(_file, group.File) && _reader is { } open)
            return open;

        await DisposeAsync();
        var reader = await engine.OpenAsync(group.File, group.Columns, batchRows, ct);
        (_file, _reader) = (group.File, reader);
        return reader;
    }
}
