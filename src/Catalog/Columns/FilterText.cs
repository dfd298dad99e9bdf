using System.Globalization;
using System.Text;
using Catalog.Storage.Columnar;

namespace Catalog.Columns;

/// <summary>
/// What rows have to meet, as people write it: <c>delay &gt;= 15 and carrier in ('AA', 'UA') and "tail number" is not null</c>. A name with
/// anything but letters, digits and underscores stands in double quotes; texts and times stand in single quotes. A quote within is written
/// twice.
/// </summary>
internal sealed class FilterText
{
    private const int MaxLength = 16_384;

    private readonly string _text;
    private int _at;

    private FilterText(string text) => _text = text;

    /// <summary>The comparisons, all of which have to hold.</summary>
    /// <exception cref="FilterException">The message says where, and what would be right.</exception>
    public static IReadOnlyList<Written> Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new FilterException($"it has {text.Length} characters; {MaxLength} at most are read.");
        var filter = new FilterText(text);
        var all = new List<Written>();
        do
            all.Add(filter.Comparison());
        while (filter.TryWord("and"));
        filter.SkipSpace();
        return filter._at == text.Length ? all : throw filter.Wrong("'and', or the end");
    }

    /// <summary>The comparisons in one spelling, however they were written.</summary>
    public static string Spell(IEnumerable<Written> filter) => string.Join(
        " and ", filter.Select(c => $"\"{Twice(c.Column, '"')}\" {c.Comparison} {string.Join(',', c.Values.Select(Spell))}"));

    private static string Spell(Literal value) => $"{value.Kind}'{Twice(value.Text, '\'')}'";

    private static string Twice(string text, char quote) => text.Replace(quote.ToString(), new string(quote, 2), StringComparison.Ordinal);

    private Written Comparison()
    {
        var column = Name();
        if (TryWord("is"))
        {
            var negated = TryWord("not");
            return TryWord("null")
                ? new Written(column, negated ? Storage.Columnar.Comparison.IsNotNull : Storage.Columnar.Comparison.IsNull, [])
                : throw Wrong("'null' or 'not null'");
        }

        if (TryWord("in"))
            return new Written(column, Storage.Columnar.Comparison.In, List());
        foreach (var symbol in (string[])["!=", "<>", "<=", ">=", "=", "<", ">"])
        {
            if (TrySymbol(symbol))
                return new Written(column, Condition.ComparisonOf(symbol == "<>" ? "!=" : symbol), [Literal()]);
        }

        throw Wrong("one of =, !=, <, <=, >, >=, in, is null, is not null");
    }

    private List<Literal> List()
    {
        if (!TrySymbol("("))
            throw Wrong("'('");
        var values = new List<Literal>();
        do
            values.Add(Literal());
        while (TrySymbol(","));
        return TrySymbol(")") ? values : throw Wrong("',' or ')'");
    }

    private string Name()
    {
        SkipSpace();
        if (Peek() == '"')
            return Quoted('"');
        var start = _at;
        while (char.IsLetterOrDigit(Peek()) || Peek() == '_')
            _at++;
        return _at > start ? _text[start.._at] : throw Wrong("the name of a column");
    }

    private Literal Literal()
    {
        SkipSpace();
        if (Peek() == '\'')
            return new Literal(Quoted('\''), LiteralKind.Text);
        if (TryWord("true"))
            return new Literal("true", LiteralKind.Boolean);
        if (TryWord("false"))
            return new Literal("false", LiteralKind.Boolean);
        var start = _at;
        while (char.IsAsciiDigit(Peek()) || Peek() is '+' or '-' or '.' or 'e' or 'E')
            _at++;
        var number = _text[start.._at];
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? new Literal(number, LiteralKind.Number)
            : throw Wrong("a number, a text or time in single quotes, true or false", start);
    }

    private string Quoted(char quote)
    {
        var start = _at++;
        var value = new StringBuilder();
        while (_at < _text.Length)
        {
            var c = _text[_at++];
            if (c != quote)
                value.Append(c);
            else if (Peek() == quote)
                value.Append(_text[_at++]);
            else
                return value.ToString();
        }

        throw Wrong($"a closing {quote}", start);
    }

    private bool TryWord(string word)
    {
        SkipSpace();
        var end = _at + word.Length;
        if (end > _text.Length || !_text.AsSpan(_at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)
            || (end < _text.Length && (char.IsLetterOrDigit(_text[end]) || _text[end] == '_')))
            return false;
        _at = end;
        return true;
    }

    private bool TrySymbol(string symbol)
    {
        SkipSpace();
        if (!_text.AsSpan(_at).StartsWith(symbol))
            return false;
        _at += symbol.Length;
        return true;
    }

    private void SkipSpace()
    {
        while (char.IsWhiteSpace(Peek()))
            _at++;
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private FilterException Wrong(string expected, int? at = null)
    {
        var place = at ?? _at;
        var found = place < _text.Length ? $"'{_text.Substring(place, Math.Min(20, _text.Length - place))}'" : "the end";
        return new FilterException($"at character {place + 1} {expected} is expected, not {found}.");
    }

    /// <summary>A comparison whose values have no type yet.</summary>
    public sealed record Written(string Column, Comparison Comparison, IReadOnlyList<Literal> Values);
}

internal enum LiteralKind
{
    Number,
    Text,
    Boolean,
}

/// <param name="Text">Without its quotes.</param>
/// <param name="Kind">As it was written.</param>
internal sealed record Literal(string Text, LiteralKind Kind);

/// <summary>A filter cannot be read; the message goes on after "The filter cannot be read: ".</summary>
internal sealed class FilterException(string message) : Exception(message);
