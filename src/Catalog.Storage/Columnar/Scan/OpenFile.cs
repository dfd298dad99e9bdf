using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>The file that one decoder is at; it changes when a row group of another file comes.</summary>
internal sealed class OpenFile(IParquetEngine engine, int batchRows) : IAsyncDisposable
{
    private ParquetFile? _file;
    private IRowGroupReader? _reader;
    private Stream? _pages;

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        PlannedGroup group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var (reader, pages) = await MoveToAsync(group, ct);
        new PageWalk(group.File, pages).Check(group.RowGroup, group.Columns.SelectMany(c => Leaves(group.File.LeavesOf(c))));
        await foreach (var batch in reader.ReadAsync(group.RowGroup, ct))
            yield return batch;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
            await _reader.DisposeAsync();
        if (_pages is not null)
            await _pages.DisposeAsync();
        (_file, _reader, _pages) = (null, null, null);
    }

    private static IEnumerable<int> Leaves((int First, int Count) leaves) => Enumerable.Range(leaves.First, leaves.Count);

    private async Task<(IRowGroupReader Reader, Stream Pages)> MoveToAsync(PlannedGroup group, CancellationToken ct)
    {
        if (ReferenceEquals(_file, group.File) && _reader is { } reader && _pages is { } pages)
            return (reader, pages);

        await DisposeAsync();
        _pages = pages = group.File.OpenView();
        _reader = reader = await engine.OpenAsync(group.File, group.Columns, batchRows, ct);
        _file = group.File;
        return (reader, pages);
    }
}
