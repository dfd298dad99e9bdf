using System.Security.Cryptography;

namespace Catalog.IntegrationTests.Objects;

/// <summary>Much content that is nowhere: it is made while it is read. Each mebibyte tells how much was taken.</summary>
internal sealed class Generated(long length, Func<long, Task> onTaken) : Stream
{
    private const int MiB = 1024 * 1024;
    private long _taken;
    private long _told;

    /// <summary>Of all of it, lower-case hex.</summary>
    public string Sha256
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[MiB];
            for (var at = 0L; at < length; at += MiB)
            {
                Fill(buffer, at);
                hash.AppendData(buffer, 0, (int)Math.Min(MiB, length - at));
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

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
        var count = (int)Math.Min(Math.Min(buffer.Length, MiB), length - _taken);
        Fill(buffer.Span[..count], _taken);
        _taken += count;
        if (_taken / MiB > _told)
        {
            _told = _taken / MiB;
            await onTaken(_taken);
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // Each byte depends on where it is, and in no short period.
    private static void Fill(Span<byte> span, long at)
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = (byte)((at + i) * 2_654_435_761 >> 13);
    }
}
