using System.Buffers.Text;
using System.Text;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// Keys of the Redis protocol: <c>namespace/view:42</c>, the view and behind a colon the key as text. Where a view has several keys, they
/// stand behind each other with colons between, and <c>:</c> and <c>%</c> within them are percent-encoded.
/// </summary>
internal static class RespKeys
{
    /// <summary>The view of a key.</summary>
    public static ReadOnlySpan<byte> ViewOf(ReadOnlySpan<byte> key) => key.IndexOf((byte)':') is >= 0 and var colon ? key[..colon] : key;

    /// <summary>Reads a key, as the one row that is asked for.</summary>
    /// <exception cref="ProblemException">It is none of the view.</exception>
    public static void Read(ReadOnlySpan<byte> key, ReadPlan plan, KeyColumns into)
    {
        into.Begin(plan, "key");
        var view = ViewOf(key);
        var rest = key[view.Length..]; // each part stands behind a colon
        for (var part = 0; part < plan.Keys.Count; part++)
        {
            if (rest.IsEmpty)
                throw Wrong(plan, key);
            var end = plan.Keys.Count == 1 ? -1 : rest[1..].IndexOf((byte)':');
            var written = end < 0 ? rest[1..] : rest.Slice(1, end);
            rest = end < 0 ? default : rest[(end + 1)..];
            Add(plan.Keys.Count == 1 ? written : Decoded(written), into.Add(part));
        }

        if (!rest.IsEmpty)
            throw Wrong(plan, key);
        into.Complete();
    }

    private static void Add(ReadOnlySpan<byte> written, KeyColumn into)
    {
        var isRead = into.Type.Kind switch
        {
            HotKind.Text or HotKind.Binary => Added(into, written),
            HotKind.Bytes => written.Length == into.Type.Width && Added(into, written),
            HotKind.Bool => TryBool(written, out var number) && Added(into, number),
            HotKind.UInt64 => Utf8Parser.TryParse(written, out ulong number, out var read) && read == written.Length
                && Added(into, (long)number),
            >= HotKind.Int8 and < HotKind.UInt64 => TryWhole(written, out var number) && HotNumbers.Fits(into.Type.Kind, number)
                && Added(into, number),
            HotKind.Timestamp when TryWhole(written, out var seconds) => KeyTimes.TryScale(seconds, into.Type.Scale, out var units)
                && Added(into, units),
            _ => KeyTexts.TryRead(written, into),
        };
        if (!isRead)
        {
            throw new ProblemException(Problem.Field(
                "request.invalid", into.Field, $"'{into.Key.Name}' is '{Shown(written)}'; it must be {KeyTexts.Wanted(into.Type)}."));
        }
    }

    private static bool TryBool(ReadOnlySpan<byte> written, out long number)
    {
        number = written.SequenceEqual("true"u8) ? 1 : 0;
        return number == 1 || written.SequenceEqual("false"u8);
    }

    private static bool TryWhole(ReadOnlySpan<byte> written, out long number) =>
        Utf8Parser.TryParse(written, out number, out var read) && read == written.Length;

    private static bool Added(KeyColumn into, long number)
    {
        into.Add(number);
        return true;
    }

    private static bool Added(KeyColumn into, ReadOnlySpan<byte> bytes)
    {
        into.Add(bytes);
        return true;
    }

    /// <summary>Bytes, whatever they are: a key may be binary. A percent sign that begins no byte stays what it is.</summary>
    private static ReadOnlySpan<byte> Decoded(ReadOnlySpan<byte> written)
    {
        if (!written.Contains((byte)'%'))
            return written;
        var decoded = new List<byte>(written.Length);
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] == (byte)'%' && i + 2 < written.Length
                && Utf8Parser.TryParse(written.Slice(i + 1, 2), out byte one, out var read, 'X') && read == 2)
            {
                decoded.Add(one);
                i += 2;
            }
            else
            {
                decoded.Add(written[i]);
            }
        }

        return decoded.ToArray();
    }

    private static string Shown(ReadOnlySpan<byte> written)
    {
        const int Most = 60;
        var text = Encoding.UTF8.GetString(written[..Math.Min(written.Length, Most)]);
        return written.Length > Most ? text + "…" : text;
    }

    private static ProblemException Wrong(ReadPlan plan, ReadOnlySpan<byte> key) => new(Problem.Field(
        "request.invalid",
        "key",
        $"'{Shown(key)}' must be {string.Join(':', plan.Keys.Select(k => $"{{{k.Name}}}").Prepend(Encoding.UTF8.GetString(ViewOf(key))))}"
        + $": {(plan.Keys.Count == 0 ? "the view has no key" : string.Join(", ", plan.Keys.Select(k => $"{k.Name} is {k.Type}")))}."));
}
