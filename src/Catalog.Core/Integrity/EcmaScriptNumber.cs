using System.Globalization;
using System.Text;

namespace Catalog.Integrity;

/// <summary>
/// Numbers as ECMAScript's Number::toString prints them (ECMA-262 section 6.1.6.1.20), which RFC 8785 section 3.2.2.3 asks for.
/// </summary>
internal static class EcmaScriptNumber
{
    /// <summary>The text of a finite number.</summary>
    public static string Format(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "JSON has no number for a value that is not finite.");
        }

        if (value == 0)
        {
            return "0";
        }

        var (digits, point) = Split(Shortest(Math.Abs(value)));
        var text = new StringBuilder(32);
        if (value < 0)
        {
            text.Append('-');
        }

        return Layout(text, digits, point).ToString();
    }

    /// <summary>
    /// The shortest digits that read back as the same number. "R" promises them and .NET 10 breaks the promise for a few powers of two
    /// (2^-25, 2^-958), where it is one digit short; those need all 17.
    /// </summary>
    private static string Shortest(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return double.Parse(text, CultureInfo.InvariantCulture) == value ? text : value.ToString("E16", CultureInfo.InvariantCulture);
    }

    private static StringBuilder Layout(StringBuilder text, string digits, int point) => point switch
    {
        <= 21 when point >= digits.Length => text.Append(digits).Append('0', point - digits.Length),
        > 0 and <= 21 => text.Append(digits, 0, point).Append('.').Append(digits, point, digits.Length - point),
        > -6 and <= 0 => text.Append("0.").Append('0', -point).Append(digits),
        _ => Exponential(text, digits, point - 1),
    };

    private static StringBuilder Exponential(StringBuilder text, string digits, int exponent)
    {
        text.Append(digits[0]);
        if (digits.Length > 1)
        {
            text.Append('.').Append(digits, 1, digits.Length - 1);
        }

        return text.Append('e').Append(exponent < 0 ? '-' : '+').Append(Math.Abs(exponent));
    }

    /// <summary>The significant digits of a positive number, and where its decimal point stands from the first of them.</summary>
    private static (string Digits, int Point) Split(string text)
    {
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa.Length : dot;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), exponent + whole - (all.Length - digits.Length));
    }
}
