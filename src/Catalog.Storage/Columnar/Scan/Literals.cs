using System.Numerics;
using System.Text;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>
/// What conditions compare with, in the units of the column. Null where a value cannot be compared with the column exactly.
/// </summary>
internal static class Literals
{
    private const long TicksPerMillisecond = TimeSpan.TicksPerMillisecond;
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private const long NanosecondsPerTick = TimeSpan.NanosecondsPerTick;
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The greatest whole number of the column's units that is not above the value, and whether it is the value.</summary>
    public static (Int128 Floor, bool IsExact)? Whole(object value, IArrowType type) => (type, value) switch
    {
        (Date32Type, DateOnly day) => (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber, true),
        (TimeType { Unit: var unit }, TimeOnly time) => Units(time.Ticks, unit),
        (TimestampType { IsTimeZoneAware: true, Unit: var unit }, DateTimeOffset at) => Units(at.UtcTicks - DateTime.UnixEpoch.Ticks, unit),
        (TimestampType { IsTimeZoneAware: true, Unit: var unit }, DateTime { Kind: DateTimeKind.Utc } at) =>
            Units(at.Ticks - DateTime.UnixEpoch.Ticks, unit),
        (TimestampType { IsTimeZoneAware: false, Unit: var unit }, DateTime { Kind: DateTimeKind.Unspecified } at) =>
            Units(at.Ticks - DateTime.UnixEpoch.Ticks, unit),
        (Date32Type or TimeType or TimestampType, _) => null,
        (Decimal128Type { Scale: var scale }, _) => Scaled(value, scale),
        _ => Scaled(value, scale: 0),
    };

    /// <summary>A number as a double that is the same number.</summary>
    public static double? Double(object value) => value switch
    {
        double n => double.IsNaN(n) ? null : n,
        float n => float.IsNaN(n) ? null : n,
        Half n => Half.IsNaN(n) ? null : (double)n,
        _ when Integer(value) is { } n && (BigInteger)(double)n == n => (double)n,
        _ => null,
    };

    public static byte[]? Bytes(object value, IArrowType type) => (type, value) switch
    {
        (StringType, string text) => Utf8(text),
        (BinaryType, byte[] bytes) => bytes,
        (FixedSizeBinaryType { ByteWidth: var width }, byte[] bytes) when bytes.Length == width => bytes,
        (FixedSizeBinaryType { ByteWidth: 16 }, Guid id) => id.ToByteArray(bigEndian: true),
        _ => null,
    };

    /// <summary>What a column of this type is compared with, in words.</summary>
    public static string Taken(IArrowType type) => type switch
    {
        Date32Type => "DateOnly",
        TimeType => "TimeOnly",
        TimestampType { IsTimeZoneAware: true } => "DateTimeOffset",
        TimestampType => "DateTime without a kind",
        BooleanType => "bool",
        StringType => "string of valid Unicode",
        BinaryType => "byte[]",
        FixedSizeBinaryType { ByteWidth: 16 } => "Guid, or byte[] of 16 bytes",
        FixedSizeBinaryType { ByteWidth: var width } => $"byte[] of {width} bytes",
        DoubleType => "numbers that a double holds exactly",
        _ => "whole numbers and decimal",
    };

    private static (Int128 Floor, bool IsExact)? Units(long ticks, TimeUnit unit)
    {
        if (unit is TimeUnit.Nanosecond)
            return ((Int128)ticks * NanosecondsPerTick, true);

        var size = unit is TimeUnit.Microsecond ? TicksPerMicrosecond : TicksPerMillisecond;
        var (quotient, rest) = Math.DivRem(ticks, size);
        return (quotient - (rest < 0 ? 1 : 0), rest == 0);
    }

    private static (Int128 Floor, bool IsExact)? Scaled(object value, int scale)
    {
        var (unscaled, digits) = value is decimal d ? (Unscaled(d), d.Scale) : (Integer(value), (byte)0);
        if (unscaled is not { } whole)
            return null;

        var up = whole * BigInteger.Pow(10, scale);
        var (quotient, rest) = (BigInteger.DivRem(up, BigInteger.Pow(10, digits), out var remainder), remainder);
        var floor = quotient - (rest.Sign < 0 ? 1 : 0);

        // One less at either end, so that a bound beside it does not overflow; no column has values there.
        return (Int128)BigInteger.Clamp(floor, (BigInteger)Int128.MinValue + 1, (BigInteger)Int128.MaxValue - 1) is var clamped
            ? (clamped, rest.IsZero && clamped == floor)
            : null;
    }

    private static BigInteger? Unscaled(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = (new BigInteger((uint)bits[2]) << 64) + (new BigInteger((uint)bits[1]) << 32) + (uint)bits[0];
        return decimal.IsNegative(value) ? -magnitude : magnitude;
    }

    private static BigInteger? Integer(object value) => value switch
    {
        sbyte n => n,
        short n => n,
        int n => n,
        long n => n,
        byte n => n,
        ushort n => n,
        uint n => n,
        ulong n => n,
        Int128 n => n,
        UInt128 n => n,
        BigInteger n => n,
        _ => null,
    };

    private static byte[]? Utf8(string text)
    {
        try
        {
            return s_strictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
