using System.Buffers.Text;
using System.Text;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// A command of the Redis protocol: an array of strings, or a line of words, as people type it. Reusable; it points into the bytes that it
/// was read from.
/// </summary>
internal sealed class RespCommand
{
    /// <summary>Bytes of a command before its sender is known.</summary>
    public const int MostUnknownBytes = 16 * 1024;

    private const int MostWords = 32 * 1024;
    private const int LongestNumber = 16;

    private ReadOnlyMemory<byte> _bytes;
    private (int Start, int Length)[] _words = new (int, int)[64];

    /// <summary>How many words there are, with the command's name.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes must have come before another look is worth it.</summary>
    public int Wanted { get; private set; }

    /// <summary>A word: the first is the command's name.</summary>
    public ReadOnlySpan<byte> this[int word] => _bytes.Span.Slice(_words[word].Start, _words[word].Length);

    /// <summary>
    /// All from a word on, as it was sent, with how long that word is: alike for commands that differ before it only.
    /// </summary>
    public ReadOnlySpan<byte> From(int word) => _bytes.Span[(_words[word - 1].Start + _words[word - 1].Length)..];

    /// <summary>As the word itself, for as long as the bytes are there.</summary>
    public ReadOnlyMemory<byte> Bytes(int word) => _bytes.Slice(_words[word].Start, _words[word].Length);

    public string Text(int word) => Encoding.UTF8.GetString(this[word]);

    /// <summary>Whether a word is this one, in any case.</summary>
    public bool Is(int word, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(this[word], known);

    /// <summary>Reads the command that bytes begin with.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <returns>How many bytes it has; 0 where its end has not come yet (<see cref="Wanted"/>).</returns>
    /// <exception cref="ProblemException">It is none, or too large: nothing behind it can be made sense of.</exception>
    public int Read(ReadOnlyMemory<byte> bytes, int most)
    {
        (_bytes, Count) = (bytes, 0);
        var span = bytes.Span;
        if (span.IsEmpty)
            return Partial(1);
        if (span[0] != (byte)'*')
            return Line(span, most);

        var at = 0;
        if (Number(span, ref at, (byte)'*') is not { } words)
            return Partial(span.Length + 1);
        if (words is < 0 or > MostWords)
            throw Wrong($"A command has {MostWords:N0} words at most.");
        if (_words.Length < words)
            Array.Resize(ref _words, words);
        while (Count < words)
        {
            if (Number(span, ref at, (byte)'$') is not { } length)
                return Partial(span.Length + 1);
            if (length < 0 || length > most - at)
                throw TooLarge(most);
            if (span.Length < at + length + 2)
                return Partial(at + length + 2);
            if (!span.Slice(at + length, 2).SequenceEqual("\r\n"u8))
                throw Wrong("A string does not end where it should.");
            _words[Count++] = (at, length);
            at += length + 2;
        }

        _bytes = bytes[..at];
        return at;
    }

    /// <summary>Words with blanks between them.</summary>
    private int Line(ReadOnlySpan<byte> span, int most)
    {
        var end = span.IndexOf((byte)'\n');
        if (end < 0)
            return span.Length > Math.Min(most, MostUnknownBytes) ? throw TooLarge(MostUnknownBytes) : Partial(span.Length + 1);
        foreach (var word in span[..end].SplitAny(" \r"u8))
        {
            var (start, length) = word.GetOffsetAndLength(end);
            if (length == 0)
                continue;
            if (Count == _words.Length)
                throw Wrong($"A line has {_words.Length} words at most.");
            _words[Count++] = (start, length);
        }

        _bytes = _bytes[..(end + 1)];
        return end + 1;
    }

    private int Partial(int wanted)
    {
        (Wanted, Count) = (wanted, 0);
        return 0;
    }

    /// <summary>The number behind a sign, up to the end of its line; null where that has not come yet.</summary>
    private static int? Number(ReadOnlySpan<byte> span, ref int at, byte sign)
    {
        var rest = span[at..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
            return rest.Length > LongestNumber ? throw Malformed() : null;
        if (end < 3 || rest[0] != sign || rest[end - 1] != (byte)'\r'
            || !Utf8Parser.TryParse(rest[1..(end - 1)], out int number, out var read) || read != end - 2)
            throw Malformed();
        at += end + 1;
        return number;
    }

    private static ProblemException Malformed() =>
        Wrong("A command is an array of strings: '*', how many, and each behind '$' and its length.");

    private static ProblemException Wrong(string what) => new(Problem.Of("request.malformed", what));

    private static ProblemException TooLarge(int most) => new(Problem.Of(
        "request.too_large",
        most == MostUnknownBytes
            ? $"Before AUTH, a command has {most:N0} bytes at most."
            : $"A command has {PooledBody.MostBytes:N0} bytes at most: ask for fewer rows at once."));
}
