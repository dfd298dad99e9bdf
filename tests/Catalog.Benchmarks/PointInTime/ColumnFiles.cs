using Apache.Arrow;
using Catalog.Storage.Columnar;

namespace Catalog.Benchmarks;

/// <summary>Columns of a Parquet file as plain files of numbers, for programs that cannot read Parquet.</summary>
internal static class ColumnFiles
{
    /// <returns>What the files' names begin with.</returns>
    public static async Task<string> WriteAsync(string parquet)
    {
        if (File.Exists($"{parquet}.key") && File.GetLastWriteTimeUtc($"{parquet}.key") >= File.GetLastWriteTimeUtc(parquet))
            return parquet;

        var scan = await ColumnScan.OpenAsync([ParquetSource.File(parquet)], new(), CancellationToken.None);
        var files = scan.Schema.FieldsList.Select(f => File.Create($"{parquet}.{f.Name}")).ToArray();
        await foreach (var batch in scan.ReadAsync())
        {
            using (batch)
                Write(batch, files);
        }

        foreach (var file in files)
            await file.DisposeAsync();
        return parquet;
    }

    private static void Write(RecordBatch batch, FileStream[] files)
    {
        for (var i = 0; i < files.Length; i++)
        {
            var data = batch.Column(i).Data;
            files[i].Write(data.Buffers[1].Span.Slice(data.Offset * sizeof(long), data.Length * sizeof(long)));
        }
    }
}
