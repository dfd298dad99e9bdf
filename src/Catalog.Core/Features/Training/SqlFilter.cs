using System.Text;

namespace Catalog.Features.Training;

/// <summary>
/// Writes a filter for an engine. The words of filters are those of SQL; names and texts are quoted as the engine quotes them, so that a
/// column may also be called as a word of SQL.
/// </summary>
internal sealed class SqlFilter
{
    private readonly string _filter;
    private readonly SqlWords _words;
    private readonly StringBuilder _sql = new();
    private int _at;

    private SqlFilter(string filter, SqlWords words) => (_filter, _words) = (filter, words);

    /// <param name="filter">Sound.</param>
    public static string Of(string filter, SqlWords words) => new SqlFilter(filter, words).Write();

    private string Write()
    {
        // A comparison begins with its column; the next one begins after 'and'.
        var isName = true;
        while (_at < _filter.Length)
        {
            var c = _filter[_at];
            if (char.IsWhiteSpace(c))
                _sql.Append(_filter[_at++]);
            else if (isName)
                (_, isName) = (_sql.Append(_words.Quote(c == '"' ? Quoted() : While(IsOfName))), false);
            else if (c == '\'')
                _sql.Append(_words.Literal(Quoted()));
            else if (IsOfNumber(c) && !char.IsAsciiLetter(c))
                _sql.Append(While(IsOfNumber));
            else if (IsOfName(c))
                isName = Word().Equals("and", StringComparison.OrdinalIgnoreCase);
            else
                _sql.Append(_filter[_at++]);
        }

        return _sql.ToString();
    }

    private string Word()
    {
        var word = While(IsOfName);
        _sql.Append(word);
        return word;
    }

    private string While(Func<char, bool> isOf)
    {
        var start = _at;
        while (_at < _filter.Length && isOf(_filter[_at]))
            _at++;
        return _filter[start.._at];
    }

    private string Quoted()
    {
        var (quote, value) = (_filter[_at++], new StringBuilder());
        while (_at < _filter.Length)
        {
            var c = _filter[_at++];
            if (c != quote)
                value.Append(c);
            else if (_at < _filter.Length && _filter[_at] == quote)
                value.Append(_filter[_at++]);
            else
                break;
        }

        return value.ToString();
    }

    private static bool IsOfName(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static bool IsOfNumber(char c) => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E';
}
