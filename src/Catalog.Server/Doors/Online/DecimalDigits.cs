using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// Whole numbers as decimal digits, eight at a time: numbers of floating-point columns have sixteen or seventeen of them, and taking two at
/// a time, as .NET does, is much of what writing them takes.
/// </summary>
internal static class DecimalDigits
{
    private const ulong Eight = 100_000_000;
    private const ulong Zeros = 0x3030303030303030;

    /// <summary>Writes a number into room for 24 bytes, and tells how many digits it has.</summary>
    public static int Write(Span<byte> to, ulong number)
    {
        if (number < Eight)
            return WriteFirst(to, (uint)number);
        var (upper, lower) = Math.DivRem(number, Eight);
        if (upper < Eight)
        {
            var length = WriteFirst(to, (uint)upper);
            BinaryPrimitives.WriteUInt64LittleEndian(to[length..], EightOf((uint)lower));
            return length + 8;
        }

        (var first, upper) = Math.DivRem(upper, Eight);
        var start = WriteFirst(to, (uint)first);
        BinaryPrimitives.WriteUInt64LittleEndian(to[start..], EightOf((uint)upper));
        BinaryPrimitives.WriteUInt64LittleEndian(to[(start + 8)..], EightOf((uint)lower));
        return start + 16;
    }

    /// <summary>Up to eight digits, without zeros in front.</summary>
    private static int WriteFirst(Span<byte> to, uint number)
    {
        if (number < 10)
        {
            to[0] = (byte)('0' + number);
            return 1;
        }

        var digits = EightOf(number);
        var zeros = System.Numerics.BitOperations.TrailingZeroCount(digits ^ Zeros) / 8;
        BinaryPrimitives.WriteUInt64LittleEndian(to, digits >> (zeros * 8));
        return 8 - zeros;
    }

    /// <summary>
    /// Eight digits, the first in the lowest byte: halves of four, quarters of two, and those of one digit are divided at once, each in its
    /// own part of a word, by multiplying with what is nearly an eighth of a power of two over ten.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong EightOf(uint number)
    {
        var (upper, lower) = Math.DivRem(number, 10_000u);
        var fours = upper | ((ulong)lower << 32);
        var hundreds = ((fours * 10_486) >> 20) & 0x7F0000007F;
        var twos = hundreds | ((fours - (100 * hundreds)) << 16);
        var tens = ((twos * 103) >> 10) & 0x000F000F000F000F;
        return Zeros | tens | ((twos - (10 * tens)) << 8);
    }
}
