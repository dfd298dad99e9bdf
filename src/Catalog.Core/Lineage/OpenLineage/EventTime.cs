using System.Globalization;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// Times as clients write them: RFC 3339, and what else is seen in the wild: no offset (UTC is meant), no seconds (Java leaves them out
/// when they are zero), nanoseconds, a date alone, a zone name in brackets behind the offset. Read to the microsecond, which is what
/// PostgreSQL keeps; the rest is cut.
/// </summary>
internal static class EventTime
{
    private const int MicrosecondDigits = 6;

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        var rest = text.AsSpan().Trim();
        if (rest.EndsWith("]") && rest.LastIndexOf('[') is > 0 and var zone)
        {
            rest = rest[..zone];
        }

        if (!TryDate(ref rest, out var date))
        {
            return false;
        }

        if (rest.IsEmpty)
        {
            time = new DateTimeOffset(date, TimeSpan.Zero);
            return true;
        }

        return rest[0] is 'T' or 't' or ' ' && TryClock(rest[1..], date, out time);
    }

    private static bool TryDate(ref ReadOnlySpan<char> rest, out DateTime date)
    {
        date = default;
        if (rest.Length < 10
            || !DateTime.TryParseExact(rest[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date))
        {
            return false;
        }

        rest = rest[10..];
        return true;
    }

    private static bool TryClock(ReadOnlySpan<char> rest, DateTime date, out DateTimeOffset time)
    {
        time = default;
        if (!TryTwo(ref rest, 23, out var hour) || !TrySkip(ref rest, ':') || !TryTwo(ref rest, 59, out var minute))
        {
            return false;
        }

        var second = 0;
        if (TrySkip(ref rest, ':') && !TryTwo(ref rest, 60, out second))
        {
            return false;
        }

        if (!TryFraction(ref rest, out var microseconds) || !TryOffset(rest, out var offset))
        {
            return false;
        }

        // A leap second is the last moment of its minute: no clock here has a sixtieth.
        (second, microseconds) = second == 60 ? (59, 999_999) : (second, microseconds);
        var local = date.AddHours(hour).AddMinutes(minute).AddSeconds(second).AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        var ticks = local.Ticks - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryTwo(ref ReadOnlySpan<char> rest, int max, out int number)
    {
        number = rest.Length >= 2 && char.IsAsciiDigit(rest[0]) && char.IsAsciiDigit(rest[1])
            ? (rest[0] - '0') * 10 + (rest[1] - '0')
            : int.MaxValue;
        if (number > max)
        {
            return false;
        }

        rest = rest[2..];
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<char> rest, char sign)
    {
        if (rest.IsEmpty || rest[0] != sign)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out int microseconds)
    {
        microseconds = 0;
        if (!TrySkip(ref rest, '.') && !TrySkip(ref rest, ','))
        {
            return true;
        }

        var digits = rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : rest.Length;
        for (var i = 0; i < MicrosecondDigits; i++)
        {
            microseconds = microseconds * 10 + (i < digits ? rest[i] - '0' : 0);
        }

        rest = rest[digits..];
        return digits > 0;
    }

    /// <summary>Nothing, <c>Z</c>, <c>+10</c>, <c>+1000</c> or <c>+10:00</c>.</summary>
    private static bool TryOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is "" or "Z" or "z")
        {
            return true;
        }

        var sign = rest[0] switch { '+' => 1, '-' or '\u2212' => -1, _ => 0 };
        rest = rest[1..];
        if (sign == 0 || !TryTwo(ref rest, 23, out var hours))
        {
            return false;
        }

        var minutes = 0;
        if (!rest.IsEmpty && ((TrySkip(ref rest, ':') && rest.IsEmpty) || !TryTwo(ref rest, 59, out minutes)))
        {
            return false;
        }

        offset = sign * new TimeSpan(hours, minutes, 0);
        return rest.IsEmpty;
    }
}
