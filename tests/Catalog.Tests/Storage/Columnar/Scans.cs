using Apache.Arrow;
using Catalog.Storage.Columnar;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Writes and scans files in memory.</summary>
internal static class Scans
{
    public static async Task<byte[]> WriteAsync(ParquetWriteOptions options, params RecordBatch[] batches)
    {
        using var file = new MemoryStream();
        await ParquetFileWriter.WriteAsync(file, batches[0].Schema, batches.ToAsyncEnumerable(), options, default);
        return file.ToArray();
    }

    public static ParquetSource Source(byte[] file, string name = "sample") => ParquetSource.Of(name, () => new MemoryStream(file, false));

    public static Task<(Schema Schema, IReadOnlyList<string> Rows, ScanStatistics Statistics)> RowsAsync(
        byte[] file, ScanRequest request, IParquetEngine? engine = null) => RowsAsync([Source(file)], request, engine);

    public static async Task<(Schema Schema, IReadOnlyList<string> Rows, ScanStatistics Statistics)> RowsAsync(
        IReadOnlyList<ParquetSource> files, ScanRequest request, IParquetEngine? engine = null)
    {
        var scan = await ColumnScan.OpenAsync(files, request, default, engine);
        List<string> rows = [];
        await foreach (var batch in scan.ReadAsync())
        {
            using (batch)
                rows.AddRange(ArrowText.Rows(batch));
        }

        return (scan.Schema, rows, scan.Statistics);
    }
}
