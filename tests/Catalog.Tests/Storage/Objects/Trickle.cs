namespace Catalog.Tests.Storage.Objects;

/// <summary>A forward-only stream like a network's: it gives odd amounts, and does something on its way.</summary>
internal sealed class Trickle(byte[] bytes, int at, Func<Task> onReach) : Stream
{
    private int _next;
    private bool _reached;

    public Trickle(byte[] bytes)
        : this(bytes, int.MaxValue, () => Task.CompletedTask) { }

    public Trickle(byte[] bytes, int failAt)
        : this(bytes, failAt, () => throw new InvalidTimeZoneException("the source broke")) { }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (_next >= at && !_reached)
        {
            _reached = true;
            await onReach();
        }

        var count = Math.Min(Math.Min(buffer.Length, 7_919), bytes.Length - _next);
        bytes.AsSpan(_next, count).CopyTo(buffer.Span);
        _next += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Kestrel allows no synchronous reads.");

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
