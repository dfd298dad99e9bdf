using System.Globalization;
using System.Text;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// Names of namespaces and datasets as names of schemas and tables. Delta Sharing takes no space, slash, dot or control character, and
/// some clients put names into addresses and SQL as they are, so everything but letters, digits, <c>_</c> and <c>-</c> is written as
/// <c>~</c> and two hexadecimal digits for each byte of its UTF-8: <c>public.orders</c> is the table <c>public~2Eorders</c>.
/// </summary>
internal static class SharingNames
{
    /// <summary>The protocol's bound, in characters.</summary>
    public const int MaxLength = 255;

    private const char Mark = '~';
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name at the door; null where it would be longer than the protocol allows.</summary>
    public static string? Write(string name)
    {
        var text = new StringBuilder(name.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '_' or '-')
            {
                text.Append(rune);
                continue;
            }

            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
                text.Append(Mark).Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.Length <= MaxLength ? text.ToString() : null;
    }

    /// <summary>The name behind one at the door; null where nothing can be called so.</summary>
    public static string? Read(string text)
    {
        var bytes = new List<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == Mark)
            {
                if (i + 2 >= text.Length
                    || !byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
                    return null;
                bytes.Add(b);
                i += 3;
            }
            else if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                i += rune.Utf16SequenceLength;
            }
            else
            {
                return null;
            }
        }

        return Decode([.. bytes]);
    }

    private static string? Decode(byte[] bytes)
    {
        try
        {
            var name = s_strict.GetString(bytes);
            return Names.Check(name) is null ? name : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
