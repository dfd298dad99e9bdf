using Microsoft.Win32.SafeHandles;

namespace Catalog.Storage.Objects.Local;

/// <summary>A range of an open file, read once from front to back. Owns the handle.</summary>
internal sealed class FileRangeStream(SafeFileHandle handle, string key, long start, long end) : Stream
{
    private readonly long _end = end;
    private readonly long _start = start;
    private long _next = start;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _end - _start;

    public override long Position
    {
        get => _next - _start;
        set => throw new NotSupportedException("An object is read forward only.");
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, _end - _next);
        if (wanted <= 0)
            return 0;

        try
        {
            var read = RandomAccess.Read(handle, buffer[..wanted], _next);
            _next += read;
            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LocalFaults.Translate(key, e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // Linux has no asynchronous buffered read: .NET would do this same call on another thread.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("An object is read forward only.");

    public override void SetLength(long value) => throw new NotSupportedException("An object is immutable.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An object is immutable.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
        base.Dispose(disposing);
    }
}
