using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>The largest multiple of ten that is not above a whole number; null where the type does not reach down to it.</summary>
internal sealed class WholeBucketMask<T> : ArrayMask
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override bool MakesNulls => T.IsNegative(T.MinValue);

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var room = Room<T>(rows.Rows);
        var into = MemoryMarshal.Cast<byte, T>(room.AsSpan());
        var values = Values<T>(rows);
        var ten = T.CreateTruncating(10);
        for (var i = 0; i < values.Length; i++)
        {
            var above = values[i] % ten;
            above += T.IsNegative(above) ? ten : T.Zero;
            into[i] = values[i] - above;
            if (into[i] > values[i])
                validity.SetNull(i);
        }

        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room)]);
    }
}

/// <summary>
/// The largest multiple of ten that is not above a number; null for what is none, and beyond the whole numbers that the type tells apart:
/// the value itself is all that could be shown there.
/// </summary>
/// <param name="digits">Binary digits of a value.</param>
internal sealed class FloatBucketMask<T>(int digits) : ArrayMask
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _limit = T.ScaleB(T.One, digits);

    public override bool MakesNulls => true;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var room = Room<T>(rows.Rows);
        var into = MemoryMarshal.Cast<byte, T>(room.AsSpan());
        var values = Values<T>(rows);
        var ten = T.CreateTruncating(10);
        for (var i = 0; i < values.Length; i++)
        {
            var bucket = T.Floor(values[i] / ten) * ten;
            var fits = T.Abs(values[i]) <= _limit;

            // A quotient just below a whole number may have been rounded up to it; and of zero no sign is shown.
            into[i] = fits ? (bucket > values[i] ? bucket - ten : bucket) + T.Zero : T.Zero;
            if (!fits)
                validity.SetNull(i);
        }

        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room)]);
    }
}

/// <summary>The largest multiple of ten that is not above a decimal; null where it has more digits than the type.</summary>
internal sealed class DecimalBucketMask(int precision, int scale) : ArrayMask
{
    private const int MostDigits = 38;

    // Ten, and the least that fits, as the type counts. Where ten has too many digits to be counted, zero is all that fits.
    private readonly Int128 _ten = scale < MostDigits ? Power(Math.Max(0, scale + 1)) : 0;
    private readonly Int128 _least = 1 - Power(precision);

    public override bool MakesNulls => true;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var room = Room<Int128>(rows.Rows);
        var into = MemoryMarshal.Cast<byte, Int128>(room.AsSpan());
        var values = Values<Int128>(rows);
        for (var i = 0; i < values.Length; i++)
        {
            if (Of(values[i]) is { } bucket)
            {
                into[i] = bucket;
                continue;
            }

            into[i] = 0;
            validity.SetNull(i);
        }

        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room)]);
    }

    private Int128? Of(Int128 value)
    {
        if (_ten == 0)
            return value < 0 ? null : 0;

        // Most values fit 64 bits, of which a division takes a tenth of the time.
        var isShort = _ten <= long.MaxValue && value == (long)value;
        var above = isShort ? (long)value % (long)_ten : value % _ten;
        var bucket = value - above - (above < 0 ? _ten : 0);
        return bucket < _least ? null : bucket;
    }

    private static Int128 Power(int exponent)
    {
        var power = Int128.One;
        for (var i = 0; i < exponent; i++)
            power *= 10;
        return power;
    }
}

/// <summary>As <see cref="DecimalBucketMask"/>, of 256 bits: rarely met, and taken the plain way.</summary>
internal sealed class WideDecimalBucketMask(int precision, int scale) : ArrayMask
{
    private const int Width = 32;
    private readonly BigInteger _ten = BigInteger.Pow(10, Math.Max(0, scale + 1));
    private readonly BigInteger _least = 1 - BigInteger.Pow(10, precision);

    public override bool MakesNulls => true;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var into = new byte[checked(rows.Rows * Width)];
        var values = rows.Data.Buffers[1].Span;
        for (var i = 0; i < rows.Rows; i++)
        {
            var value = new BigInteger(values.Slice((rows.At + i) * Width, Width));
            var above = BigInteger.Remainder(value, _ten);
            var bucket = value - above - (above.Sign < 0 ? _ten : 0);
            if (bucket < _least)
                validity.SetNull(i);
            else
                Write(bucket, into.AsSpan(i * Width, Width));
        }

        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(into)]);
    }

    private static void Write(BigInteger number, Span<byte> into)
    {
        into.Fill(number.Sign < 0 ? byte.MaxValue : byte.MinValue);
        number.TryWriteBytes(into, out _);
    }
}
