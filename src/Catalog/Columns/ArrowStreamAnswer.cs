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
        await using var batches = answer.Batches.ReadAsync(ct).GetAsyncEnumerator(ct);
        var more = await batches.MoveNextAsync();
        http.Response.ContentType = ContentType;
        http.Response.Headers[VersionHeader] = Uri.EscapeDataString(answer.Version.ToString());
        try
        {
            await ArrowBody.WriteAsync(http.Response.BodyWriter, answer.Batches.Schema, batches, more, compression, ct);
        }
        catch (Exception) when (http.Response.HasStarted && !ct.IsCancellationRequested)
        {
            http.Abort();
            throw;
        }
    }
}
