using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Catalog.Hot;

namespace Catalog.Server.Doors.Online;

/// <summary>Values of packed rows that are texts wherever answers are: decimals, ids, dates, times of day, intervals.</summary>
internal static class ValueTexts
{
    private const int LongestText = 100;
    private const long SecondsOfDay = 86_400;

    /// <summary>Writes such a value in ASCII.</summary>
    /// <exception cref="ArgumentException">Values of the type are no texts.</exception>
    public static void Write(AnswerBuffer to, HotType type, ReadOnlySpan<byte> value)
    {
        var room = to.Room(LongestText);
        to.Advance(type switch
        {
            { Kind: HotKind.Uuid } => Uuid(room, value),
            { Kind: HotKind.Decimal } => Decimal(room, new BigInteger(value), type.Scale),
            { Kind: HotKind.Date } => Date(room, MemoryMarshal.Read<int>(value)),
            { Kind: HotKind.Time } => Time(room, Whole(type, value), type.Scale),
            { Name: "interval" } => Interval(room, value),
            _ => throw new ArgumentException($"A value of {type.Name} is no text.", nameof(type)),
        });
    }

    /// <summary>A date or a timestamp as seconds since 1970, rounded down; dates and local times as if they were of UTC.</summary>
    public static long Seconds(HotType type, ReadOnlySpan<byte> value) => type.Kind == HotKind.Date
        ? MemoryMarshal.Read<int>(value) * SecondsOfDay
        : Floor(MemoryMarshal.Read<long>(value), Power(type.Scale));

    /// <summary>A whole number, a date or a time as it is in the row; unsigned ones of 64 bits by their bits.</summary>
    public static long Whole(HotType type, ReadOnlySpan<byte> value) => type switch
    {
        { Kind: HotKind.Bool or HotKind.UInt8 } => value[0],
        { Kind: HotKind.Int8 } => (sbyte)value[0],
        { Kind: HotKind.Int16 } => BinaryPrimitives.ReadInt16LittleEndian(value),
        { Kind: HotKind.UInt16 } => BinaryPrimitives.ReadUInt16LittleEndian(value),
        { Kind: HotKind.UInt32 } => BinaryPrimitives.ReadUInt32LittleEndian(value),
        { Width: 4 } => BinaryPrimitives.ReadInt32LittleEndian(value),
        _ => BinaryPrimitives.ReadInt64LittleEndian(value),
    };

    /// <summary>What a timestamp has behind its second.</summary>
    public static int Nanoseconds(HotType type, ReadOnlySpan<byte> value)
    {
        var unit = Power(type.Scale);
        var since = MemoryMarshal.Read<long>(value);
        return (int)((since - Floor(since, unit) * unit) * Power(9 - type.Scale));
    }

    /// <summary>What is before year 1 or after year 9999 is written as the first or last day of those.</summary>
    private static int Date(Span<byte> to, int days)
    {
        var day = Math.Clamp((long)days + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber, 0, DateOnly.MaxValue.DayNumber);
        DateOnly.FromDayNumber((int)day).TryFormat(to, out var length, "yyyy-MM-dd");
        return length;
    }

    private static int Uuid(Span<byte> to, ReadOnlySpan<byte> value) =>
        new Guid(value, bigEndian: true).TryFormat(to, out var length) ? length : 0;

    private static int Decimal(Span<byte> to, BigInteger unscaled, int scale)
    {
        var text = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        if (scale > 0)
            text = text.Insert(text.Length - scale, ".");
        return Encoding.ASCII.GetBytes(unscaled.Sign < 0 ? "-" + text : text, to);
    }

    /// <summary><c>14:02:00</c>, with the digits behind the second that it takes.</summary>
    private static int Time(Span<byte> to, long units, int scale)
    {
        var second = Power(scale);
        new TimeOnly(units / second * TimeSpan.TicksPerSecond).TryFormat(to, out var length, "HH:mm:ss");
        if (units % second is var rest and > 0)
        {
            to[length] = (byte)'.';
            (rest * Power(9 - scale)).TryFormat(to[(length + 1)..], out _, "000000000");
            length += 1 + (scale == 3 || rest % (second / 1000) == 0 ? 3 : scale == 6 || rest % (second / 1_000_000) == 0 ? 6 : 9);
        }

        return length;
    }

    /// <summary>As ISO 8601 has it: <c>P1M2DT0.003S</c>.</summary>
    private static int Interval(Span<byte> to, ReadOnlySpan<byte> value)
    {
        var parts = MemoryMarshal.Cast<byte, uint>(value);
        return Encoding.ASCII.GetBytes($"P{parts[0]}M{parts[1]}DT{parts[2] / 1000m}S", to);
    }

    private static long Floor(long value, long unit) => value >= 0 ? value / unit : (value + 1) / unit - 1;

    private static long Power(int digits) => digits switch { 0 => 1, 3 => 1_000, 6 => 1_000_000, _ => 1_000_000_000 };
}
