using System.Globalization;
using Apache.Arrow;
using Catalog.Columns;
using Catalog.Garbage;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;

namespace Catalog.PolicyProjections;

/// <summary>
/// Writes rows as Parquet files of a size that clients can share among them, and brings these to the object store. How rows are cut
/// into files follows from the rows that are shown: neither names nor sizes tell of others.
/// </summary>
internal sealed class ProjectionFiles(ContentStore objects, UnusedObjects unused, Intake intake, TrainingSettings settings)
{
    private const int RowGroupsInFile = 8;

    /// <summary>What there is to be shown, as content of a manifest. Where there are no rows, it is one file of none.</summary>
    public async Task<Content> WriteAsync(ColumnBatches batches, CancellationToken ct)
    {
        await using var rows = batches.ReadAsync(ct).GetAsyncEnumerator(ct);
        using var cut = new CutRows(rows);
        var options = OptionsOf(await cut.PeekAsync());
        var files = new List<FileSource>();
        do
        {
            var taken = cut.TakeAsync(options.RowGroupRows * RowGroupsInFile, ct);
            files.Add(await StoreAsync(PathOf(files.Count), batches.Schema, taken, options, ct));
        }
        while (await cut.PeekAsync() is not null);

        var read = await intake.ReadAsync(files, dirs: null, Content.Parquet, progress: null, ct);
        var whole = read.Succeeded ? Intake.Whole(read.Value) : read.Problem;
        return whole.Succeeded ? whole.Value : throw new ProblemException(whole.Problem);
    }

    /// <summary>Rows wait in memory until a row group is full: of wide ones it has fewer.</summary>
    private static ParquetWriteOptions OptionsOf(RecordBatch? first)
    {
        var rowBytes = first is null ? 1 : Math.Max(1, ArraySize.Of(first) / first.Length);
        return new()
        {
            RowGroupRows = (int)Math.Clamp(
                ParquetWriteOptions.DefaultRowGroupBytes / rowBytes, 1, ParquetWriteOptions.DefaultRowGroupRows),
        };
    }

    private static string PathOf(int file) => string.Create(CultureInfo.InvariantCulture, $"part-{file:D5}.parquet");

    private async Task<FileSource> StoreAsync(
        string path, Schema schema, IAsyncEnumerable<RecordBatch> rows, ParquetWriteOptions options, CancellationToken ct)
    {
        await using var waiting = NamelessFile.Open(settings.Folder, "projection");
        await using var hashed = new HashedStream(waiting);
        var written = await Task.Run(() => ParquetFileWriter.WriteAsync(hashed, schema, rows, options, ct), ct);
        var sha256 = hashed.Finish();

        // Kept before it is there: bytes that were there already may be due to be freed.
        await unused.KeepAsync([sha256], ct);
        waiting.Position = 0;
        await objects.StoreAsync(waiting, sha256, ct);
        await unused.KeepAsync([sha256], ct);
        return new FileSource(path, Sha256: sha256, Bytes: written.Bytes);
    }
}
