using System.Numerics;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// Powers of ten in 128 bits, the highest of them set, and rounded up: what <see cref="ShortestDigits"/> multiplies with. Computed once;
/// that takes a fraction of a millisecond.
/// </summary>
internal static class PowersOfTen
{
    private const int Least = -292;
    private const int Greatest = 324;
    private const int Bits = 128;

    private static readonly (ulong High, ulong Low)[] s_powers =
        [.. Enumerable.Range(Least, Greatest - Least + 1).Select(exponent => Split(Mantissa(exponent)))];

    /// <param name="exponent">From -292 to 324.</param>
    public static (ulong High, ulong Low) Of(int exponent) => s_powers[exponent - Least];

    private static BigInteger Mantissa(int exponent)
    {
        var power = BigInteger.Pow(10, Math.Abs(exponent));
        var bits = (int)power.GetBitLength();
        return exponent < 0 ? (BigInteger.One << (bits + Bits - 1)) / power + 1
            : bits <= Bits ? power << (Bits - bits)
            : (power >> (bits - Bits)) + 1;
    }

    private static (ulong High, ulong Low) Split(BigInteger mantissa) => ((ulong)(mantissa >> 64), (ulong)(mantissa & ulong.MaxValue));
}
