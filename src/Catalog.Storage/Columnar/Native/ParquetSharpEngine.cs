using Apache.Arrow;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using ParquetSharp;
using ParquetSharp.Arrow;

namespace Catalog.Storage.Columnar.Native;

/// <summary>Arrow C++ by way of ParquetSharp: for bulk. Batches come over the C data interface and are not copied.</summary>
internal sealed class ParquetSharpEngine : IParquetEngine
{
    public string Name { get; } = EngineVersion.Of("ParquetSharp", typeof(FileReader));

    public Task<IRowGroupReader> OpenAsync(ParquetFile file, IReadOnlyList<int> columns, int batchRows, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var stream = file.OpenView();
        try
        {
            using var properties = ReaderProperties.GetDefaultReaderProperties();
            using var arrow = ArrowReaderProperties.GetDefault();

            // Row groups are decoded in parallel above the port; a chunk is read by one request as it is.
            arrow.UseThreads = false;
            arrow.PreBuffer = false;
            arrow.BatchSize = batchRows;
            var reader = new FileReader(stream, properties, arrow);
            return Task.FromResult<IRowGroupReader>(new RowGroupReader(file, reader, stream, columns));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            stream.Dispose();
            throw Explain(file, stream, e);
        }
    }

    private static Exception Explain(ParquetFile file, FooterView stream, Exception e) => (stream.Fault, e) switch
    {
        (ObjectStoreException fault, _) => fault,
        (FileException fault, _) => fault,
        (IOException fault, _) => FileException.From(file.Name, fault),
        (_, FileException or ScanException) => e,
        _ => FileException.Because(FileException.NotParquet, file.Name, $"cannot be read as Parquet: {FirstLine(e.Message)}", e),
    };

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.', '\r');

    private sealed class RowGroupReader(ParquetFile file, FileReader reader, FooterView stream, IReadOnlyList<int> columns)
        : IRowGroupReader
    {
        private readonly int[] _leaves =
            [.. columns.Select(file.LeavesOf).SelectMany(l => Enumerable.Range(l.First, l.Count))];

        private readonly PageWalk _pages = new(file, stream);
        private readonly Schema _schema = new(columns.Select(file.Schema.GetFieldByIndex), metadata: null);

        // Arrow C++ decodes on the caller's thread, so nothing here waits for anything but the file.
        public async IAsyncEnumerable<RecordBatch> ReadAsync(
            int rowGroup, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            _pages.Check(rowGroup, _leaves);
            using var batches = Guarded(() => reader.GetRecordBatchReader([rowGroup], _leaves));
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                if (await NextAsync(batches, ct) is not { } batch)
                    yield break;

                yield return batch;
            }
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            stream.Dispose();
            return ValueTask.CompletedTask;
        }

        private async ValueTask<RecordBatch?> NextAsync(Apache.Arrow.Ipc.IArrowArrayStream batches, CancellationToken ct)
        {
            RecordBatch? batch = null;
            try
            {
                batch = await batches.ReadNextRecordBatchAsync(ct);
                return batch is null ? null : Conform(batch);
            }
            catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
            {
                batch?.Dispose();
                throw Explain(file, stream, e);
            }
        }

        private RecordBatch Conform(RecordBatch batch)
        {
            var arrays = _schema.FieldsList.Select(field => ArrayTypes.Conform(batch.Column(field.Name), field, file.Name));
            return new(_schema, [.. arrays], batch.Length);
        }

        private T Guarded<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw Explain(file, stream, e);
            }
        }
    }
}
