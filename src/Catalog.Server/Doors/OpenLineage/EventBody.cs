using System.Buffers;
using System.IO.Compression;
using Catalog.Platform;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Catalog.Server.Doors.OpenLineage;

/// <summary>The body of a request, unpacked, in memory of a pool. Disposing it gives the memory back.</summary>
internal sealed class EventBody : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    /// <summary>So many times the limit is read to its end before it is refused; more is cut off.</summary>
    private const long DrainedBodies = 4;

    private readonly BodyBudget _budget;
    private byte[] _buffer = [];
    private int _taken;
    private int _length;

    private EventBody(BodyBudget budget) => _budget = budget;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads a body to its end, plain or gzip, whether its length is known before or not.</summary>
    public static async Task<Outcome<EventBody>> ReadAsync(HttpContext http, BodyBudget budget)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = budget.MaxBodyBytes * DrainedBodies;

        var encoding = http.Request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip"))
            return Problem.Of("request.unsupported_media_type", "The body must be plain or gzip: send Content-Encoding: gzip or none.");

        var body = new EventBody(budget);
        try
        {
            var sent = http.Request.Body;
            await using var unpacked = encoding.EndsWith("gzip", StringComparison.Ordinal)
                ? new GZipStream(sent, CompressionMode.Decompress, leaveOpen: true)
                : null;
            if (await body.FillAsync(unpacked ?? sent, http.Request.ContentLength ?? 0, http.RequestAborted) is not { } problem)
                return body;
            body.Dispose();
            await DrainAsync(http);
            return problem;
        }
        catch (InvalidDataException)
        {
            body.Dispose();
            return Problem.Field("request.malformed", "$", "The body is not what Content-Encoding says: gzip.");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            body.Dispose();
            return budget.TooLarge();
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _budget.GiveBack(_taken);
        (_buffer, _taken, _length) = ([], 0, 0);
    }

    /// <summary>Reads what else is sent and drops it: most clients see no answer before all of theirs is out.</summary>
    private static async Task DrainAsync(HttpContext http)
    {
        var dropped = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            while (await http.Request.Body.ReadAsync(dropped, http.RequestAborted) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(dropped);
        }
    }

    private async Task<Problem?> FillAsync(Stream from, long announced, CancellationToken ct)
    {
        if (announced > _budget.MaxBodyBytes)
            return _budget.TooLarge();

        // One byte more than allowed is enough to know that it is too much.
        var most = _budget.MaxBodyBytes + 1;
        if (!TryGrow((int)Math.Clamp(announced + 1, FirstBytes, most)))
            return BodyBudget.Busy();

        while (await from.ReadAsync(_buffer.AsMemory(_length), ct) is > 0 and var read)
        {
            _length += read;
            if (_length > _budget.MaxBodyBytes)
                return _budget.TooLarge();
            if (_length == _buffer.Length && !TryGrow((int)Math.Min(_length * 2L, Math.Max(most, _length + 1L))))
                return BodyBudget.Busy();
        }

        return null;
    }

    private bool TryGrow(int bytes)
    {
        if (!_budget.TryTake(bytes - _taken))
            return false;

        _taken = bytes;
        var larger = ArrayPool<byte>.Shared.Rent(bytes);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return true;
    }
}

/// <summary>How much one body may hold, and all that are in memory together; what is more is asked to come again.</summary>
internal sealed class BodyBudget(int maxBodyBytes)
{
    private const int BodiesAtOnce = 8;
    private long _taken;

    public int MaxBodyBytes => maxBodyBytes;

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= (maxBodyBytes + 1L) * BodiesAtOnce)
            return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void GiveBack(int bytes) => Interlocked.Add(ref _taken, -bytes);

    public Problem TooLarge() =>
        Problem.Of("request.too_large", $"The body must have at most {maxBodyBytes} bytes, unpacked. Send fewer events at once.");

    public static Problem Busy() => Problem.Of("catalog.busy", "Too many large events are being taken in; try again shortly.");
}
