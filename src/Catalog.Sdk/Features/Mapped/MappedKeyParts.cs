using System.Globalization;
using System.Numerics;
using System.Text;
using Catalog.Hot;

namespace Catalog.Sdk;

/// <summary>Values of .NET as parts of keys.</summary>
internal static class MappedKeyParts
{
    private const int MostBytes = 32;

    /// <summary>Adds a whole key that is a number.</summary>
    /// <exception cref="ArgumentException">The key is of another type, or it does not fit.</exception>
    public static void Add(KeyBatch keys, HotType type, long number, string name)
    {
        if (!IsWhole(type) || !HotNumbers.Fits(type.Kind, number))
            throw Unfit(number, type, name);
        keys.Add(number);
    }

    /// <summary>Adds a whole key that is text.</summary>
    /// <exception cref="ArgumentException">The key is of another type.</exception>
    public static void Add(KeyBatch keys, HotType type, ReadOnlySpan<byte> utf8, string name)
    {
        if (type.Kind != HotKind.Text)
            throw Unfit(Encoding.UTF8.GetString(utf8), type, name);
        keys.Part(utf8);
        keys.EndKey();
    }

    /// <exception cref="ArgumentException">The value is none of the type.</exception>
    public static void Demand(object? value, HotType type, string name)
    {
        Span<byte> bytes = stackalloc byte[MostBytes];
        if (value is not (null or string or byte[]) && !TryNumber(value, type, out _) && Bytes(value, type, bytes) == 0)
            throw Unfit(value, type, name);
        if (value is string && type.Kind != HotKind.Text)
            throw Unfit(value, type, name);
        if (value is byte[] given && type.Kind != HotKind.Binary && !(type.Kind == HotKind.Bytes && given.Length == type.Width))
            throw Unfit($"{given.Length} bytes", type, name);
    }

    /// <summary>Adds a part; where keys are one number, the key.</summary>
    public static void AddPart(KeyBatch keys, HotType type, object? value)
    {
        if (TryNumber(value, type, out var number))
        {
            if (keys.AreNumbers)
                keys.Add(number);
            else
                keys.Part(number);
        }
        else if (value is null)
        {
            if (keys.AreNumbers)
                keys.AddMissing();
            else
                keys.PartMissing();
        }
        else
        {
            AddBytes(keys, type, value);
        }
    }

    private static void AddBytes(KeyBatch keys, HotType type, object value)
    {
        Span<byte> room = stackalloc byte[MostBytes];
        switch (value)
        {
            case string text:
                keys.Part(Encoding.UTF8.GetBytes(text));
                break;
            case byte[] bytes:
                keys.Part(bytes);
                break;
            default:
                keys.Part(room[..Bytes(value, type, room)]);
                break;
        }
    }

    private static bool TryNumber(object? value, HotType type, out long number)
    {
        number = 0;
        return value switch
        {
            bool flag => type.Kind == HotKind.Bool && Is(out number, flag ? 1 : 0),
            ulong big => type.Kind == HotKind.UInt64 && Is(out number, unchecked((long)big)),
            sbyte or byte or short or ushort or int or uint or long => IsWhole(type)
                && Is(out number, Convert.ToInt64(value, CultureInfo.InvariantCulture)) && HotNumbers.Fits(type.Kind, number),
            DateOnly day => type.Kind == HotKind.Date && Is(out number, HotNumbers.DaysOf(day)),
            TimeOnly time => type.Kind == HotKind.Time && HotNumbers.TryScale(time.Ticks, type.Scale, out number),
            DateTimeOffset time => type is { Kind: HotKind.Timestamp, IsInstant: true } && TrySince(time.UtcDateTime, type, out number),
            DateTime time => type.Kind == HotKind.Timestamp
                && TrySince(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time, type, out number),
            _ => false,
        };
    }

    /// <returns>How many bytes were written; 0 where the value is none of the type.</returns>
    private static int Bytes(object value, HotType type, Span<byte> into)
    {
        switch (value)
        {
            case Guid id when type.Kind == HotKind.Uuid:
                id.TryWriteBytes(into, bigEndian: true, out var length);
                return length;
            case decimal number when type.Kind == HotKind.Decimal && TryUnscale(number, type.Scale, out var whole)
                && whole.TryWriteBytes(into[..type.Width], out var written):
                into[written..type.Width].Fill((byte)(whole.Sign < 0 ? 0xFF : 0));
                return type.Width;
            default:
                return 0;
        }
    }

    /// <summary>The number times a power of ten, exactly; false where digits would be left behind the point.</summary>
    private static bool TryUnscale(decimal number, int digits, out BigInteger whole)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(number, bits);
        var magnitude = (new BigInteger((uint)bits[2]) << 64) | (new BigInteger((uint)bits[1]) << 32) | (uint)bits[0];
        whole = number < 0 ? -magnitude : magnitude;
        var missing = digits - number.Scale;
        if (missing >= 0)
        {
            whole *= BigInteger.Pow(10, missing);
            return true;
        }

        whole = BigInteger.DivRem(whole, BigInteger.Pow(10, -missing), out var rest);
        return rest.IsZero;
    }

    private static bool TrySince(DateTime time, HotType type, out long units) =>
        HotNumbers.TryScale(time.Ticks - DateTime.UnixEpoch.Ticks, type.Scale, out units);

    private static bool IsWhole(HotType type) => type.Kind is >= HotKind.Int8 and <= HotKind.UInt64;

    private static bool Is(out long number, long value)
    {
        number = value;
        return true;
    }

    private static ArgumentException Unfit(object value, HotType type, string name) =>
        new($"'{name}' is {type.Name}, and no key of it is {value} ({value.GetType().Name}).", nameof(value));
}
