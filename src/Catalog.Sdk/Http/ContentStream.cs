using System.Net;
using System.Security.Cryptography;

namespace Catalog.Sdk.Http;

/// <summary>
/// The bytes of one file as they arrive. They are hashed on the way, and a file that is not what its version's manifest says ends in
/// <c>file.changed</c> instead of an end of stream. A connection that breaks is taken up again where it stopped.
/// </summary>
/// <param name="transport">Where from.</param>
/// <param name="openAt">Asks for the bytes from an offset on.</param>
/// <param name="path">The file's logical path.</param>
/// <param name="sha256">What its manifest says; null to take the server's word for what that is.</param>
internal sealed class ContentStream(
    Transport transport, Func<long, CancellationToken, Task<HttpResponseMessage>> openAt, string path, string? sha256) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string? _sha256 = sha256;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private long _read;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <summary>Asks for the first byte, so that a refusal is known before anything is read.</summary>
    public async Task<ContentStream> OpenAsync(CancellationToken ct)
    {
        await ConnectAsync(ct).ConfigureAwait(false);
        return this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty)
            return 0;

        var count = await ReadBodyAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count > 0)
        {
            _hash.AppendData(buffer.Span[..count]);
            _read += count;
            return count;
        }

        _ended = true;
        var found = Convert.ToHexStringLower(_hash.GetHashAndReset());
        if (_sha256 is not null && !string.Equals(found, _sha256, StringComparison.OrdinalIgnoreCase))
            throw new CatalogException(null, "file.changed", $"'{path}' has SHA-256 {found}, but the manifest says {_sha256}.");

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks: readers that know no async (Parquet and zip libraries among them) come this way.</summary>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Disconnect();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadBodyAsync(Memory<byte> buffer, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            var body = _body ?? await ConnectAsync(ct).ConfigureAwait(false);
            try
            {
                return await transport.ReadAsync(body, buffer, ct).ConfigureAwait(false);
            }
            catch (CatalogException) when (attempt < transport.Options.MaxRetries)
            {
                Disconnect();
                await Task.Delay(Retries.Wait(transport.Options, attempt, asked: null), transport.Options.Time, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken ct)
    {
        _response = await openAt(_read, ct).ConfigureAwait(false);
        if (_read > 0 && _response.StatusCode != HttpStatusCode.PartialContent)
            throw Failures.Broken(new IOException("The download could not be taken up where it stopped."), transport.Address);

        _sha256 ??= _response.Headers.ETag?.Tag.Trim('"');
        return _body = await _response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
    }

    private void Disconnect()
    {
        _body?.Dispose();
        _response?.Dispose();
        (_body, _response) = (null, null);
    }
}
