using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.Managed;

/// <summary>Lays physical values out as Arrow does, with room where nulls are.</summary>
internal static class LeafBuffers
{
    private const int JulianDayOfEpoch = 2_440_588;
    private const long NanosecondsOfDay = 86_400_000_000_000;

    public static ArrowBuffer Bits(bool[] values)
    {
        var bits = new byte[(values.Length + 7) / 8];
        for (var i = 0; i < values.Length; i++)
            bits[i >> 3] |= (byte)((values[i] ? 1 : 0) << (i & 7));
        return new(bits);
    }

    public static TOut[] Spread<TIn, TOut>(TIn[] values, bool[]? valid, int slots, Func<TIn, TOut> convert)
    {
        var spread = new TOut[slots];
        for (int slot = 0, next = 0; slot < slots; slot++)
        {
            if (valid is null || valid[slot])
                spread[slot] = convert(values[next++]);
        }

        return spread;
    }

    public static ArrowBuffer Numbers<TIn, TOut>(TIn[] values, bool[]? valid, int slots, Func<TIn, TOut> convert)
        where TOut : unmanaged
    {
        // Most columns are what they are decoded to, and without nulls.
        if (valid is null && values is TOut[] same)
            return new(MemoryMarshal.AsBytes(same.AsSpan(0, slots)).ToArray());

        var bytes = new byte[checked(slots * Unsafe.SizeOf<TOut>())];
        var into = MemoryMarshal.Cast<byte, TOut>(bytes.AsSpan());
        for (int slot = 0, next = 0; slot < slots; slot++)
        {
            if (valid is null || valid[slot])
                into[slot] = convert(values[next++]);
        }

        return new(bytes);
    }

    /// <summary>Offsets and bytes.</summary>
    public static ArrowBuffer[] Bytes(ReadOnlyMemory<byte>[] values, bool[]? valid, int slots)
    {
        var offsets = new int[slots + 1];
        for (int slot = 0, next = 0; slot < slots; slot++)
            offsets[slot + 1] = checked(offsets[slot] + (valid is null || valid[slot] ? values[next++].Length : 0));

        var bytes = GC.AllocateUninitializedArray<byte>(offsets[slots]);
        for (int at = 0, next = 0; at < bytes.Length; next++)
        {
            values[next].Span.CopyTo(bytes.AsSpan(at));
            at += values[next].Length;
        }

        return [new(MemoryMarshal.AsBytes(offsets.AsSpan()).ToArray()), new(bytes)];
    }

    public static ArrowBuffer Fixed(ReadOnlyMemory<byte>[] values, bool[]? valid, int slots, int width)
    {
        var bytes = new byte[checked(slots * width)];
        for (int slot = 0, next = 0; slot < slots; slot++)
        {
            if (valid is not null && !valid[slot])
                continue;

            var value = values[next++].Span;
            if (value.Length != width)
                throw new InvalidDataException($"a value has {value.Length} bytes where {width} were announced");
            value.CopyTo(bytes.AsSpan(slot * width));
        }

        return new(bytes);
    }

    /// <summary>Decimals: two's complement, the highest byte first, in as many bytes as the writer liked.</summary>
    public static ArrowBuffer BigEndian(ReadOnlyMemory<byte>[] values, bool[]? valid, int slots, int width)
    {
        var bytes = new byte[checked(slots * width)];
        for (int slot = 0, next = 0; slot < slots; slot++)
        {
            if (valid is null || valid[slot])
                Reverse(values[next++].Span, bytes.AsSpan(slot * width, width));
        }

        return new(bytes);
    }

    /// <summary>Nanoseconds of the day and the Julian day, as Impala wrote them; turns over as Arrow C++ does.</summary>
    public static long Int96(ReadOnlySpan<byte> value) => unchecked(
        ((BinaryPrimitives.ReadInt32LittleEndian(value[8..]) - (long)JulianDayOfEpoch) * NanosecondsOfDay)
        + BinaryPrimitives.ReadInt64LittleEndian(value));

    private static void Reverse(ReadOnlySpan<byte> value, Span<byte> into)
    {
        var sign = (byte)(!value.IsEmpty && value[0] >= 0x80 ? 0xff : 0);
        into.Fill(sign);
        for (var i = 0; i < value.Length; i++)
        {
            var b = value[^(i + 1)];
            if (i < into.Length)
                into[i] = b;
            else if (b != sign)
                throw new InvalidDataException($"a decimal has {value.Length} bytes, more than its precision allows");
        }
    }
}
