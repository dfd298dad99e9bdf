using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Catalog.Integrity;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// SHA-256 of an event's canonical JSON (RFC 8785): white space and the order of members do not make it another event. Real events hold
/// what has no canonical form (64-bit ids as numbers, members twice, halves of surrogate pairs) and are not ours to refuse for it: such a
/// number counts as it is written, repeated members in their order, and a half pair as its escape. Everything else is as <see
/// cref="CanonicalJson"/> writes it, without holding it whole.
/// </summary>
internal sealed class EventDigest : IDisposable
{
    private const int BufferBytes = 8 * 1024;
    private const int ExactDigits = 15;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _filled;

    private EventDigest()
    {
    }

    public static string Of(JsonElement value)
    {
        using var digest = new EventDigest();
        digest.Value(value);
        return digest.Finish();
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _hash.Dispose();
    }

    private string Finish()
    {
        _hash.AppendData(_buffer, 0, _filled);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash);
    }

    private void Value(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Object(value);
                break;
            case JsonValueKind.Array:
                Array(value);
                break;
            case JsonValueKind.String:
                String(JsonText.RawString(value));
                break;
            case JsonValueKind.Number:
                Number(JsonMarshal.GetRawUtf8Value(value));
                break;
            default:
                Raw(JsonMarshal.GetRawUtf8Value(value));
                break;
        }
    }

    private void Object(JsonElement value)
    {
        var count = value.GetPropertyCount();
        var members = ArrayPool<(JsonProperty Member, int Place)>.Shared.Rent(count);
        var next = 0;
        foreach (var member in value.EnumerateObject())
        {
            members[next] = (member, next);
            next++;
        }

        members.AsSpan(0, count)
            .Sort((a, b) => CompareNames(a.Member, b.Member) is not 0 and var order ? order : a.Place.CompareTo(b.Place));
        Raw("{"u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                Raw(","u8);
            }

            String(JsonMarshal.GetRawUtf8PropertyName(members[i].Member));
            Raw(":"u8);
            Value(members[i].Member.Value);
        }

        Raw("}"u8);
        ArrayPool<(JsonProperty Member, int Place)>.Shared.Return(members, clearArray: true);
    }

    private void Array(JsonElement value)
    {
        Raw("["u8);
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first)
            {
                Raw(","u8);
            }

            first = false;
            Value(item);
        }

        Raw("]"u8);
    }

    /// <summary>
    /// By UTF-16 code units (RFC 8785 section 3.2.3). UTF-8 has the same order but for characters beyond U+FFFF, which come before U+E000
    /// there.
    /// </summary>
    private static int CompareNames(JsonProperty x, JsonProperty y)
    {
        var a = JsonMarshal.GetRawUtf8PropertyName(x);
        var b = JsonMarshal.GetRawUtf8PropertyName(y);
        if (a.Contains((byte)'\\') || b.Contains((byte)'\\'))
        {
            return string.CompareOrdinal(JsonText.Decode(a), JsonText.Decode(b));
        }

        var at = a.CommonPrefixLength(b);
        if (at == a.Length || at == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        return (a[at], b[at]) switch
        {
            ( >= 0xF0, 0xEE or 0xEF) => -1,
            (0xEE or 0xEF, >= 0xF0) => 1,
            var (p, q) => p.CompareTo(q),
        };
    }

    private void String(ReadOnlySpan<byte> raw)
    {
        Raw("\""u8);
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOf((byte)'\\') is >= 0 and var at ? at : raw.Length;
            Raw(raw[..plain]);
            raw = raw[plain..];
            if (!raw.IsEmpty)
            {
                Escaped(ref raw);
            }
        }

        Raw("\""u8);
    }

    /// <summary>One escaped character as canonical JSON writes it.</summary>
    private void Escaped(ref ReadOnlySpan<byte> raw)
    {
        var c = JsonText.Unescape(ref raw);
        var low = '\0';
        if (char.IsHighSurrogate(c) && raw is [(byte)'\\', (byte)'u', ..])
        {
            var rest = raw;
            low = JsonText.Unescape(ref rest);
            raw = char.IsLowSurrogate(low) ? rest : raw;
        }

        Span<byte> written = stackalloc byte[6];
        if (!char.IsSurrogate(c))
        {
            Span<char> one = [c];
            var output = new ArrayBufferWriter<byte>(16);
            output.String(one);
            Raw(output.WrittenSpan[1..^1]);
        }
        else if (char.IsHighSurrogate(c) && char.IsLowSurrogate(low))
        {
            Raw(written[..new Rune(c, low).EncodeToUtf8(written)]);
        }
        else
        {
            Raw(Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"));
        }
    }

    private void Number(ReadOnlySpan<byte> raw)
    {
        var isPlain = raw.Length <= ExactDigits && !raw.ContainsAny(".eE"u8) && !raw.SequenceEqual("-0"u8);
        Raw(isPlain ? raw : Encoding.ASCII.GetBytes(Canonical(Encoding.ASCII.GetString(raw))));
    }

    private static string Canonical(string raw)
    {
        const double ExactIntegers = 1L << 53;

        var value = double.Parse(raw, System.Globalization.CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            return raw;
        }

        var text = EcmaScriptNumber.Format(value);
        return Math.Abs(value) >= ExactIntegers && !raw.AsSpan().ContainsAny('.', 'e', 'E') ? raw : text;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes - _filled)
        {
            _hash.AppendData(_buffer, 0, _filled);
            _filled = 0;
        }

        if (bytes.Length > BufferBytes)
        {
            _hash.AppendData(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_filled));
        _filled += bytes.Length;
    }
}
