using System.Buffers;
using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;
using Grpc.Core;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// Makes frames of a schema and its batches, all of plain types. Arrow's own writer of IPC streams lays them out, but what it writes to
/// does not copy buffers: it notes where they are.
/// </summary>
/// <remarks>A frame is good until the next one is asked for, and no longer than its batch.</remarks>
internal sealed class FlightFrames : IDisposable
{
    // Stock clients take messages of four megabytes at most, and what fits a processor's cache was sent and read 1.1 to 1.3 times as fast
    // as messages of two megabytes.
    private const int PartBytes = 512 * 1024;
    private const int MaxBytes = 1024 * 1024;

    private readonly Message _message = new();
    private readonly ArrowStreamWriter _writer;

    public FlightFrames(Schema schema) =>
        _writer = new ArrowStreamWriter(_message, schema, leaveOpen: true, new IpcOptions(), new CollectedMemory());

    /// <summary>Sends a schema and its batches, and disposes each of them.</summary>
    public static async Task SendAsync(
        Schema schema, IAsyncEnumerable<RecordBatch> batches, IServerStreamWriter<FlightFrame> to, CancellationToken ct)
    {
        using var frames = new FlightFrames(schema);
        await to.WriteAsync(await frames.OfSchemaAsync(ct), ct);
        await foreach (var next in batches.WithCancellation(ct))
        {
            using var batch = next;
            await frames.SendAsync(batch, to, ct);
        }
    }

    public async ValueTask<FlightFrame> OfSchemaAsync(CancellationToken ct)
    {
        await _writer.WriteStartAsync(ct);
        return _message.Take();
    }

    public async ValueTask<FlightFrame> OfAsync(RecordBatch batch, CancellationToken ct)
    {
        await _writer.WriteRecordBatchAsync(batch, ct);
        return _message.Take();
    }

    public void Dispose() => _writer.Dispose();

    private async Task SendAsync(RecordBatch batch, IServerStreamWriter<FlightFrame> to, CancellationToken ct)
    {
        var frame = await OfAsync(batch, ct);
        if (frame.BodyBytes <= MaxBytes || batch.Length == 1)
        {
            await to.WriteAsync(frame, ct);
            return;
        }

        var rows = RowsOfPart(batch.Length, frame.BodyBytes);
        for (var row = 0; row < batch.Length; row += rows)
            await SendAsync(batch.Slice(row, Math.Min(rows, batch.Length - row)), to, ct);
    }

    /// <summary>
    /// As if all rows were alike: a part of long texts may have to be cut again. Bits of a part begin with a byte where that is possible.
    /// </summary>
    private static int RowsOfPart(int rows, int bytes)
    {
        var part = Math.Max(1, (int)((long)rows * PartBytes / bytes));
        return part < 8 ? part : part & ~7;
    }

    /// <summary>One IPC message: four bytes that mark it, the length of its header, the header, and the buffers.</summary>
    private sealed class Message : Stream
    {
        private const int LengthAt = 4;
        private const int PrefixBytes = 8;

        private readonly ArrayBufferWriter<byte> _header = new();
        private readonly List<ReadOnlyMemory<byte>> _body = [];
        private int _bodyBytes;
        private bool _isTaken;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        private bool HasHeader => _header.WrittenCount >= PrefixBytes
            && _header.WrittenCount == PrefixBytes + BinaryPrimitives.ReadInt32LittleEndian(_header.WrittenSpan[LengthAt..]);

        public FlightFrame Take()
        {
            _isTaken = true;
            return new FlightFrame(_header.WrittenMemory[PrefixBytes..], _body, _bodyBytes);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isTaken)
                Begin();

            // The memory of the header is the writer's, who uses it again.
            if (!HasHeader)
            {
                _header.Write(buffer.Span);
                return ValueTask.CompletedTask;
            }

            _body.Add(buffer);
            _bodyBytes = checked(_bodyBytes + buffer.Length);
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            throw new NotSupportedException("What is written must stay where it is.");

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("What is written must stay where it is.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private void Begin()
        {
            _header.ResetWrittenCount();
            _body.Clear();
            (_bodyBytes, _isTaken) = (0, false);
        }
    }

    /// <summary>
    /// For what the writer makes anew, such as offsets of a slice that begin at zero: it gives them back before the frame is sent, and so
    /// they are left to the garbage collector.
    /// </summary>
    private sealed class CollectedMemory : MemoryAllocator
    {
        protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
        {
            bytesAllocated = length;
            return new Collected(new byte[length]);
        }

        private sealed class Collected(Memory<byte> memory) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = memory;

            public void Dispose() { }
        }
    }
}
