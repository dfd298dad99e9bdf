using System.Numerics;

namespace Catalog.Features.PointInTime;

/// <summary>
/// The exact sum of doubles, rounded once when it is asked for. Values can be taken out again without a trace, and neither order nor how
/// often has any effect: so a window that slides gives the bits that adding up its events anew would give, in whatever order.
/// After Kulisch, "Computer Arithmetic and Validity" (2008): one fixed-point number as wide as all doubles, in digits of 32 bits whose
/// carries wait in the upper halves of their words.
/// </summary>
public sealed class ExactSum
{
    // 2,098 bits of doubles, and room for 2^62 of the greatest.
    private const int Digits = 68;
    private const int CarryAfter = 1 << 30;
    private const int MantissaBits = 53;
    private readonly long[] _digits = new long[Digits];
    private int _waiting;
    private int _lowest = Digits;
    private int _highest = -1;
    private long _nans;
    private long _positiveInfinities;
    private long _negativeInfinities;

    public void Add(double value) => Put(value, 1);

    /// <summary>Takes out what was added.</summary>
    public void Remove(double value) => Put(value, -1);

    public void Clear()
    {
        if (_highest >= 0)
            Array.Clear(_digits, _lowest, _highest - _lowest + 1);
        (_waiting, _lowest, _highest, _nans, _positiveInfinities, _negativeInfinities) = (0, Digits, -1, 0, 0, 0);
    }

    /// <summary>The nearest double, the even one of two that are equally near; infinite beyond the greatest. Nothing is 0.</summary>
    public double Value() => Value(shift: 0);

    /// <summary>The exact sum, divided by how many there are; also where the sum itself is beyond the greatest double.</summary>
    public double Mean(long count)
    {
        const int Room = 64;
        var sum = Value();
        return double.IsFinite(sum) || _nans + _positiveInfinities + _negativeInfinities > 0
            ? sum / count
            : Value(Room) / count * Math.ScaleB(1, Room);
    }

    /// <param name="shift">The value is told divided by two so many times; for those far above the least double.</param>
    private double Value(int shift)
    {
        if (_nans > 0 || (_positiveInfinities > 0 && _negativeInfinities > 0))
            return double.NaN;
        if (_positiveInfinities > 0 || _negativeInfinities > 0)
            return _positiveInfinities > 0 ? double.PositiveInfinity : double.NegativeInfinity;
        if (_highest < 0)
            return 0;

        Carry();
        Span<uint> magnitude = stackalloc uint[Digits];
        return Magnitude(magnitude) ? -Round(magnitude, shift) : Round(magnitude, shift);
    }

    private void Put(double value, int times)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        if (exponent == 0x7FF)
        {
            PutSpecial(value, times);
            return;
        }

        var mantissa = bits & 0xFFFFFFFFFFFFFL;
        if (exponent == 0 && mantissa == 0)
            return;

        var at = exponent == 0 ? 0 : exponent - 1;
        var shifted = (UInt128)(ulong)(exponent == 0 ? mantissa : mantissa | (1L << 52)) << (at & 31);
        var digit = at >> 5;
        long sign = bits < 0 ? -times : times;
        _digits[digit] += sign * (uint)(ulong)shifted;
        _digits[digit + 1] += sign * (uint)((ulong)shifted >> 32);
        _digits[digit + 2] += sign * (uint)(ulong)(shifted >> 64);
        _lowest = Math.Min(_lowest, digit);
        _highest = Math.Max(_highest, digit + 2);
        if (++_waiting >= CarryAfter)
            Carry();
    }

    private void PutSpecial(double value, int times)
    {
        if (double.IsNaN(value))
            _nans += times;
        else if (value > 0)
            _positiveInfinities += times;
        else
            _negativeInfinities += times;
    }

    /// <summary>Brings every digit but the highest into 0 to 2^32 - 1; the highest keeps the sign.</summary>
    private void Carry()
    {
        _waiting = 0;
        for (var i = _lowest; i <= _highest && i < Digits - 1; i++)
        {
            var carry = _digits[i] >> 32;
            if (i == _highest && (carry is 0 or -1))
                break;

            _digits[i] -= carry << 32;
            _digits[i + 1] += carry;
            _highest = Math.Max(_highest, carry == 0 ? i : i + 1);
        }
    }

    /// <summary>Writes the digits without their sign, and tells whether it was negative.</summary>
    private bool Magnitude(Span<uint> into)
    {
        into.Clear();
        var isNegative = _digits[_highest] < 0;
        var carry = 0L;
        for (var i = _lowest; i < Digits; i++)
        {
            if (i > _highest && carry == 0)
                break;
            var digit = (isNegative ? -_digits[i] : _digits[i]) + carry;
            into[i] = (uint)digit;
            carry = digit >> 32;
        }

        return isNegative;
    }

    private static double Round(ReadOnlySpan<uint> digits, int shift)
    {
        var top = digits.LastIndexOfAnyExcept(0u);
        if (top < 0)
            return 0;

        // As many bits as doubles have stand for themselves: also those of doubles without a leading one.
        var bits = (32 * top) + 32 - BitOperations.LeadingZeroCount(digits[top]);
        if (bits <= MantissaBits)
            return BitConverter.UInt64BitsToDouble(digits[0] | ((ulong)digits[1] << 32));

        var dropped = bits - MantissaBits;
        var mantissa = BitsFrom(digits, dropped);
        var half = (digits[(dropped - 1) >> 5] >> ((dropped - 1) & 31)) & 1;
        if (half == 1 && ((mantissa & 1) == 1 || AnyBelow(digits, dropped - 1)))
            mantissa++;
        var exponent = (ulong)(dropped + 1 - shift);
        var packed = (exponent << 52) + (mantissa - (1UL << 52));
        return packed >= 0x7FFUL << 52 ? double.PositiveInfinity : BitConverter.UInt64BitsToDouble(packed);
    }

    private static ulong BitsFrom(ReadOnlySpan<uint> digits, int at)
    {
        var first = at >> 5;
        UInt128 window = Digit(digits, first) | ((UInt128)Digit(digits, first + 1) << 32) | ((UInt128)Digit(digits, first + 2) << 64);
        return (ulong)(window >> (at & 31)) & ((1UL << MantissaBits) - 1);
    }

    private static uint Digit(ReadOnlySpan<uint> digits, int at) => at < digits.Length ? digits[at] : 0;

    private static bool AnyBelow(ReadOnlySpan<uint> digits, int bit) =>
        digits[..(bit >> 5)].ContainsAnyExcept(0u) || (digits[bit >> 5] & ((1u << (bit & 31)) - 1)) != 0;
}
