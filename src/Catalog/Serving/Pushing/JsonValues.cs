using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Catalog.Hot;

namespace Catalog.Serving.Pushing;

/// <summary>Values in JSON as the bytes that packed rows have. Lists are read by element.</summary>
internal static class JsonValues
{
    /// <summary>What is right for a type, in words.</summary>
    public static string Wanted(HotType type) => type.Kind switch
    {
        HotKind.Bool => "true or false",
        >= HotKind.Int8 and <= HotKind.UInt64 => $"a whole number of {type.Name}",
        HotKind.Float16 or HotKind.Float32 or HotKind.Float64 => "a number, or one of \"NaN\", \"Infinity\" and \"-Infinity\"",
        HotKind.Date => "a date such as \"2026-11-26\"",
        HotKind.Time => "a time of day such as \"14:02:00\"",
        HotKind.Timestamp when type.IsInstant => "a time such as \"2026-11-26T14:02:00Z\"",
        HotKind.Timestamp => "a local time such as \"2026-11-26T14:02:00\"",
        HotKind.Decimal => $"a number with {type.Scale} digits behind the point at most, as a string",
        HotKind.Uuid => "an id such as \"550e8400-e29b-41d4-a716-446655440000\"",
        HotKind.Bytes => $"{type.Width} bytes as a string in base64",
        HotKind.Binary => "a string in base64",
        _ => "a string",
    };

    /// <summary>The bytes of a value; null where it is none of the type.</summary>
    public static byte[]? Read(HotType type, JsonElement value) => type.Kind switch
    {
        HotKind.Bool => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? [value.GetBoolean() ? (byte)1 : (byte)0] : null,
        >= HotKind.Int8 and <= HotKind.UInt64 => Whole(type, value),
        HotKind.Float16 or HotKind.Float32 or HotKind.Float64 => Floating(type, value),
        HotKind.Decimal => Decimal(type, value),
        _ => value.ValueKind == JsonValueKind.String ? Text(type, value) : null,
    };

    /// <summary>A number of 64 bits at most, as keys have it; unsigned ones by their bits.</summary>
    public static long NumberOf(HotType type, ReadOnlySpan<byte> bytes) => type.Kind switch
    {
        HotKind.Int8 => (sbyte)bytes[0],
        HotKind.UInt8 or HotKind.Bool => bytes[0],
        HotKind.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        HotKind.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        HotKind.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ when type.Width == 4 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };

    private static byte[]? Whole(HotType type, JsonElement value)
    {
        // Larger than 2^53 numbers come as strings, too, from languages that have no others.
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String when type.Width == 8 => value.GetString(),
            _ => null,
        };
        if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return null;
        var signed = type.Kind <= HotKind.Int64;
        var bits = type.Width * 8;
        var least = signed ? -((Int128)1 << (bits - 1)) : 0;
        var greatest = ((Int128)1 << (signed ? bits - 1 : bits)) - 1;
        if (number < least || number > greatest)
            return null;
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt128LittleEndian(bytes, number);
        return bytes[..type.Width];
    }

    private static byte[]? Floating(HotType type, JsonElement value)
    {
        double number;
        if (value.ValueKind == JsonValueKind.Number)
            number = value.GetDouble();
        else if (value.ValueKind == JsonValueKind.String && Named(value.GetString()) is { } named)
            number = named;
        else
            return null;

        // What is finite must stay so.
        if (double.IsFinite(number) && (!double.IsFinite(type.Kind switch
        {
            HotKind.Float16 => (double)(Half)number,
            HotKind.Float32 => (float)number,
            _ => number,
        })))
            return null;
        return type.Kind switch
        {
            HotKind.Float16 => BitConverter.GetBytes((Half)number),
            HotKind.Float32 => BitConverter.GetBytes((float)number),
            _ => BitConverter.GetBytes(number),
        };
    }

    private static double? Named(string? text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    private static byte[]? Decimal(HotType type, JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString() ?? "",
            _ => "",
        };
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var behind = point < 0 ? 0 : text.Length - point - 1;
        var digits = text.Replace(".", "", StringComparison.Ordinal) + new string('0', Math.Max(0, type.Scale - behind));
        if (behind > type.Scale
            || !BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return null;
        var precision = int.Parse(type.Name.Split('(', ',')[1], CultureInfo.InvariantCulture);
        if (BigInteger.Abs(number) >= BigInteger.Pow(10, precision))
            return null;
        var bytes = new byte[type.Width];
        bytes.AsSpan().Fill(number.Sign < 0 ? (byte)0xff : (byte)0);
        return number.TryWriteBytes(bytes, out _) ? bytes : null;
    }

    private static byte[]? Text(HotType type, JsonElement value)
    {
        var text = value.GetString() ?? "";
        return type.Kind switch
        {
            HotKind.Text => type.Name == "json" && !IsJson(text) ? null : Encoding.UTF8.GetBytes(text),
            HotKind.Uuid => Guid.TryParseExact(text, "D", out var id) ? id.ToByteArray(bigEndian: true) : null,
            HotKind.Binary => value.TryGetBytesFromBase64(out var binary) ? binary : null,
            HotKind.Bytes => value.TryGetBytesFromBase64(out var bytes) && bytes.Length == type.Width ? bytes : null,
            HotKind.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                ? BitConverter.GetBytes(date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)
                : null,
            HotKind.Time => TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var time)
                ? Ticks(time.Ticks, type)
                : null,
            HotKind.Timestamp => Timestamp(type, text),
            _ => null,
        };
    }

    private static byte[]? Timestamp(HotType type, string text) => type.IsInstant
        ? DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? Ticks(at.UtcTicks - DateTime.UnixEpoch.Ticks, type)
            : null
        : DateTime.TryParse(text, CultureInfo.InvariantCulture, out var local) && local.Kind == DateTimeKind.Unspecified
            ? Ticks(local.Ticks - DateTime.UnixEpoch.Ticks, type)
            : null;

    /// <summary>Ticks are of 100 nanoseconds. Null where the type has no room for what is behind its last digit.</summary>
    private static byte[]? Ticks(long ticks, HotType type)
    {
        Int128 units = type.Scale == 9 ? (Int128)ticks * 100 : ticks / Power(7 - type.Scale);
        var isExact = type.Scale == 9 || ticks % Power(7 - type.Scale) == 0;
        return !isExact || units < long.MinValue || units > long.MaxValue ? null
            : type.Width == 4 ? BitConverter.GetBytes((int)units)
            : BitConverter.GetBytes((long)units);
    }

    private static long Power(int digits) => (long)Math.Pow(10, digits);

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
