using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Catalog.Integrity;

/// <summary>
/// Canonical JSON, RFC 8785: UTF-8, no white space, members ordered by the UTF-16 code units of their names, numbers as ECMAScript prints
/// them. JSON values keep their kind. Typed values that a JSON number may not carry become strings: <c>long</c>, <c>ulong</c>,
/// <c>decimal</c> and bigger integers in plain decimal digits, non-finite numbers as <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c>, dates
/// and times in ISO 8601 (instants in UTC with <c>Z</c>, fractions without trailing zeros).
/// </summary>
public static class CanonicalJson
{
    private const int MaxDepth = 128;

    /// <summary>
    /// The canonical form of a <see cref="JsonElement"/>, <see cref="JsonNode"/>, string, bool, number, date or time, GUID, dictionary with
    /// string keys, sequence, or null.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The value has no canonical form: a member twice, half of a surrogate pair, a number that no double holds (too large, or a whole
    /// number that would be rounded: write it as a string), another type, or more than 128 levels.
    /// </exception>
    public static byte[] Serialize(object? value)
    {
        var output = new ArrayBufferWriter<byte>(256);
        Write(output, value);
        return output.WrittenSpan.ToArray();
    }

    /// <inheritdoc cref="Serialize(object?)"/>
    public static void Write(IBufferWriter<byte> output, object? value) => Value(output, value, depth: 0);

    private static void Value(IBufferWriter<byte> output, object? value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException($"Canonical JSON is at most {MaxDepth} levels deep here.", nameof(value));
        }

        switch (value)
        {
            case null:
                output.Raw("null"u8);
                break;
            case bool flag:
                output.Raw(flag ? "true"u8 : "false"u8);
                break;
            case string text:
                output.String(text.AsSpan());
                break;
            case JsonElement element:
                Element(output, element, depth);
                break;
            case JsonNode node:
                Element(output, JsonSerializer.SerializeToElement(node), depth);
                break;
            case sbyte or byte or short or ushort or int or uint or float or double or Half:
                Number(output, Convert(value));
                break;
            case IDictionary members:
                Object(output, Members(members), depth);
                break;
            case IReadOnlyDictionary<string, object?> members:
                Object(output, members.Select(m => (m.Key, m.Value)), depth);
                break;
            case byte[]:
                throw new ArgumentException("Bytes have no canonical form: write them as hexadecimal text.", nameof(value));
            case IEnumerable items:
                Array(output, items.Cast<object?>(), depth);
                break;
            default:
                output.String(Scalar(value).AsSpan());
                break;
        }
    }

    private static double Convert(object value) =>
        value is Half half ? (double)half : System.Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static string Scalar(object value) => value switch
    {
        long or ulong or Int128 or UInt128 or BigInteger => ((IFormattable)value).ToString("D", CultureInfo.InvariantCulture),
        decimal number => TrimFraction(number.ToString(CultureInfo.InvariantCulture)),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => TrimFraction(time.ToString("HH:mm:ss.fffffff", CultureInfo.InvariantCulture)),
        DateTimeOffset instant => Instant(instant.UtcDateTime),
        DateTime { Kind: DateTimeKind.Unspecified } local => Clock(local),
        DateTime instant => Instant(instant.ToUniversalTime()),
        Guid id => id.ToString("D"),
        _ => throw new ArgumentException($"A {value.GetType().Name} has no canonical form.", nameof(value)),
    };

    private static string Instant(DateTime utc) => Clock(utc) + "Z";

    private static string Clock(DateTime time) => TrimFraction(time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture));

    private static string TrimFraction(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

    private static void Number(IBufferWriter<byte> output, double value)
    {
        if (double.IsFinite(value))
        {
            output.Raw(Encoding.ASCII.GetBytes(EcmaScriptNumber.Format(value)));
        }
        else
        {
            output.String(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static void Element(IBufferWriter<byte> output, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Object(output, element.EnumerateObject().Select(m => (Text(() => m.Name), (object?)m.Value)), depth);
                break;
            case JsonValueKind.Array:
                Array(output, element.EnumerateArray().Select(item => (object?)item), depth);
                break;
            case JsonValueKind.String:
                output.String(Text(() => element.GetString() ?? ""));
                break;
            case JsonValueKind.Number:
                output.Raw(Encoding.ASCII.GetBytes(Literal(element)));
                break;
            case JsonValueKind.Undefined:
                throw new ArgumentException("An undefined JSON element has no canonical form.", nameof(element));
            default:
                output.Raw(Encoding.ASCII.GetBytes(element.GetRawText()));
                break;
        }
    }

    /// <summary>A JSON number by its value as a double; refused where that would quietly be another number.</summary>
    private static string Literal(JsonElement element)
    {
        const double ExactIntegers = 1L << 53;

        var value = element.GetDouble();
        var raw = element.GetRawText();
        if (!double.IsFinite(value))
        {
            throw new ArgumentException($"The number {raw} is too large for a JSON number: write it as a string.", nameof(element));
        }

        var text = EcmaScriptNumber.Format(value);
        return Math.Abs(value) >= ExactIntegers && !raw.AsSpan().ContainsAny('.', 'e', 'E') && raw != text
            ? throw new ArgumentException($"The whole number {raw} would be rounded to {text}: write it as a string.", nameof(element))
            : text;
    }

    private static string Text(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("Text with half of a surrogate pair has no canonical form.", nameof(read), e);
        }
    }

    private static IEnumerable<(string Name, object? Value)> Members(IDictionary members)
    {
        foreach (DictionaryEntry member in members)
        {
            yield return (
                member.Key as string ?? throw new ArgumentException("Members are named by strings.", nameof(members)), member.Value);
        }
    }

    private static void Object(IBufferWriter<byte> output, IEnumerable<(string Name, object? Value)> members, int depth)
    {
        var sorted = members.ToArray();
        System.Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        output.Raw("{"u8);
        for (var i = 0; i < sorted.Length; i++)
        {
            var (name, value) = sorted[i];
            if (i > 0)
            {
                if (name == sorted[i - 1].Name)
                {
                    throw new ArgumentException($"The member '{name}' occurs twice.", nameof(members));
                }

                output.Raw(","u8);
            }

            output.String(name.AsSpan());
            output.Raw(":"u8);
            Value(output, value, depth + 1);
        }

        output.Raw("}"u8);
    }

    private static void Array(IBufferWriter<byte> output, IEnumerable<object?> items, int depth)
    {
        output.Raw("["u8);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                output.Raw(","u8);
            }

            first = false;
            Value(output, item, depth + 1);
        }

        output.Raw("]"u8);
    }
}
