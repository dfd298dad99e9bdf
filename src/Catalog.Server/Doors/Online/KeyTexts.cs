using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;
using Catalog.Hot;
using Catalog.Serving.Pushing;

namespace Catalog.Server.Doors.Online;

/// <summary>Keys that are neither numbers nor plain texts, from how they are written: ids, decimals, dates and times.</summary>
internal static class KeyTexts
{
    private const int LongestWritten = 128;

    /// <summary>What is right for a key, in words.</summary>
    public static string Wanted(HotType type) =>
        type.Kind == HotKind.Timestamp ? $"seconds since 1970, or {JsonValues.Wanted(type)}" : JsonValues.Wanted(type);

    /// <summary>Adds a key from its text; false where it is none of the column's type.</summary>
    public static bool TryRead(ReadOnlySpan<byte> written, KeyColumn into) => written.Length <= LongestWritten && into.Type.Kind switch
    {
        HotKind.Uuid => TryReadUuid(written, into),
        HotKind.Decimal => TryReadDecimal(written, into),
        HotKind.Date => KeyTimes.TryReadDate(written, out var days) && Added(into, days),
        HotKind.Time => KeyTimes.TryReadTime(written, into.Type.Scale, out var units) && Added(into, units),
        HotKind.Timestamp => KeyTimes.TryReadTimestamp(written, into.Type.Scale, out var since) && Added(into, since),
        _ => false,
    };

    private static bool TryReadUuid(ReadOnlySpan<byte> written, KeyColumn into)
    {
        if (!Utf8Parser.TryParse(written, out Guid id, out var read, 'D') || read != written.Length)
            return false;
        id.TryWriteBytes(into.Room(16), bigEndian: true, out var length);
        into.Added(length);
        return true;
    }

    /// <summary>Digits behind the point may be fewer than the type has.</summary>
    private static bool TryReadDecimal(ReadOnlySpan<byte> written, KeyColumn into)
    {
        var point = written.IndexOf((byte)'.');
        var behind = point < 0 ? 0 : written.Length - point - 1;
        Span<byte> digits = stackalloc byte[LongestWritten * 2];
        if (behind > into.Type.Scale || written.Length + into.Type.Scale > digits.Length)
            return false;
        (point < 0 ? written : written[..point]).CopyTo(digits);
        var length = point < 0 ? written.Length : point;
        written[(written.Length - behind)..].CopyTo(digits[length..]);
        digits.Slice(length + behind, into.Type.Scale - behind).Fill((byte)'0');
        length += into.Type.Scale;
        const NumberStyles Signed = NumberStyles.AllowLeadingSign;
        return BigInteger.TryParse(Encoding.UTF8.GetString(digits[..length]), Signed, CultureInfo.InvariantCulture, out var number)
            && TryAdd(number, into);
    }

    private static bool TryAdd(BigInteger number, KeyColumn into)
    {
        var room = into.Room(into.Type.Width);
        if (!number.TryWriteBytes(room, out var length))
            return false;
        room[length..].Fill((byte)(number.Sign < 0 ? 0xFF : 0));
        into.Added(into.Type.Width);
        return true;
    }

    private static bool Added(KeyColumn into, long number)
    {
        into.Add(number);
        return true;
    }
}
