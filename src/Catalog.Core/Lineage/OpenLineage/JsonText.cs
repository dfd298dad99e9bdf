using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// The texts of a JSON document whatever they hold. The framework throws on half of a surrogate pair, even where it only looks a member up;
/// events come from anywhere, so the raw bytes are read here.
/// </summary>
public static class JsonText
{
    /// <summary>Between the quotes, escapes as written.</summary>
    public static ReadOnlySpan<byte> RawString(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    /// <summary>Halves of surrogate pairs stay what they are.</summary>
    public static string Read(JsonElement text) => Decode(RawString(text));

    public static string Name(JsonProperty member) => Decode(JsonMarshal.GetRawUtf8PropertyName(member));

    /// <summary>The member of this name, the last where there are several; null where there is none or it is null.</summary>
    /// <param name="name">Of ASCII.</param>
    public static JsonElement? Find(JsonElement parent, string name)
    {
        JsonElement? found = null;
        foreach (var member in parent.EnumerateObject())
        {
            if (IsNamed(member, name))
            {
                found = member.Value;
            }
        }

        return found is { ValueKind: JsonValueKind.Null } ? null : found;
    }

    /// <summary>Undoes the escapes of RFC 8259 section 7. The parser has seen to it that they are well formed.</summary>
    public static string Decode(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(raw);
        }

        var text = new StringBuilder(raw.Length);
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOf((byte)'\\') is >= 0 and var at ? at : raw.Length;
            text.Append(Encoding.UTF8.GetString(raw[..plain]));
            raw = raw[plain..];
            if (!raw.IsEmpty)
            {
                text.Append(Unescape(ref raw));
            }
        }

        return text.ToString();
    }

    /// <summary>Takes one escape off the front.</summary>
    public static char Unescape(ref ReadOnlySpan<byte> raw)
    {
        var kind = raw[1];
        raw = raw[2..];
        if (kind != 'u')
        {
            return (char)kind switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var itself => itself };
        }

        var code = 0;
        foreach (var digit in raw[..4])
        {
            code = code * 16 + Convert.ToInt32(((char)digit).ToString(), 16);
        }

        raw = raw[4..];
        return (char)code;
    }

    private static bool IsNamed(JsonProperty member, string name)
    {
        // Escapes only make a name longer.
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return raw.Length == name.Length
            ? Ascii.Equals(raw, name)
            : raw.Length > name.Length && raw.Contains((byte)'\\') && Decode(raw) == name;
    }
}
