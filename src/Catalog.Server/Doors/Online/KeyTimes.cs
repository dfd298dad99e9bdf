using System.Globalization;
using System.Text;
using Catalog.Hot;

namespace Catalog.Server.Doors.Online;

/// <summary>Dates and times as keys, from texts as ISO 8601 and RFC 3339 have them.</summary>
internal static class KeyTimes
{
    private const int LongestText = 40;

    private static readonly string[] s_local = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd"];

    /// <summary>Days since 1970.</summary>
    public static bool TryReadDate(ReadOnlySpan<byte> text, out long days)
    {
        days = 0;
        if (!DateOnly.TryParseExact(Text(text), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return false;
        days = HotNumbers.DaysOf(date);
        return true;
    }

    /// <summary>Since midnight, in the unit of a type with so many digits behind the second.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> text, int digits, out long units)
    {
        units = 0;
        return TimeOnly.TryParseExact(
                Text(text), ["HH:mm:ss.FFFFFFF", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            && HotNumbers.TryScale(time.Ticks, digits, out units);
    }

    /// <summary>Since 1970, in the unit of a type with so many digits behind the second; without an offset, of UTC.</summary>
    public static bool TryReadTimestamp(ReadOnlySpan<byte> text, int digits, out long units)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        units = 0;
        var written = Text(text);
        return (DateTimeOffset.TryParseExact(written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, Utc, out var time)
                || DateTimeOffset.TryParseExact(written, s_local, CultureInfo.InvariantCulture, Utc, out time))
            && HotNumbers.TryScale(time.UtcTicks - DateTime.UnixEpoch.Ticks, digits, out units);
    }

    /// <summary>Seconds in the unit of a type; false where it has no such time.</summary>
    public static bool TryScale(long seconds, int digits, out long units)
    {
        var factor = digits switch { 0 => 1, 3 => 1_000, 6 => 1_000_000, _ => 1_000_000_000 };
        units = unchecked(seconds * factor);
        return units / factor == seconds;
    }

    private static string Text(ReadOnlySpan<byte> text) => text.Length > LongestText ? "" : Encoding.UTF8.GetString(text);
}
