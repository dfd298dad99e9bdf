using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Catalog;

/// <summary>
/// What a name may be, and how one is written inside a node id. The rule for namespaces, names, aliases, columns and ids alike.
/// </summary>
public static class Names
{
    /// <summary>The longest name, in UTF-16 code units.</summary>
    public const int MaxLength = 512;

    /// <summary>The longest stream id, in UTF-8 bytes: PostgreSQL cannot index a longer key.</summary>
    public const int MaxStreamIdBytes = 2_000;

    private static readonly SearchValues<char> s_reserved = SearchValues.Create(":/@#%");

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// What is wrong with a name, worded to follow its label ("Namespace must not be empty"), or null when it may be used.
    /// </summary>
    public static string? Check(string? name) => name switch
    {
        null or "" => "must not be empty",
        "." or ".." => "must not be '.' or '..'",
        { Length: > MaxLength } => $"must have at most {MaxLength} characters, not {name.Length}",
        _ when char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) => "must not begin or end with white space",
        _ => CheckCharacters(name),
    };

    /// <summary>
    /// What is wrong with an alias: it is a name that cannot be taken for a version number, nor for a version that is known by its run or
    /// by the label of others.
    /// </summary>
    public static string? CheckAlias(string? alias) =>
        Check(alias) is { } problem ? problem
        : LooksNumeric(alias) ? "must not be a number: numbers name versions themselves"
        : alias is not null && NamesObserved(alias)
            ? "must not be 'initial', nor begin with 'run.' or 'label.': versions that others told of are named so"
        : null;

    /// <summary>What is wrong with a version as written after '@': a number from 1 up without leading zeros, or an alias.</summary>
    public static string? CheckVersion(string? version) =>
        Check(version) is { } problem ? problem
        : !LooksNumeric(version) || IsVersionNumber(version) ? null
        : "must be a whole number from 1 up without sign or leading zeros, or an alias";

    private static bool NamesObserved(string? alias) =>
        alias is "initial" or ['r', 'u', 'n', '.', ..] or ['l', 'a', 'b', 'e', 'l', '.', ..];

    /// <summary>The name as a part of a node id: <c>: / @ # %</c> are percent-encoded, everything else stays.</summary>
    public static string Encode(string name)
    {
        if (!name.AsSpan().ContainsAny(s_reserved))
        {
            return name;
        }

        var text = new char[3 * name.Length];
        return TryEncode(name, text, out var written)
            ? new string(text, 0, written)
            : throw new InvalidOperationException("A character takes three at most.");
    }

    /// <summary>Writes what <see cref="Encode"/> says; false when there is no room for it.</summary>
    internal static bool TryEncode(ReadOnlySpan<char> name, Span<char> text, out int written)
    {
        written = 0;
        while (!name.IsEmpty)
        {
            var plain = name.IndexOfAny(s_reserved) is var at && at < 0 ? name.Length : at;
            if (!name[..plain].TryCopyTo(text[written..]))
            {
                return false;
            }

            written += plain;
            name = name[plain..];
            if (name.IsEmpty)
            {
                break;
            }

            if (!text[written..].TryWrite(CultureInfo.InvariantCulture, $"%{(int)name[0]:X2}", out var escaped))
            {
                return false;
            }

            written += escaped;
            name = name[1..];
        }

        return true;
    }

    /// <summary>
    /// Undoes percent-encoding once, of any character. False for a malformed escape or escapes that are not UTF-8 (RFC 3986 section 2.1).
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? problem)
    {
        (name, problem) = (null, null);
        if (!text.Contains('%'))
        {
            name = text.ToString();
            return true;
        }

        var result = new StringBuilder(text.Length);
        var bytes = new byte[text.Length / 3 + 1];
        while (!text.IsEmpty)
        {
            var plain = text.IndexOf('%') is var at && at < 0 ? text.Length : at;
            result.Append(text[..plain]);
            text = text[plain..];

            var count = 0;
            for (; text is ['%', ..]; text = text[3..])
            {
                if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
                {
                    problem = "holds a '%' that is not followed by two hexadecimal digits; a percent sign is written %25";
                    return false;
                }

                bytes[count++] = byte.Parse(text.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }

            if (!TryUtf8(bytes.AsSpan(0, count), out var decoded))
            {
                problem = "holds percent escapes that are not UTF-8; each byte of a character's UTF-8 form is one escape, such as %C3%A9";
                return false;
            }

            result.Append(decoded);
        }

        name = result.ToString();
        return true;
    }

    internal static bool IsVersionNumber([NotNullWhen(true)] string? version) =>
        version is [>= '1' and <= '9', ..] && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    internal static string? CheckCharacters(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                return $"must not hold the control character U+{(int)c:X4}";
            }

            if (!char.IsSurrogate(c))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(c, text[i + 1]))
            {
                return $"must not hold half of a surrogate pair (U+{(int)c:X4})";
            }

            i++;
        }

        return null;
    }

    internal static bool HasReserved(ReadOnlySpan<char> part, out char reserved)
    {
        var at = part.IndexOfAny(":/@#");
        reserved = at < 0 ? default : part[at];
        return at >= 0;
    }

    private static bool LooksNumeric(string? text) =>
        text is ['-' or '+', _, ..] ? text.AsSpan(1).AllDigits() : text.AsSpan().AllDigits();

    private static bool AllDigits(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = s_strictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
