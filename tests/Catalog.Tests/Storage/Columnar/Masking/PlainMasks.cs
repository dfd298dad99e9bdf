using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;

namespace Catalog.Tests.Storage.Columnar.Masking;

/// <summary>What masks make of one value, in the plainest way there is; as text that <see cref="ArrowText"/> gives for the same.</summary>
internal static class PlainMasks
{
    private const string Nothing = "null";

    public static string Of(ArrayData data, int row, Mask mask, byte[] key)
    {
        if (ArrowText.Value(data, row) is Nothing)
            return Nothing;
        return (mask, data.DataType.TypeId) switch
        {
            (Mask.None, _) => ArrowText.Value(data, row),
            (Mask.LastFour, ArrowTypeId.String) => LastFour(Text(data, row)),
            (Mask.Redact, ArrowTypeId.String) => "REDACTED",
            (Mask.Hash, ArrowTypeId.String) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(Text(data, row)))),
            (Mask.Hash, ArrowTypeId.Binary) =>
                Convert.ToHexString(HMACSHA256.HashData(key, Convert.FromHexString(ArrowText.Value(data, row)))),
            (Mask.Hash, ArrowTypeId.Int64 or ArrowTypeId.UInt64) => Convert.ToHexString(HMACSHA256.HashData(key, Fixed(data, row))[..8]),
            (Mask.Hash, ArrowTypeId.FixedSizedBinary) when Fixed(data, row) is { Length: 16 } bytes =>
                Convert.ToHexString(HMACSHA256.HashData(key, bytes)[..16]),
            (Mask.Year, ArrowTypeId.Date32 or ArrowTypeId.Timestamp) => Year(data, row),
            (Mask.Bucket, _) => Bucket(data, row),
            _ => Nothing,
        };
    }

    private static string Text(ArrayData data, int row) => ArrowText.Value(data, row);

    private static string LastFour(string text)
    {
        var characters = text.EnumerateRunes().ToList();
        return string.Concat(characters.Select((c, i) => i < characters.Count - 4 || characters.Count <= 4 ? "*" : c.ToString()));
    }

    private static string Year(ArrayData data, int row)
    {
        var value = Whole(data, row);
        BigInteger inADay = data.DataType switch
        {
            TimestampType { Unit: TimeUnit.Millisecond } => 86_400_000,
            TimestampType { Unit: TimeUnit.Microsecond } => 86_400_000_000,
            TimestampType { Unit: TimeUnit.Nanosecond } => 86_400_000_000_000,
            _ => 1,
        };

        // The calendar comes again every 400 years.
        var cycles = Floor(Floor(value, inADay), 146_097);
        var day = DateTime.UnixEpoch.AddDays((double)(Floor(value, inADay) - (cycles * 146_097)));
        var first = (new DateTime(day.Year, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Days + (cycles * 146_097);
        return Written(first * inADay, data);
    }

    private static string Bucket(ArrayData data, int row)
    {
        switch (data.DataType)
        {
            case DoubleType when MemoryMarshal.Read<double>(Fixed(data, row)) is var n:
                return Math.Abs(n) <= Math.Pow(2, 53) ? Hex(BitConverter.GetBytes((double)Tens(n))) : Nothing;
            case FloatType when MemoryMarshal.Read<float>(Fixed(data, row)) is var n:
                return Math.Abs(n) <= Math.Pow(2, 24) ? Hex(BitConverter.GetBytes((float)Tens(n))) : Nothing;
            case HalfFloatType when MemoryMarshal.Read<Half>(Fixed(data, row)) is var n:
                return Math.Abs((double)n) <= 2048 ? Hex(BitConverter.GetBytes((Half)(double)Tens((double)n))) : Nothing;
            case Decimal128Type d:
                return Decimal(data, row, d.Precision, d.Scale);
            case Decimal256Type d:
                return Decimal(data, row, d.Precision, d.Scale);
            case IntegerType:
                return Written(Floor(Whole(data, row), 10) * 10, data);
            default:
                return Nothing;
        }
    }

    private static string Decimal(ArrayData data, int row, int precision, int scale)
    {
        var ten = BigInteger.Pow(10, scale + 1);
        var bucket = Floor(Whole(data, row), ten) * ten;
        return BigInteger.Abs(bucket) < BigInteger.Pow(10, precision) ? Written(bucket, data) : Nothing;
    }

    private static BigInteger Tens(double number) => Floor(new BigInteger(Math.Floor(number)), 10) * 10;

    private static BigInteger Floor(BigInteger number, BigInteger by) =>
        (number - (((number % by) + by) % by)) / by;

    private static BigInteger Whole(ArrayData data, int row) =>
        new(Fixed(data, row), isUnsigned: data.DataType is UInt8Type or UInt16Type or UInt32Type or UInt64Type);

    private static byte[] Fixed(ArrayData data, int row) => Convert.FromHexString(ArrowText.Value(data, row));

    /// <summary>A number in as many bytes as values of a column have; nothing where it does not fit.</summary>
    private static string Written(BigInteger number, ArrayData like)
    {
        var width = ((FixedWidthType)like.DataType).BitWidth / 8;
        var isUnsigned = like.DataType is UInt8Type or UInt16Type or UInt32Type or UInt64Type;
        if (number.GetByteCount(isUnsigned && number.Sign >= 0) > width)
            return Nothing;
        var bytes = number.ToByteArray(isUnsigned);
        return Hex([.. bytes, .. Enumerable.Repeat(number.Sign < 0 ? byte.MaxValue : (byte)0, width - bytes.Length)]);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
