using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog;

/// <summary>
/// Lengths of time as people write them: a number and one of <c>d h m s ms us</c>, such as <c>7d</c>, <c>36h</c>, <c>1.5h</c>.
/// </summary>
public static class SpanText
{
    /// <summary>From the longest.</summary>
    private static readonly (string Unit, long Ticks)[] s_units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
    ];

    /// <summary>For sentences: what would be right.</summary>
    public const string Examples = "a length of time, such as 7d, 36h, 90m, 30s or 250ms";

    /// <summary>The length, exactly; null where the text is none, is no whole number of 100 ns, or longer than 29,000 years.</summary>
    public static TimeSpan? Find(string? text)
    {
        var letters = text is null ? 0 : text.Length - text.TrimEnd('d', 'h', 'm', 's', 'u').Length;
        if (text is null || letters == 0)
            return null;
        var unit = Array.Find(s_units, u => u.Unit == text[^letters..]);
        return unit.Unit is not null
            && decimal.TryParse(text[..^letters], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number <= TimeSpan.MaxValue.Ticks / (decimal)unit.Ticks
            && decimal.IsInteger(number * unit.Ticks)
            ? TimeSpan.FromTicks((long)(number * unit.Ticks))
            : null;
    }

    /// <summary>The shortest text that <see cref="Find"/> reads as this length: in the longest unit that it is a whole number of.</summary>
    public static string Write(TimeSpan span)
    {
        var (unit, ticks) = Array.Find(s_units, u => span.Ticks != 0 && span.Ticks % u.Ticks == 0);
        return (unit, span.Ticks) switch
        {
            (_, 0) => "0s",
            (null, _) => string.Create(CultureInfo.InvariantCulture, $"{span.Ticks / (decimal)TimeSpan.TicksPerMicrosecond}us"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.Ticks / ticks}{unit}"),
        };
    }
}

/// <summary>Lengths of time are strings in JSON, as <see cref="SpanText"/> has them.</summary>
public sealed class SpanJsonConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && SpanText.Find(reader.GetString()) is { } span
            ? span
            : throw new JsonException($"This is to be {SpanText.Examples}.");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(SpanText.Write(value));
}
