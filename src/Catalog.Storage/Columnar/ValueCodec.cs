using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Reads a minimum or maximum from a footer's bytes (plain encoding) into something that can be compared, and writes it in one canonical
/// form: numbers as .NET's shortest round-trip, decimals with all digits of their scale, dates and times in ISO 8601 with all digits of
/// their unit, binary as lower-case hex. Null where the bytes are no such value, or the text would not be kept: longer than 1,024 bytes,
/// not UTF-8, holding NUL.
/// </summary>
internal sealed class ValueCodec(ValueCodec.Reader read, Func<IComparable, string?> write, bool isSigned)
{
    private const int MaxBytes = 1_024;
    private const int MaxDecimalBytes = 64;
    private const int SecondsOfDay = 86_400;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public delegate IComparable? Reader(ReadOnlySpan<byte> bytes);

    public static ValueCodec Bool { get; } = new(b => b.Length == 1 ? b[0] != 0 : null, v => v is true ? "true" : "false", isSigned: true);

    public static ValueCodec Signed { get; } = new(b => Integer(b), Print<long>, isSigned: true);

    public static ValueCodec Unsigned { get; } = new(
        b => b.Length switch
        {
            4 => (ulong?)BinaryPrimitives.ReadUInt32LittleEndian(b),
            8 => BinaryPrimitives.ReadUInt64LittleEndian(b),
            _ => null,
        },
        Print<ulong>,
        isSigned: false);

    public static ValueCodec Float16 { get; } = new(
        b => b.Length == 2 ? Number(BinaryPrimitives.ReadHalfLittleEndian(b)) : null, Print<Half>, isSigned: true);

    public static ValueCodec Float32 { get; } = new(
        b => b.Length == 4 ? Number(BinaryPrimitives.ReadSingleLittleEndian(b)) : null, Print<float>, isSigned: true);

    public static ValueCodec Float64 { get; } = new(
        b => b.Length == 8 ? Number(BinaryPrimitives.ReadDoubleLittleEndian(b)) : null, Print<double>, isSigned: true);

    public static ValueCodec Date { get; } = new(
        b => b.Length == 4 ? Integer(b) : null, v => v is long days ? DateText(days) : null, isSigned: true);

    public static ValueCodec Text { get; } = new(Bytes, v => v is ByteString s ? Utf8(s.Bytes) : null, isSigned: false);

    public static ValueCodec Hex { get; } = new(Bytes, v => v is ByteString s ? Convert.ToHexStringLower(s.Bytes) : null, isSigned: false);

    public static ValueCodec Uuid { get; } = new(
        b => b.Length == 16 ? Bytes(b) : null,
        v => v is ByteString s ? new Guid(s.Bytes, bigEndian: true).ToString("D") : null,
        isSigned: false);

    /// <summary>Whether the bounds of old writers, which compared everything as signed, can be believed.</summary>
    public bool IsSigned { get; } = isSigned;

    public static ValueCodec Decimal(int scale, bool isBigEndian) => new(
        b => b.Length is 0 or > MaxDecimalBytes ? null : new BigInteger(b, isUnsigned: false, isBigEndian),
        v => v is BigInteger unscaled ? DecimalText(unscaled, scale) : null,
        isSigned: !isBigEndian);

    public static ValueCodec Time(string unit) =>
        new(b => Integer(b), v => v is long time ? TimeText(time, Digits(unit)) : null, isSigned: true);

    public static ValueCodec Timestamp(string unit, bool isUtc) =>
        new(b => b.Length == 8 ? Integer(b) : null, v => v is long time ? TimestampText(time, Digits(unit), isUtc) : null, isSigned: true);

    public IComparable? Read(ReadOnlySpan<byte> bytes) => read(bytes);

    public string? Write(IComparable value) => write(value);

    private static long? Integer(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        8 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        _ => null,
    };

    private static IComparable? Number<T>(T value)
        where T : struct, IFloatingPoint<T> => T.IsNaN(value) ? null : T.IsZero(value) ? T.Zero : value;

    private static ByteString? Bytes(ReadOnlySpan<byte> bytes) => bytes.Length > MaxBytes ? null : new(bytes.ToArray());

    private static string? Print<T>(IComparable value)
        where T : IFormattable => value is T number ? number.ToString(format: null, CultureInfo.InvariantCulture) : null;

    private static string? Utf8(byte[] bytes)
    {
        try
        {
            return bytes.Contains((byte)0) ? null : StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string DecimalText(BigInteger unscaled, int scale)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var sign = unscaled.Sign < 0 ? "-" : "";
        return scale == 0 ? sign + digits : $"{sign}{digits[..^scale]}.{digits[^scale..]}";
    }

    private static string? DateText(long days)
    {
        var day = days + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return day < DateOnly.MinValue.DayNumber || day > DateOnly.MaxValue.DayNumber
            ? null
            : DateOnly.FromDayNumber((int)day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static string? TimeText(long time, int digits)
    {
        var (seconds, fraction) = Split(time, digits);
        return seconds is < 0 or >= SecondsOfDay ? null : Clock(seconds) + Fraction(fraction, digits);
    }

    private static string? TimestampText(long time, int digits, bool isUtc)
    {
        var (seconds, fraction) = Split(time, digits);
        var ofDay = Mod(seconds, SecondsOfDay);
        return DateText((seconds - ofDay) / SecondsOfDay) is { } date
            ? $"{date}T{Clock(ofDay)}{Fraction(fraction, digits)}{(isUtc ? "Z" : "")}"
            : null;
    }

    private static (long Seconds, long Fraction) Split(long time, int digits)
    {
        var unit = digits switch
        {
            3 => 1_000L,
            6 => 1_000_000L,
            _ => 1_000_000_000L,
        };
        var fraction = Mod(time, unit);
        return (Math.DivRem(time, unit).Quotient - (time < 0 && fraction != 0 ? 1 : 0), fraction);
    }

    private static long Mod(long value, long by) => ((value % by) + by) % by;

    private static string Clock(long seconds) => TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture);

    private static string Fraction(long fraction, int digits) => '.' + fraction.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');

    private static int Digits(string unit) => unit switch
    {
        "ms" => 3,
        "us" => 6,
        _ => 9,
    };

    /// <summary>Bytes in the order of unsigned bytes, which for UTF-8 is that of code points.</summary>
    // Only ever compared through IComparable; operators would be dead code.
#pragma warning disable MA0097
    internal sealed class ByteString(byte[] bytes) : IComparable
    {
        public byte[] Bytes { get; } = bytes;

        public int CompareTo(object? obj) => obj is ByteString other ? Bytes.AsSpan().SequenceCompareTo(other.Bytes) : 1;
    }
#pragma warning restore MA0097
}
