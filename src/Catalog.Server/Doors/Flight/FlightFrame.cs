using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// One message of a stream of batches (<c>FlightData</c> of Flight.proto), with the buffers of a batch where they are: they are copied
/// once, into what is sent. The classes that stand for this message in Apache.Arrow.Flight copy them three times before.
/// </summary>
/// <param name="Header">What Arrow's IPC format says of the schema or the batch.</param>
/// <param name="Body">Buffers and what pads them, in their order.</param>
/// <param name="BodyBytes">Of all of them.</param>
internal sealed record FlightFrame(ReadOnlyMemory<byte> Header, IReadOnlyList<ReadOnlyMemory<byte>> Body, int BodyBytes)
{
    // Field numbers 2 and 1000, both of them bytes.
    private const uint HeaderTag = (2 << 3) | 2;
    private const uint BodyTag = (1000 << 3) | 2;
    private const int MaxVarintBytes = 5;

    // Else the memory of what is sent comes in blocks of four kilobytes.
    private const int PieceBytes = 64 * 1024;

    public static Marshaller<FlightFrame> Marshaller { get; } = Marshallers.Create<FlightFrame>(
        (frame, to) => frame.Write(to), _ => throw new NotSupportedException("Frames are sent, not received."));

    private int Bytes
    {
        get
        {
            var header = SizeOf(HeaderTag, Header.Length);
            return BodyBytes == 0 ? header : checked(header + SizeOf(BodyTag, BodyBytes));
        }
    }

    private void Write(SerializationContext to)
    {
        to.SetPayloadLength(Bytes);
        var writer = to.GetBufferWriter();
        Write(writer, HeaderTag, Header.Length);
        writer.Write(Header.Span);
        if (BodyBytes > 0)
        {
            Write(writer, BodyTag, BodyBytes);
            foreach (var part in Body)
                Write(writer, part.Span);
        }

        to.Complete();
    }

    private static int SizeOf(uint tag, int length) =>
        CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeLengthSize(length) + length;

    private static void Write(IBufferWriter<byte> writer, uint tag, int length)
    {
        WriteVarint(writer, tag);
        WriteVarint(writer, (uint)length);
    }

    private static void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> part)
    {
        while (!part.IsEmpty)
        {
            var piece = part[..Math.Min(part.Length, PieceBytes)];
            piece.CopyTo(writer.GetSpan(piece.Length));
            writer.Advance(piece.Length);
            part = part[piece.Length..];
        }
    }

    private static void WriteVarint(IBufferWriter<byte> writer, uint value)
    {
        var into = writer.GetSpan(MaxVarintBytes);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            into[at++] = (byte)(value | 0x80);
        into[at++] = (byte)value;
        writer.Advance(at);
    }
}
