using System.Buffers;
using System.Net;
using System.Security.Cryptography;

namespace Catalog.Sdk.Http;

/// <summary>A request body read from a stream in small pieces, hashed as it goes. Never whole in memory.</summary>
internal sealed class UploadContent(Stream source, bool leaveOpen, TransferCount count, Action moved) : HttpContent
{
    private const int BlockSize = 128 * 1024;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long? _announced = source.CanSeek ? source.Length - source.Position : null;

    public long BytesSent { get; private set; }

    /// <summary>SHA-256 of what was sent, once it was sent.</summary>
    public string? Sha256 { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (int read; (read = await ReadSourceAsync(block, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (BytesSent + read > _announced)
                    throw Changed();

                _hash.AppendData(block, 0, read);
                await stream.WriteAsync(block.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                BytesSent += read;
                count.Moved(read);
                moved();
            }

            if (BytesSent < _announced)
                throw Changed();

            Sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>A file that cannot be read is not a network that broke.</summary>
    private async ValueTask<int> ReadSourceAsync(Memory<byte> block, CancellationToken ct)
    {
        try
        {
            return await source.ReadAsync(block, ct).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CatalogException(null, "client.file_unreadable", $"The file to upload cannot be read: {e.Message}", inner: e);
        }
    }

    private static CatalogException Changed() => new(
        null, "file.changed", "The file to upload grew or shrank while it was sent: upload a copy, or stop writing to it.");

    protected override bool TryComputeLength(out long length)
    {
        length = _announced ?? 0;
        return _announced is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            if (!leaveOpen)
                source.Dispose();
        }

        base.Dispose(disposing);
    }
}
