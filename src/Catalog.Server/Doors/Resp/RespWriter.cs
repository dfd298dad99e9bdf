using System.Text;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Resp;

/// <summary>Writes replies of the Redis protocol, as version 2 or 3 of it has them.</summary>
internal sealed class RespWriter(AnswerBuffer to)
{
    private const int LongestHead = 24;
    private const int UsualHead = 5; // $18 and the end of the line

    /// <summary>2, or 3 once the client asked for it.</summary>
    public int Version { get; set; } = 2;

    public AnswerBuffer Buffer => to;

    public void Ok() => to.Write("+OK\r\n"u8);

    public void Simple(ReadOnlySpan<byte> text)
    {
        to.Write((byte)'+');
        to.Write(text);
        to.Write("\r\n"u8);
    }

    /// <param name="kind">The first word, by which clients tell errors apart: <c>ERR</c>, <c>NOAUTH</c>.</param>
    /// <param name="text">On one line.</param>
    public void Error(string kind, string text)
    {
        to.Write((byte)'-');
        to.Write(Encoding.UTF8.GetBytes($"{kind} {text.ReplaceLineEndings(" ")}"));
        to.Write("\r\n"u8);
    }

    public void Null() => to.Write(Version == 3 ? "_\r\n"u8 : "$-1\r\n"u8);

    public void Number(long number) => Head((byte)':', number);

    public void Array(int count) => Head((byte)'*', count);

    /// <summary>Names and values; in version 2, an array of both.</summary>
    public void Map(int count) => Head(Version == 3 ? (byte)'%' : (byte)'*', Version == 3 ? count : count * 2);

    public void Text(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        Head((byte)'$', bytes.Length);
        to.Write(bytes);
        to.Write("\r\n"u8);
    }

    /// <summary>
    /// Begins a string whose length is known when it is written; most take two digits to tell, and then stay where they are.
    /// </summary>
    public int BeginBulk()
    {
        _ = to.Room(LongestHead);
        to.Advance(UsualHead);
        return to.Length - UsualHead;
    }

    /// <param name="start">From <see cref="BeginBulk"/>.</param>
    /// <param name="isQuoted">Whether what was written stands between quotes, which are left out.</param>
    public void EndBulk(int start, bool isQuoted)
    {
        var from = start + UsualHead + (isQuoted ? 1 : 0);
        var length = to.Length - from - (isQuoted ? 1 : 0);
        _ = to.Room(LongestHead);
        var head = 3 + (length < 10 ? 1 : length < 100 ? 2 : (int)Math.Log10(length) + 1);
        to.At(from, length).CopyTo(to.At(start + head, length));
        to.Rewind(start);
        Head((byte)'$', length);
        to.Advance(length);
        to.Write("\r\n"u8);
    }

    private void Head(byte sign, long number)
    {
        var room = to.Room(LongestHead);
        room[0] = sign;
        number.TryFormat(room[1..], out var length);
        "\r\n"u8.CopyTo(room[(1 + length)..]);
        to.Advance(length + 3);
    }
}
