using System.Buffers;
using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>The body of a request, whole, in pooled memory.</summary>
internal sealed class PooledBody : IDisposable
{
    /// <summary>Ten thousand keys of several parts take no more.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    private byte[] _bytes;
    private int _length;

    private PooledBody(int room) => _bytes = ArrayPool<byte>.Shared.Rent(room);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <exception cref="ProblemException">It is larger than a request for features may be.</exception>
    public static async ValueTask<PooledBody> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > MostBytes)
            throw TooLarge();
        var body = new PooledBody((int)(request.ContentLength ?? 4096) + 1);
        try
        {
            for (int read; (read = await request.Body.ReadAsync(body._bytes.AsMemory(body._length), ct)) > 0;)
                body.Read(read);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>A copy of what is only good for a moment.</summary>
    /// <exception cref="ProblemException">It is larger than a request for features may be.</exception>
    public static PooledBody Of(ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length > MostBytes)
            throw TooLarge();
        var body = new PooledBody((int)bytes.Length) { _length = (int)bytes.Length };
        bytes.CopyTo(body._bytes);
        return body;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length) = ([], 0);
    }

    private void Read(int bytes)
    {
        _length += bytes;
        if (_length > MostBytes)
            throw TooLarge();
        if (_length < _bytes.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private static ProblemException TooLarge() => new(Problem.Of(
        "request.too_large", $"A request for features has {MostBytes:N0} bytes at most: ask for fewer rows at once."));
}
