using System.Buffers;
using System.Globalization;
using System.Text;

namespace Catalog.Integrity;

/// <summary>The tokens of canonical JSON, written as UTF-8.</summary>
internal static class CanonicalText
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> s_escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (char)i), '"', '\\']);

    public static void Raw(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8) => output.Write(utf8);

    /// <summary>A quoted string with the escapes of RFC 8785 section 3.2.2.2 and no others.</summary>
    /// <exception cref="ArgumentException">The text holds half of a surrogate pair.</exception>
    public static void String(this IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        output.Write("\""u8);
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(s_escaped) is var at && at < 0 ? text.Length : at;
            Plain(output, text[..plain]);
            text = text[plain..];
            if (!text.IsEmpty)
            {
                Escape(output, text[0]);
                text = text[1..];
            }
        }

        output.Write("\""u8);
    }

    public static void String(this IBufferWriter<byte> output, string? text)
    {
        if (text is null)
        {
            output.Raw("null"u8);
        }
        else
        {
            output.String(text.AsSpan());
        }
    }

    /// <summary>A whole number of 64 bits, as a string: JSON numbers are doubles to most readers and lose it beyond 2^53.</summary>
    public static void Int64(this IBufferWriter<byte> output, long? value)
    {
        if (value is not { } number)
        {
            output.Raw("null"u8);
            return;
        }

        var span = output.GetSpan(24);
        span[0] = (byte)'"';
        number.TryFormat(span[1..], out var written, provider: CultureInfo.InvariantCulture);
        span[written + 1] = (byte)'"';
        output.Advance(written + 2);
    }

    private static void Plain(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        try
        {
            output.Advance(s_strictUtf8.GetBytes(text, output.GetSpan(s_strictUtf8.GetMaxByteCount(text.Length))));
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("Text with half of a surrogate pair has no canonical form.", nameof(text), e);
        }
    }

    private static void Escape(IBufferWriter<byte> output, char c)
    {
        switch (c)
        {
            case '"':
                output.Write("\\\""u8);
                break;
            case '\\':
                output.Write("\\\\"u8);
                break;
            case '\b':
                output.Write("\\b"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\f':
                output.Write("\\f"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            default:
                output.Write("\\u00"u8);
                output.Write([(byte)(c < 0x10 ? '0' : '1'), (byte)"0123456789abcdef"[c & 0xf]]);
                break;
        }
    }
}
