using System.Text;
using System.Text.Json;

namespace Catalog.Erasure;

/// <summary>
/// Whether a JSON text names a subject: a member that is called as one of its columns and has its value, or a text that is its value or,
/// for values long enough to be no chance, has it in itself as a word.
/// </summary>
internal static class SubjectMention
{
    private const int LeastWord = 5;
    private const int MostDepth = 1_000;

    public static bool IsIn(ReadOnlySpan<byte> json, Subject subject)
    {
        try
        {
            return IsInJson(json, subject);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Too deep, or with half of a character in a text: then any place where a value stands is taken for a mention.
            return Holds(json, subject);
        }
    }

    private static bool Holds(ReadOnlySpan<byte> json, Subject subject)
    {
        foreach (var value in subject.Values.Values)
        {
            if (json.IndexOf(Encoding.UTF8.GetBytes(value)) >= 0)
                return true;
        }

        return false;
    }

    private static bool IsInJson(ReadOnlySpan<byte> json, Subject subject)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MostDepth });
        for (string? member = null; reader.Read();)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    member = reader.GetString();
                    continue;
                case JsonTokenType.String when reader.GetString() is { } text && subject.Values.Values.Any(v => Names(text, v)):
                    return true;
                case JsonTokenType.Number when member is not null && subject.Values.TryGetValue(member, out var value)
                    && Encoding.UTF8.GetString(reader.ValueSpan) == value:
                    return true;
            }

            if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.EndArray))
                member = null;
        }

        return false;
    }

    private static bool Names(string text, string value)
    {
        if (text == value)
            return true;
        for (var at = value.Length < LeastWord ? -1 : text.IndexOf(value, StringComparison.OrdinalIgnoreCase); at >= 0;
            at = text.IndexOf(value, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                && (at + value.Length == text.Length || !char.IsLetterOrDigit(text[at + value.Length])))
                return true;
        }

        return false;
    }
}
