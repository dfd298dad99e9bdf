using System.Buffers.Text;
using System.Text.Json;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// Reads what a request in JSON gives for a join key: whole numbers as numbers, texts as strings, timestamps as seconds since 1970 or as
/// RFC 3339 has them, bytes in base64, the rest as text. A value of another kind is refused, with its key, its row, and what is right.
/// </summary>
internal static class JsonKeys
{
    /// <summary>Reads an array of values.</summary>
    /// <param name="json">In front of the array.</param>
    /// <exception cref="ProblemException">A value is not of the key's type, or there are too many.</exception>
    public static void Read(ref Utf8JsonReader json, KeyColumn into)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
            throw Wrong(into, $"'{into.Key.Name}' must be an array with a value for each row.");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (into.Count == RowLimit.MostRows)
                throw RowLimit.Exceeded();
            if (json.TokenType == JsonTokenType.Null)
                into.AddMissing();
            else if (!TryRead(ref json, into))
                throw Unfit(ref json, into);
        }
    }

    private static bool TryRead(ref Utf8JsonReader json, KeyColumn into) => into.Type.Kind switch
    {
        HotKind.Bool => TryReadBool(ref json, into),
        HotKind.UInt64 => TryReadUnsigned(ref json, into),
        >= HotKind.Int8 and < HotKind.UInt64 => TryReadWhole(ref json, into),
        HotKind.Timestamp when json.TokenType == JsonTokenType.Number => TryReadSeconds(ref json, into),
        HotKind.Text => TryReadText(ref json, into),
        HotKind.Decimal when json.TokenType == JsonTokenType.Number => KeyTexts.TryRead(json.ValueSpan, into),
        _ when json.TokenType != JsonTokenType.String => false,
        HotKind.Binary or HotKind.Bytes => TryReadBytes(ref json, into),
        _ => !json.ValueIsEscaped && KeyTexts.TryRead(json.ValueSpan, into),
    };

    private static bool TryReadBool(ref Utf8JsonReader json, KeyColumn into) =>
        json.TokenType is JsonTokenType.True or JsonTokenType.False && Added(into, json.TokenType == JsonTokenType.True ? 1 : 0);

    /// <summary>Whole numbers may be written as strings: some languages have none above 2^53, and command lines have no others.</summary>
    private static bool TryReadUnsigned(ref Utf8JsonReader json, KeyColumn into) =>
        TryGet(ref json, out ulong number) && Added(into, (long)number);

    private static bool TryReadWhole(ref Utf8JsonReader json, KeyColumn into) =>
        TryGet(ref json, out long number) && HotNumbers.Fits(into.Type.Kind, number) && Added(into, number);

    private static bool TryGet(ref Utf8JsonReader json, out ulong number)
    {
        number = 0;
        return json.TokenType == JsonTokenType.Number ? json.TryGetUInt64(out number)
            : json.TokenType == JsonTokenType.String && Utf8Parser.TryParse(json.ValueSpan, out number, out var read)
                && read == json.ValueSpan.Length;
    }

    private static bool TryGet(ref Utf8JsonReader json, out long number)
    {
        number = 0;
        return json.TokenType == JsonTokenType.Number ? json.TryGetInt64(out number)
            : json.TokenType == JsonTokenType.String && Utf8Parser.TryParse(json.ValueSpan, out number, out var read)
                && read == json.ValueSpan.Length;
    }

    private static bool TryReadSeconds(ref Utf8JsonReader json, KeyColumn into) =>
        json.TryGetInt64(out var seconds) && KeyTimes.TryScale(seconds, into.Type.Scale, out var units) && Added(into, units);

    private static bool TryReadText(ref Utf8JsonReader json, KeyColumn into)
    {
        if (json.TokenType != JsonTokenType.String)
            return false;
        try
        {
            into.Added(json.CopyString(into.Room(json.ValueSpan.Length)));
            return true;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(into, $"'{into.Key.Name}' is no text in row {into.Count}: it holds half of a surrogate pair, or is not in UTF-8.");
        }
    }

    private static bool TryReadBytes(ref Utf8JsonReader json, KeyColumn into)
    {
        if (!json.TryGetBytesFromBase64(out var bytes) || (into.Type.Kind == HotKind.Bytes && bytes.Length != into.Type.Width))
            return false;
        into.Add(bytes);
        return true;
    }

    private static bool Added(KeyColumn into, long number)
    {
        into.Add(number);
        return true;
    }

    private static ProblemException Unfit(ref Utf8JsonReader json, KeyColumn into)
    {
        var found = json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? "a list or an object" : Shown(ref json);
        return Wrong(into, $"'{into.Key.Name}' is {found} in row {into.Count}; it must be {KeyTexts.Wanted(into.Type)}.");
    }

    private static string Shown(ref Utf8JsonReader json)
    {
        const int Most = 60;
        using var value = JsonDocument.ParseValue(ref json);
        var text = value.RootElement.GetRawText();
        return text.Length > Most ? text[..Most] + "…" : text;
    }

    private static ProblemException Wrong(KeyColumn column, string what) =>
        new(Problem.Field("request.invalid", column.Field, what));
}
