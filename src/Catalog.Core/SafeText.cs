using System.Globalization;
using System.Text;

namespace Catalog;

/// <summary>Other people's text, made safe to print: what would move a cursor, colour a terminal or end a line is escaped.</summary>
public static class SafeText
{
    /// <summary>One line: unsafe characters are shown as <c>\u001B</c>.</summary>
    public static string Line(string? text) => Clean(text, keepLines: false);

    /// <summary>The same, but lines stay lines.</summary>
    public static string Lines(string? text) => Clean(text, keepLines: true);

    private static string Clean(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text) || !text.Any(IsUnsafe))
            return text ?? "";

        var clean = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (!IsUnsafe(c) || (keepLines && c == '\n'))
                clean.Append(c);
            else if (c != '\r' || !keepLines)
                clean.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
        }

        return clean.ToString();
    }

    /// <summary>Controls, line separators, and marks that reverse the order of what follows (Trojan Source, CVE-2021-42574).</summary>
    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
