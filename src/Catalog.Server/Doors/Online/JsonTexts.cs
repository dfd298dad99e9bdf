using System.Buffers;
using System.Buffers.Text;

namespace Catalog.Server.Doors.Online;

/// <summary>Strings in JSON, as Python's <c>json.dumps(ensure_ascii=False)</c> writes them, and times.</summary>
internal static class JsonTexts
{
    private const int LongestEscape = 6;

    private static readonly SearchValues<byte> s_escaped =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(b => (byte)b), .. "\"\\"u8]);

    /// <summary>Writes a string, with its quotation marks.</summary>
    /// <param name="text">UTF-8.</param>
    public static void WriteText(AnswerBuffer to, ReadOnlySpan<byte> text)
    {
        to.Write((byte)'"');
        for (int at; (at = text.IndexOfAny(s_escaped)) >= 0; text = text[(at + 1)..])
        {
            to.Write(text[..at]);
            Escape(to, text[at]);
        }

        to.Write(text);
        to.Write((byte)'"');
    }

    /// <summary>Writes bytes as a string in base64.</summary>
    public static void WriteBase64(AnswerBuffer to, ReadOnlySpan<byte> bytes)
    {
        to.Write((byte)'"');
        Base64.EncodeToUtf8(bytes, to.Room(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var length);
        to.Advance(length);
        to.Write((byte)'"');
    }

    /// <summary>Writes a time as RFC 3339 in UTC has it, with 0, 3, 6 or 9 digits behind the second, as many as it takes.</summary>
    /// <param name="seconds">Since 1970; what is before year 1 or after year 9999 is written as its first or last second.</param>
    /// <param name="nanoseconds">In the second.</param>
    public static void WriteTime(AnswerBuffer to, long seconds, int nanoseconds) => WriteTime(to, seconds, nanoseconds, "Z\""u8);

    /// <inheritdoc cref="WriteTime(AnswerBuffer, long, int)"/>
    /// <param name="end">What stands behind it: an offset, if any, and the quotation mark.</param>
    public static void WriteTime(AnswerBuffer to, long seconds, int nanoseconds, ReadOnlySpan<byte> end)
    {
        const int SecondBytes = 19;
        var room = to.Room(40);
        room[0] = (byte)'"';
        var second = DateTime.UnixEpoch.AddSeconds(Math.Clamp(seconds, LeastSecond, GreatestSecond));
        Utf8Formatter.TryFormat(second, room[1..], out _, 'O');
        var length = 1 + SecondBytes;
        if (nanoseconds > 0)
        {
            room[length] = (byte)'.';
            nanoseconds.TryFormat(room[(length + 1)..], out _, "000000000");
            length += 1 + (nanoseconds % 1_000_000 == 0 ? 3 : nanoseconds % 1_000 == 0 ? 6 : 9);
        }

        end.CopyTo(room[length..]);
        to.Advance(length + end.Length);
    }

    private static long LeastSecond { get; } = (DateTime.MinValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;

    private static long GreatestSecond { get; } = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;

    private static void Escape(AnswerBuffer to, byte one)
    {
        var room = to.Room(LongestEscape);
        room[0] = (byte)'\\';
        room[1] = one switch
        {
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            < 32 => (byte)'u',
            _ => one,
        };
        if (room[1] == 'u')
            one.TryFormat(room[2..], out _, "x4");
        to.Advance(room[1] == 'u' ? LongestEscape : 2);
    }
}
