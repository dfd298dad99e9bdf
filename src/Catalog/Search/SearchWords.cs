using System.Globalization;
using System.Text;

namespace Catalog.Search;

/// <summary>
/// Cuts text into the words that are searched for: at whatever is neither letter nor digit, and where a capital begins a new word, so that
/// <c>flight_delay</c>, <c>flight-delay</c> and <c>flightDelay</c> are the same two words. What is stored and what is asked is cut by the
/// same code; no dictionary or language of the database has a part in it.
/// </summary>
internal static class SearchWords
{
    /// <summary>Longer words are cut: they are keys and payloads, of which the beginning tells enough.</summary>
    public const int MaxLength = 64;

    /// <summary>The words in their order, in lower case, repeated ones included.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var (words, word) = (new List<string>(), new StringBuilder());
        Rune[] runes = [.. text.EnumerateRunes()];
        for (var i = 0; i < runes.Length; i++)
        {
            var shape = ShapeOf(runes[i]);
            if (shape is Shape.Mark)
                continue; // é written as e and an accent is e
            if (shape is Shape.None or Shape.Alone || BeginsWord(runes, i))
                Finish();
            if (shape is Shape.None)
                continue;
            word.Append(Rune.ToLowerInvariant(runes[i]));
            if (shape is Shape.Alone)
                Finish();
        }

        Finish();
        return words;

        void Finish()
        {
            if (word.Length > 0)
                words.Add(Cut(word.ToString()));
            word.Clear();
        }
    }

    /// <summary>The words without anything between them: how names are compared whole. Of a text without words, the text.</summary>
    public static string Joined(string text) => Of(text) is { Count: > 0 } words ? string.Concat(words) : text.Replace("\0", "").Trim();

    /// <summary>The words, and each name in several words also as one: <c>flightdelay</c> is asked for, too.</summary>
    public static IEnumerable<string> OfName(string name)
    {
        var words = Of(name);
        return words.Count > 1 ? words.Append(Cut(string.Concat(words))) : words;
    }

    public static string Cut(string word) =>
        word.Length <= MaxLength ? word : word[..(char.IsHighSurrogate(word[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];

    /// <summary>A capital after a small letter or digit, or before a small one at the end of capitals: <c>HTTP|Server</c>.</summary>
    private static bool BeginsWord(Rune[] runes, int i) =>
        i > 0 && Rune.IsUpper(runes[i])
        && (ShapeOf(runes[i - 1]) is Shape.Letter && !Rune.IsUpper(runes[i - 1])
            || (Rune.IsUpper(runes[i - 1]) && i + 1 < runes.Length && Rune.IsLower(runes[i + 1])));

    private static Shape ShapeOf(Rune rune) => rune.Value switch
    {
        < 128 => Rune.IsLetterOrDigit(rune) ? Shape.Letter : Shape.None,
        >= 0x300 and <= 0x36F => Shape.Mark,
        // Kana and Chinese characters are written without spaces; each is found by itself.
        (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) => Shape.Alone,
        _ => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.OtherSymbol => rune == Rune.ReplacementChar ? Shape.None : Shape.Alone,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => IsSelector(rune) ? Shape.Mark : Shape.Letter,
            _ => Rune.IsLetterOrDigit(rune) ? Shape.Letter : Shape.None,
        },
    };

    /// <summary>How a sign is to be painted.</summary>
    private static bool IsSelector(Rune rune) => rune.Value is >= 0xFE00 and <= 0xFE0F;

    private enum Shape
    {
        None,
        Letter,
        Alone,
        Mark,
    }
}
