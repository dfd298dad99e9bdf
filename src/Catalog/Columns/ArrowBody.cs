using System.IO.Pipelines;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;

namespace Catalog.Columns;

/// <summary>
/// The body of an answer in Arrow's streaming format. Arrow's writer hands over each buffer, and all that pads and describes them, in
/// writes of their own: they are sent together where they are small, and in large pieces where they are large.
/// </summary>
internal sealed class ArrowBody(PipeWriter to) : Stream
{
    // A chunk of the answer is as large as a piece.
    private const int PieceBytes = 128 * 1024;
    private const int FlushBytes = 256 * 1024;
    private int _unsent;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes a stream from its schema to its end.</summary>
    /// <param name="to">The body of an answer.</param>
    /// <param name="schema">Of every batch.</param>
    /// <param name="batches">At the first batch.</param>
    /// <param name="more">Whether there is a first batch.</param>
    /// <param name="compression">Of the buffers.</param>
    /// <param name="ct">Of the request.</param>
    public static async Task WriteAsync(
        PipeWriter to, Schema schema, IAsyncEnumerator<RecordBatch> batches, bool more, ColumnCompression compression, CancellationToken ct)
    {
        await using var body = new ArrowBody(to);
        using var writer = new ArrowStreamWriter(body, schema, leaveOpen: true, Options(compression));
        await writer.WriteStartAsync(ct);
        for (; more; more = await batches.MoveNextAsync())
        {
            using var batch = batches.Current;
            await writer.WriteRecordBatchAsync(batch, ct);
            await body.FlushAsync(ct);
        }

        await writer.WriteEndAsync(ct);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var rest = buffer; !rest.IsEmpty;)
        {
            var piece = rest[..Math.Min(rest.Length, PieceBytes)];
            piece.Span.CopyTo(to.GetSpan(piece.Length));
            to.Advance(piece.Length);
            rest = rest[piece.Length..];
            if ((_unsent += piece.Length) >= FlushBytes)
                await FlushAsync(cancellationToken);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        _unsent = 0;
        await to.FlushAsync(cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static IpcOptions Options(ColumnCompression compression) => compression == ColumnCompression.None
        ? new IpcOptions()
        : new IpcOptions
        {
            CompressionCodecFactory = new CompressionCodecFactory(),
            CompressionCodec = compression == ColumnCompression.Lz4 ? CompressionCodecType.Lz4Frame : CompressionCodecType.Zstd,
        };
}
