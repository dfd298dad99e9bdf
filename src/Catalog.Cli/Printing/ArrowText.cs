using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;

namespace Catalog.Cli.Printing;

/// <summary>Values of Arrow columns as text.</summary>
internal static class ArrowText
{
    /// <summary>A value as people read it; null where there is none. Nested values are counted, not shown.</summary>
    public static string? Of(IArrowArray column, int row) => column.IsNull(row) ? null : column switch
    {
        StringArray text => text.GetString(row),
        BooleanArray flag => flag.GetValue(row) == true ? "true" : "false",
        Date32Array day => day.GetDateTime(row)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimestampArray time => Time(time, row),
        Time32Array time => Time((long)(time.GetValue(row) ?? 0) * TimeSpan.TicksPerMillisecond),
        Time64Array time => Time((time.GetValue(row) ?? 0) / (time.Data.DataType is TimeType { Unit: TimeUnit.Nanosecond } ? 100 : 1)
            * (time.Data.DataType is TimeType { Unit: TimeUnit.Nanosecond } ? 1 : 10)),
        Decimal128Array number => number.GetString(row),
        FixedSizeBinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(row)),
        BinaryArray bytes => Convert.ToHexStringLower(bytes.GetBytes(row)),
        DoubleArray number => Number(number.GetValue(row)),
        FloatArray number => Number(number.GetValue(row)),
        HalfFloatArray number => Number(number.GetValue(row)),
        Int8Array number => Number(number.GetValue(row)),
        Int16Array number => Number(number.GetValue(row)),
        Int32Array number => Number(number.GetValue(row)),
        Int64Array number => Number(number.GetValue(row)),
        UInt8Array number => Number(number.GetValue(row)),
        UInt16Array number => Number(number.GetValue(row)),
        UInt32Array number => Number(number.GetValue(row)),
        UInt64Array number => Number(number.GetValue(row)),
        MapArray map => $"{{{map.GetValueLength(row)} entries}}",
        ListArray list => $"[{list.GetValueLength(row)} values]",
        StructArray inner => $"{{{inner.Fields.Count} fields}}",
        _ => column.Data.DataType.Name,
    };

    private static string? Number<T>(T? number)
        where T : struct, IFormattable => number?.ToString(null, CultureInfo.InvariantCulture);

    private static string? Time(TimestampArray time, int row)
    {
        var aware = time.Data.DataType is TimestampType { IsTimeZoneAware: true };
        return time.GetTimestamp(row)?.UtcDateTime.ToString(
            "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF" + (aware ? "'Z'" : ""), CultureInfo.InvariantCulture);
    }

    private static string Time(long ticks) => new TimeOnly(ticks).ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
}
