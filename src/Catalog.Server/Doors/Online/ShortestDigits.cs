using System.Runtime.CompilerServices;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// The fewest decimal digits that read back as the same <c>double</c>, and of those the nearest: Raffaello Giulietti, "The Schubfach way to
/// render doubles" (2020). Answers are mostly numbers, and this takes a third of the time of .NET's own formatting, or less.
/// </summary>
internal static class ShortestDigits
{
    private const int MantissaBits = 52;
    private const ulong HiddenBit = 1UL << MantissaBits;
    private const int ExponentMask = 0x7FF;
    private const int Bias = 1075;

    /// <summary>The number as digits times a power of ten; the digits may end in zeros.</summary>
    /// <param name="number">Finite, and greater than zero.</param>
    public static (ulong Digits, int Exponent) Of(double number)
    {
        var bits = BitConverter.DoubleToUInt64Bits(number);
        var fraction = bits & (HiddenBit - 1);
        var exponent = (int)(bits >> MantissaBits) & ExponentMask;
        return exponent == 0
            ? Of(fraction, 1 - Bias, isLeastOfBinade: false)
            : Of(HiddenBit | fraction, exponent - Bias, fraction == 0 && exponent > 1);
    }

    // Quantities are four times as large as the number, so that the middles between it and its neighbours are whole.
    private static (ulong Digits, int Exponent) Of(ulong c, int q, bool isLeastOfBinade)
    {
        var odd = c & 1;
        var k = FloorLog10(q, isLeastOfBinade);
        var shift = q + FloorLog2OfPower(-k) + 1;
        var power = PowersOfTen.Of(-k);

        var value = MultiplyRounded(power, 4 * c << shift);
        var lower = MultiplyRounded(power, (isLeastOfBinade ? 4 * c - 1 : 4 * c - 2) << shift) + odd;
        var upper = MultiplyRounded(power, 4 * c + 2 << shift) - odd;

        var digits = value / 4;
        if (digits >= 10)
        {
            var shorter = digits / 10;
            var below = lower <= 40 * shorter;
            var above = 40 * shorter + 40 <= upper;
            if (below != above)
                return (shorter + (above ? 1UL : 0), k + 1);
        }

        var down = lower <= 4 * digits;
        var up = 4 * digits + 4 <= upper;
        if (down != up)
            return (digits + (up ? 1UL : 0), k);
        var middle = 4 * digits + 2;
        return (digits + (value > middle || (value == middle && (digits & 1) != 0) ? 1UL : 0), k);
    }

    /// <summary>The upper 64 bits of a product of 192, the last of them set where anything that counts was cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyRounded((ulong High, ulong Low) power, ulong factor)
    {
        var low = Math.BigMul(power.Low, factor, out _);
        var high = Math.BigMul(power.High, factor, out var middle);
        var sum = middle + low;
        return (sum < middle ? high + 1 : high) | (sum > 1 ? 1UL : 0);
    }

    /// <summary>log10 of 2^q, or of 3/4 of it, rounded down; exact for |q| up to 1500.</summary>
    private static int FloorLog10(int q, bool ofThreeQuarters) => (q * 1_262_611 - (ofThreeQuarters ? 524_031 : 0)) >> 22;

    /// <summary>log2 of 10^e, rounded down; exact for |e| up to 1233.</summary>
    private static int FloorLog2OfPower(int e) => (e * 1_741_647) >> 19;
}
