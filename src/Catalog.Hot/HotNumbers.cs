namespace Catalog.Hot;

/// <summary>Numbers as packed rows and keys hold them: which there are of a type, and times in its unit.</summary>
public static class HotNumbers
{
    /// <summary>Whether a type of whole numbers, or of bools, has this one.</summary>
    public static bool Fits(HotKind kind, long number) => kind switch
    {
        HotKind.Int8 => number is >= sbyte.MinValue and <= sbyte.MaxValue,
        HotKind.Int16 => number is >= short.MinValue and <= short.MaxValue,
        HotKind.Int32 => number is >= int.MinValue and <= int.MaxValue,
        HotKind.UInt8 => number is >= 0 and <= byte.MaxValue,
        HotKind.UInt16 => number is >= 0 and <= ushort.MaxValue,
        HotKind.UInt32 => number is >= 0 and <= uint.MaxValue,
        HotKind.UInt64 => number >= 0,
        HotKind.Bool => number is 0 or 1,
        _ => true,
    };

    /// <summary>Days since 1970.</summary>
    public static long DaysOf(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>Ticks (100 ns) in the unit of a type; false where it has no such time: between two units, or out of range.</summary>
    /// <param name="ticks">Since 1970, or since midnight.</param>
    /// <param name="digits">Of the type, behind the second: 0, 3, 6 or 9.</param>
    /// <param name="units">The time in units.</param>
    public static bool TryScale(long ticks, int digits, out long units)
    {
        (units, var rest) = digits switch
        {
            0 => Math.DivRem(ticks, TimeSpan.TicksPerSecond),
            3 => Math.DivRem(ticks, TimeSpan.TicksPerMillisecond),
            6 => Math.DivRem(ticks, TimeSpan.TicksPerMicrosecond),
            _ => (unchecked(ticks * TimeSpan.NanosecondsPerTick), 0),
        };
        return rest == 0 && (digits != 9 || units / TimeSpan.NanosecondsPerTick == ticks);
    }
}
