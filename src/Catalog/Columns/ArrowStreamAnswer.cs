using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Microsoft.AspNetCore.Http;

namespace Catalog.Columns;

/// <summary>
/// Batches in Arrow's streaming format. The first batch is decoded before the answer begins, so that most of what goes wrong is told
/// properly; what goes wrong later breaks the connection, and no reader takes the stream for whole.
/// </summary>
internal sealed class ArrowStreamAnswer(ReadColumns.Answer answer, ColumnCompression compression) : IResult
{
    public const string ContentType = "application/vnd.apache.arrow.stream";
    public const string VersionHeader = "Catalog-Version";

    public async Task ExecuteAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        await using var batches = answer.Scan.ReadAsync(ct).GetAsyncEnumerator(ct);
        var more = await batches.MoveNextAsync();
        http.Response.ContentType = ContentType;
        http.Response.Headers[VersionHeader] = Uri.EscapeDataString(answer.Version.ToString());
        try
        {
            using var writer = new ArrowStreamWriter(http.Response.Body, answer.Scan.Schema, leaveOpen: true, Options(compression));
            await writer.WriteStartAsync(ct);
            for (; more; more = await batches.MoveNextAsync())
            {
                using var batch = batches.Current;
                await writer.WriteRecordBatchAsync(batch, ct);
            }

            await writer.WriteEndAsync(ct);
        }
        catch (Exception) when (http.Response.HasStarted && !ct.IsCancellationRequested)
        {
            http.Abort();
            throw;
        }
    }

    private static IpcOptions Options(ColumnCompression compression) => compression == ColumnCompression.None
        ? new IpcOptions()
        : new IpcOptions
        {
            CompressionCodecFactory = new CompressionCodecFactory(),
            CompressionCodec = compression == ColumnCompression.Lz4 ? CompressionCodecType.Lz4Frame : CompressionCodecType.Zstd,
        };
}
