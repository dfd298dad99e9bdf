namespace Catalog.Server.Doors.Online;

/// <summary>
/// Numbers as Python's <c>repr</c> writes them: always with a point or an exponent (<c>1.0</c>, <c>1e+16</c>, <c>1e-07</c>), because
/// Feast's clients tell whole numbers from others by that.
/// </summary>
internal static class PythonNumbers
{
    /// <summary>Bytes that any number takes at most.</summary>
    public const int MaxBytes = 32;

    private const double WholeLimit = 1e15;

    /// <summary>Writes a finite number, and tells how many bytes that took.</summary>
    public static int Write(Span<byte> to, double number)
    {
        var sign = double.IsNegative(number) ? 1 : 0;
        to[0] = (byte)'-';
        return sign + WritePositive(to[sign..], Math.Abs(number));
    }

    private static int WritePositive(Span<byte> to, double number)
    {
        if (number < WholeLimit && (ulong)number is var whole && whole == number)
        {
            var length = DecimalDigits.Write(to, whole);
            ".0"u8.CopyTo(to[length..]);
            return length + 2;
        }

        var (digits, exponent) = ShortestDigits.Of(number);
        (digits, exponent) = WithoutZeros(digits, exponent);
        var count = DecimalDigits.Write(to, digits);
        var point = count + exponent;
        return point is <= -4 or > 16 ? WithExponent(to, count, point - 1)
            : point <= 0 ? BehindZeros(to, count, point)
            : point < count ? WithPoint(to, count, point)
            : WithZeros(to, count, point);
    }

    /// <summary><c>12345</c> and 1 to <c>1.2345e+01</c>.</summary>
    private static int WithExponent(Span<byte> to, int count, int exponent)
    {
        if (count > 1)
            count = WithPoint(to, count, 1);
        to[count++] = (byte)'e';
        to[count++] = (byte)(exponent < 0 ? '-' : '+');
        Math.Abs(exponent).TryFormat(to[count..], out var length, "00");
        return count + length;
    }

    private static int BehindZeros(Span<byte> to, int count, int point)
    {
        var zeros = 2 - point;
        to[..count].CopyTo(to[zeros..]);
        to[..zeros].Fill((byte)'0');
        to[1] = (byte)'.';
        return zeros + count;
    }

    private static int WithPoint(Span<byte> to, int count, int point)
    {
        to[point..count].CopyTo(to[(point + 1)..]);
        to[point] = (byte)'.';
        return count + 1;
    }

    private static int WithZeros(Span<byte> to, int count, int point)
    {
        to[count..point].Fill((byte)'0');
        ".0"u8.CopyTo(to[point..]);
        return point + 2;
    }

    private static (ulong Digits, int Exponent) WithoutZeros(ulong digits, int exponent)
    {
        const ulong Eight = 100_000_000;
        for (; digits % Eight == 0; exponent += 8)
            digits /= Eight;
        for (; digits % 10 == 0; exponent++)
            digits /= 10;
        return (digits, exponent);
    }
}
