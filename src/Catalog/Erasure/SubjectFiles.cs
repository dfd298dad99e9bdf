using Apache.Arrow;
using Catalog.Columns;
using Catalog.Garbage;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;

namespace Catalog.Erasure;

/// <summary>Looks for a subject's rows in files, and writes files without them.</summary>
internal sealed class SubjectFiles(ColumnFiles files, ContentStore objects, UnusedObjects unused, TrainingSettings settings)
{
    /// <summary>As predictions are written: looking one up decodes one small row group.</summary>
    private static readonly ParquetWriteOptions s_predictions = new() { RowGroupRows = 8_192 };

    /// <summary>How many rows of a file are the subject's.</summary>
    /// <exception cref="FileException">The file cannot be read.</exception>
    public async Task<long> CountAsync(FileEntry file, Subject subject, bool isPredictions, CancellationToken ct)
    {
        var source = files.Source(file, reading: null);
        var schema = await ColumnScan.SchemaAsync(source, ct);
        if (SubjectTest.Of(subject, schema, isPredictions) is not { } test)
            return 0;
        var request = new ScanRequest { Columns = test.Columns, Where = test.Pushed is { } condition ? [condition] : [] };
        var (scan, rows) = (await ColumnScan.OpenAsync([source], request, ct), 0L);
        await foreach (var batch in scan.ReadAsync(ct))
        {
            using (batch)
                rows += test.Match(batch).Count(m => m);
        }

        return rows;
    }

    /// <summary>Stores a file with the rows that are not the subject's, in their order; it may have none.</summary>
    public async Task<FileSource> WriteWithoutAsync(FileEntry file, Subject subject, bool isPredictions, CancellationToken ct)
    {
        var scan = await ColumnScan.OpenAsync([files.Source(file, reading: null)], new ScanRequest(), ct);
        var test = SubjectTest.Of(subject, scan.Schema, isPredictions);
        await using var bytes = NamelessFile.Open(settings.Folder, "erasure");
        await using var hashed = new HashedStream(bytes);
        await ParquetFileWriter.WriteAsync(
            hashed, scan.Schema, OthersAsync(scan, test, ct), isPredictions ? s_predictions : TrainingFiles.WriteOptions, ct);
        var sha256 = hashed.Finish();

        // Kept before it is there: bytes that were there already may be due to be freed.
        await unused.KeepAsync([sha256], ct);
        bytes.Position = 0;
        var stored = await objects.StoreAsync(bytes, sha256, ct);
        await unused.KeepAsync([sha256], ct);
        return new FileSource(file.Path, Sha256: stored.Sha256, Bytes: stored.Bytes);
    }

    private static async IAsyncEnumerable<RecordBatch> OthersAsync(
        ColumnScan scan, SubjectTest? test, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var batch in scan.ReadAsync(ct))
        {
            var matches = test?.Match(batch) ?? [];
            if (!matches.Contains(true))
            {
                yield return batch;
                continue;
            }

            using (batch)
            {
                if (Enumerable.Range(0, batch.Length).Where(i => !matches[i]).ToArray() is { Length: > 0 } kept)
                    yield return RowTaking.Take(batch, kept);
            }
        }
    }
}
