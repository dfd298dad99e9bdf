using System.Text;

namespace Catalog.Tests.Docs;

/// <summary>
/// The words of the commands in a line of shell, as far as documents need it: quotes, and the ends that <c>|</c>, <c>&gt;</c>, <c>;</c>,
/// <c>&amp;</c> and <c>)</c> make. What is substituted stays as it is written.
/// </summary>
internal static class ShellLine
{
    /// <summary>The lines of a block; a backslash or an open quote at the end joins the next one.</summary>
    public static IEnumerable<string> Lines(string block)
    {
        var whole = new StringBuilder();
        foreach (var line in block.Split('\n'))
        {
            whole.Append(line);
            if (whole.ToString() is var text && text.EndsWith('\\'))
            {
                whole.Length--;
                continue;
            }

            if (text.Count(c => c == '\'') % 2 == 1)
            {
                whole.Append('\n');
                continue;
            }

            yield return text;
            whole.Clear();
        }
    }

    /// <summary>What follows each <paramref name="program"/> that stands where a command may stand.</summary>
    public static IEnumerable<string[]> Commands(string line, string program)
    {
        for (var at = line.IndexOf(program, StringComparison.Ordinal);
            at >= 0;
            at = line.IndexOf(program, at + 1, StringComparison.Ordinal))
        {
            var before = line[..at].TrimEnd(' ');
            var end = at + program.Length;
            var begins = before.Length == 0
                || before[^1] is '(' or '|' or '&' or ';' or '`'
                || before.Split(' ')[^1].Contains('=', StringComparison.Ordinal);
            if (begins && (end == line.Length || line[end] == ' '))
                yield return [.. Words(line[end..])];
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        foreach (var c in text)
        {
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                (quote, inWord) = (c, true);
            }
            else if (c is '|' or '>' or ';' or '&' or ')' or '#' && !(c == '#' && inWord))
            {
                break;
            }
            else if (c != ' ')
            {
                inWord = true;
                word.Append(c);
            }
            else if (inWord)
            {
                yield return word.ToString();
                word.Clear();
                inWord = false;
            }
        }

        if (inWord)
            yield return word.ToString();
    }
}
