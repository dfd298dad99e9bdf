using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Ipc;
using Apache.Arrow.Memory;
using Catalog.Sdk;
using Google.Protobuf;
using Grpc.Core;

namespace Catalog.Benchmarks;

/// <summary>
/// Reads batches over Flight as a client can that does not copy more than it has to: once, out of what has arrived into aligned memory
/// that the batches then own. The stock client copies twice, into arrays.
/// </summary>
internal sealed class FlightColumns(CallInvoker calls)
{
    private static readonly Method<FlightTicket, Message> s_doGet = new(
        MethodType.ServerStreaming,
        "arrow.flight.protocol.FlightService",
        "DoGet",
        Marshallers.Create<FlightTicket>(Write, _ => throw new NotSupportedException("Tickets are sent, not received.")),
        Marshallers.Create<Message>(
            (_, _) => throw new NotSupportedException("Batches are received, not sent."),
            from => Message.Read(from.PayloadAsReadOnlySequence())));

    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        FlightTicket ticket, Metadata headers, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var call = calls.AsyncServerStreamingCall(s_doGet, host: null, new CallOptions(headers, cancellationToken: ct), ticket);
        await using var messages = new Messages(call.ResponseStream);
        using var reader = new ArrowStreamReader(messages, messages.Memory, leaveOpen: true);
        while (await reader.ReadNextRecordBatchAsync(ct) is { } batch)
            yield return batch;
    }

    private static void Write(FlightTicket ticket, SerializationContext to)
    {
        using var message = new MemoryStream();
        using (var fields = new CodedOutputStream(message, leaveOpen: true))
        {
            fields.WriteTag(1, WireFormat.WireType.LengthDelimited);
            fields.WriteBytes(ticket.Ticket);
        }

        to.Complete(message.ToArray());
    }

    /// <summary><c>FlightData</c>: a message of Arrow's streaming format in two parts.</summary>
    private sealed record Message(byte[] Header, IMemoryOwner<byte>? Body, int BodyBytes)
    {
        private const uint HeaderTag = (2 << 3) | 2;
        private const uint BodyTag = (1000 << 3) | 2;

        public static Message Read(ReadOnlySequence<byte> message)
        {
            var (header, body, bodyBytes) = (System.Array.Empty<byte>(), (IMemoryOwner<byte>?)null, 0);
            var reader = new SequenceReader<byte>(message);
            while (!reader.End)
            {
                var (tag, length) = (Varint(ref reader), (int)Varint(ref reader));
                var bytes = reader.UnreadSequence.Slice(0, length);
                reader.Advance(length);
                if (tag == HeaderTag)
                    header = WithPrefix(bytes);
                else if (tag == BodyTag)
                {
                    (body, bodyBytes) = (BatchMemory.Shared.Allocate(length), length);
                    bytes.CopyTo(body.Memory.Span);
                }
            }

            return new Message(header, body, bodyBytes);
        }

        private static byte[] WithPrefix(ReadOnlySequence<byte> header)
        {
            var whole = new byte[8 + header.Length];
            BinaryPrimitives.WriteInt32LittleEndian(whole, -1);
            BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(4), (int)header.Length);
            header.CopyTo(whole.AsSpan(8));
            return whole;
        }

        private static uint Varint(ref SequenceReader<byte> reader)
        {
            var (value, shift) = (0u, 0);
            for (byte next = 0x80; next >= 0x80; shift += 7)
            {
                if (!reader.TryRead(out next))
                    throw new InvalidDataException("A message was cut off.");
                value |= (uint)(next & 0x7f) << shift;
            }

            return value;
        }
    }

    /// <summary>
    /// Messages as the stream that Arrow's reader reads: headers are copied; for a body the reader asks for memory first, and is given
    /// the body's own, where it need not be read any more.
    /// </summary>
    private sealed class Messages(IAsyncStreamReader<Message> arriving) : Stream
    {
        private Message _at = new([], Body: null, 0);
        private int _headerRead;
        private int _bodyRead;

        public MemoryAllocator Memory => field ??= new BodyMemory(this);

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
            if (buffer.IsEmpty)
                return 0;
            if (_headerRead == _at.Header.Length && _bodyRead == _at.BodyBytes)
            {
                if (!await arriving.MoveNext(cancellationToken))
                    return 0;
                (_at, _headerRead, _bodyRead) = (arriving.Current, 0, 0);
            }

            return _headerRead < _at.Header.Length ? ReadHeader(buffer) : ReadBody(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private int ReadHeader(Memory<byte> buffer)
        {
            var part = _at.Header.AsMemory(_headerRead);
            part = part[..Math.Min(part.Length, buffer.Length)];
            part.CopyTo(buffer);
            _headerRead += part.Length;
            return part.Length;
        }

        private int ReadBody(Memory<byte> buffer)
        {
            if (_at.Body is not { } body || buffer.Length != _at.BodyBytes
                || !Unsafe.AreSame(ref MemoryMarshal.GetReference(buffer.Span), ref MemoryMarshal.GetReference(body.Memory.Span)))
                throw new InvalidDataException("A body is not as long as its header says.");
            return _bodyRead = _at.BodyBytes;
        }

        private sealed class BodyMemory(Messages messages) : MemoryAllocator
        {
            protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
            {
                bytesAllocated = length;
                return messages._at.Body is { } body && messages._at.BodyBytes == length ? body : Default.Value.Allocate(length);
            }
        }
    }
}
