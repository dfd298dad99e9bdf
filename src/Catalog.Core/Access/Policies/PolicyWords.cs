using System.Text;

namespace Catalog.Access.Policies;

/// <summary>
/// The words of an expression, one after the other: names, texts in single quotes (a quote within is written twice), numbers, signs.
/// </summary>
internal ref struct PolicyWords(string text)
{
    private readonly string _text = text;
    private int _at;

    /// <summary>The word that is looked at.</summary>
    public string Word { get; private set; } = "";

    public WordKind Kind { get; private set; }

    /// <summary>Where it begins, from 1.</summary>
    public int Place { get; private set; }

    /// <exception cref="PolicyException">There is no word here.</exception>
    public bool Next()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        Place = _at + 1;
        if (_at == _text.Length)
        {
            (Word, Kind) = ("", WordKind.End);
            return false;
        }

        var first = _text[_at];
        (Word, Kind) = first == '\'' ? (Quoted(), WordKind.Text)
            : IsOfName(first) ? (Name(), WordKind.Name)
            : (Sign(), WordKind.Sign);
        if (Kind == WordKind.Name && (char.IsAsciiDigit(Word[0]) || (Word[0] == '-' && Word.Length > 1)))
            Kind = WordKind.Number;
        return true;
    }

    public readonly bool Is(string word) => Kind is WordKind.Name or WordKind.Sign && Word == word;

    /// <summary>Goes on behind a word, if it is the one looked at.</summary>
    public bool Take(string word)
    {
        if (!Is(word))
            return false;
        Next();
        return true;
    }

    public readonly PolicyException Wrong(string expected) =>
        new($"at character {Place} {expected} is expected, not {(Kind == WordKind.End ? "the end" : $"'{Word}'")}.");

    private static bool IsOfName(char c) => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or ':' or '/' or '+';

    private string Name()
    {
        var start = _at;
        while (_at < _text.Length && IsOfName(_text[_at]))
            _at++;
        return _text[start.._at];
    }

    private string Sign()
    {
        var length = _at + 1 < _text.Length && _text[_at + 1] == '=' && _text[_at] is '=' or '!' or '<' or '>' ? 2 : 1;
        _at += length;
        return _text.Substring(_at - length, length);
    }

    private string Quoted()
    {
        var value = new StringBuilder();
        while (++_at < _text.Length)
        {
            if (_text[_at] != '\'')
                value.Append(_text[_at]);
            else if (_at + 1 < _text.Length && _text[_at + 1] == '\'')
                value.Append(_text[++_at]);
            else
            {
                _at++;
                return value.ToString();
            }
        }

        throw new PolicyException($"at character {Place} a text begins that no single quote ends.");
    }
}

internal enum WordKind
{
    End,
    Name,
    Number,
    Text,
    Sign,
}

/// <summary>A part of a policy cannot be read; the message goes on after the part's name and "cannot be read: ".</summary>
public sealed class PolicyException(string message) : Exception(message);
