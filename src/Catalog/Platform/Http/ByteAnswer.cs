using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Catalog.Platform.Http;

/// <summary>
/// The whole of some bytes or one range of them. Where a digest is promised it goes along (RFC 9530), for the reader to check.
/// </summary>
/// <param name="size">Of the whole.</param>
/// <param name="sha256">Lower-case hex, of the whole; null where it is not known.</param>
/// <param name="openAsync">Opens them at an offset, for a length.</param>
internal sealed class ByteAnswer(long size, string? sha256, Func<long, long?, CancellationToken, Task<Stream>> openAsync) : IResult
{
    private const int BufferBytes = 256 * 1024;

    private string Tag => $"\"{sha256}\"";

    public async Task ExecuteAsync(HttpContext http)
    {
        var response = http.Response;
        response.Headers.AcceptRanges = "bytes";
        if (sha256 is not null)
        {
            response.Headers.ETag = Tag;
            if (EntityTags.Names(http.Request.Headers.IfNoneMatch, Tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(sha256))}:";
        }

        response.ContentType = "application/octet-stream";
        if (Range(http.Request) is not var (from, length, partial))
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{size}";
            return;
        }

        if (partial)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{from + length - 1}/{size}";
        }

        response.ContentLength = length;
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        await using var stream = await openAsync(from, length, http.RequestAborted);
        await CopyAsync(stream, response.Body, length, http.RequestAborted);
    }

    /// <summary>
    /// What is asked for; null when it cannot be had. Several ranges at once are answered with the whole, as RFC 9110 allows.
    /// </summary>
    private (long From, long Length, bool Partial)? Range(HttpRequest request)
    {
        if (!EntityTags.AllowRange(request, Tag)
            || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header)
            || header is not { Unit.Value: "bytes", Ranges.Count: 1 })
            return (0, size, false);
        var range = header.Ranges.First();
        var from = range.From ?? Math.Max(0, size - (range.To ?? 0));
        var to = range.From is null ? size - 1 : Math.Min(range.To ?? (size - 1), size - 1);
        return from < size && from <= to ? (from, to - from + 1, true) : null;
    }

    private static async Task CopyAsync(Stream from, Stream to, long length, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var left = length; left > 0;)
            {
                var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), ct);
                if (read == 0)
                    throw new EndOfStreamException("The file ended before its size.");
                await to.WriteAsync(buffer.AsMemory(0, read), ct);
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
