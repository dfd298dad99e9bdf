using System.Numerics;
using System.Text;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// Writes the wire format of protocol buffers. Messages within messages are written in one go, and their length put in front.
/// </summary>
internal readonly struct ProtoWriter(AnswerBuffer to)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;
    private const int MostVarintBytes = 10;

    public void Whole(int field, long value)
    {
        Tag(field, Varint);
        Varints((ulong)value);
    }

    public void Bool(int field, bool value)
    {
        if (value)
            Whole(field, 1);
    }

    public void Double(int field, double value)
    {
        Tag(field, Fixed64);
        Double(value);
    }

    /// <summary>A number of a packed list.</summary>
    public void Double(double value)
    {
        BitConverter.TryWriteBytes(to.Room(sizeof(double)), value);
        to.Advance(sizeof(double));
    }

    public void Fixed(int field, ulong value)
    {
        Tag(field, Fixed64);
        BitConverter.TryWriteBytes(to.Room(sizeof(ulong)), value);
        to.Advance(sizeof(ulong));
    }

    public void Float(int field, float value)
    {
        Tag(field, Fixed32);
        Float(value);
    }

    /// <inheritdoc cref="Double(double)"/>
    public void Float(float value)
    {
        BitConverter.TryWriteBytes(to.Room(sizeof(float)), value);
        to.Advance(sizeof(float));
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Delimited);
        Varints((ulong)value.Length);
        to.Write(value);
    }

    public void Text(int field, string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        Tag(field, Delimited);
        Varints((ulong)bytes);
        to.Advance(Encoding.UTF8.GetBytes(value, to.Room(bytes)));
    }

    /// <summary>Begins a message, a packed list, or bytes that are written piece by piece; <see cref="End"/> ends it.</summary>
    /// <returns>Where it begins.</returns>
    public int Begin(int field)
    {
        Tag(field, Delimited);
        to.Write((byte)0);
        return to.Length;
    }

    /// <summary>Puts the length in front. One byte was left for it; where it takes more, what was written moves.</summary>
    public void End(int start)
    {
        var length = to.Length - start;
        var extra = SizeOf((ulong)length) - 1;
        if (extra > 0)
        {
            _ = to.Room(extra);
            to.Advance(extra);
            to.At(start, length).CopyTo(to.At(start + extra, length));
        }

        Write(to.At(start - 1, extra + 1), (ulong)length);
    }

    /// <inheritdoc cref="Double(double)"/>
    public void Varints(ulong value) => to.Advance(Write(to.Room(MostVarintBytes), value));

    public static int SizeOf(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    private static int Write(Span<byte> into, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            into[at++] = (byte)(value | 0x80);
        into[at++] = (byte)value;
        return at;
    }

    private void Tag(int field, int wire) => Varints((ulong)((field << 3) | wire));
}
