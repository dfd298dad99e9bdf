using System.Net.Http.Headers;
using Amazon.S3.Model;

namespace Catalog.Storage.Objects.S3;

/// <summary>
/// A range of an object, read once from front to back. Where the connection breaks, or brings nothing for a while, the rest is asked for
/// again, of the same object as before; it ends after as many bytes as were promised, or fails.
/// </summary>
internal sealed class S3RangeStream : Stream
{
    private readonly S3Bucket _bucket;
    private readonly string _key;
    private readonly string _etag;
    private readonly long _start;
    private readonly long _end;
    private GetObjectResponse? _open;
    private long _next;

    private S3RangeStream(S3Bucket bucket, string key, GetObjectResponse open, long start, long end) =>
        (_bucket, _key, _open, _etag, _start, _end, _next) = (bucket, key, open, open.ETag, start, end, start);

    /// <param name="bucket">Where more is asked for.</param>
    /// <param name="key">Of the object.</param>
    /// <param name="open">The answer: all of the object, or the range that it says.</param>
    /// <param name="limit">At most so many bytes of it.</param>
    public static S3RangeStream Over(S3Bucket bucket, string key, GetObjectResponse open, long limit)
    {
        var start = ContentRangeHeaderValue.TryParse(open.ContentRange, out var range) ? range.From ?? 0 : 0;
        return new S3RangeStream(bucket, key, open, start, start + Math.Min(open.ContentLength, limit));
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _end - _start;

    public override long Position
    {
        get => _next - _start;
        set => throw new NotSupportedException("An object is read forward only.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, _end - _next)];
        if (wanted.IsEmpty)
            return 0;

        var read = await _bucket.RunAsync(_key, ct => ReadOnceAsync(wanted, ct), cancellationToken);
        _next += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("What comes over the network is read asynchronously.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("An object is read forward only.");

    public override void SetLength(long value) => throw new NotSupportedException("An object is immutable.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is immutable.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Drop();
        base.Dispose(disposing);
    }

    private async Task<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_bucket.Tuning.Inactivity);
        try
        {
            _open ??= await _bucket.GetOnceAsync(_key, $"bytes={_next}-{_end - 1}", _etag, limit.Token);
            var read = await _open.ResponseStream.ReadAsync(buffer, limit.Token);
            return read > 0 ? read : throw new EndOfStreamException($"it ended {_end - _next} bytes early");
        }
        catch
        {
            Drop();
            throw;
        }
    }

    private void Drop()
    {
        _open?.Dispose();
        _open = null;
    }
}
