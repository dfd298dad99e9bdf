using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// A column of times as microseconds since 1970 in UTC. What is finer is rounded so that nothing is known too early: events up, rows that
/// ask down.
/// </summary>
public sealed class TimeValues
{
    /// <summary>The first moment of the year 1.</summary>
    public const long Least = -62_135_596_800_000_000;

    /// <summary>The last microsecond of the year 9999.</summary>
    public const long Greatest = 253_402_300_799_999_999;

    private readonly string _column;
    private readonly long _multiplier;
    private readonly long _divisor;
    private readonly bool _roundUp;
    private readonly LocalTimes? _zone;

    private TimeValues(string column, int place, (long Multiplier, long Divisor) unit, bool roundUp, LocalTimes? zone)
    {
        (_column, Place, _roundUp, _zone) = (column, place, roundUp, zone);
        (_multiplier, _divisor) = unit;
    }

    /// <summary>Of the column in its table.</summary>
    public int Place { get; }

    /// <param name="where">Whose column it is, for errors.</param>
    /// <param name="timeZone">Of a column without a zone; null for UTC.</param>
    /// <exception cref="JoinException">It is not there, or no column of times, or the zone is unknown.</exception>
    public static TimeValues Of(Schema schema, string column, string where, string? timeZone, bool roundUp)
    {
        var place = schema.GetFieldIndex(column);
        if (place < 0)
            throw new JoinException(JoinException.BadColumns, $"{where} has no column '{column}' of times.");

        var type = schema.FieldsList[place].DataType;
        var unit = type switch
        {
            TimestampType { Unit: TimeUnit.Second } => (1_000_000L, 1L),
            TimestampType { Unit: TimeUnit.Millisecond } => (1_000L, 1L),
            TimestampType { Unit: TimeUnit.Microsecond } => (1L, 1L),
            TimestampType => (1L, 1_000L),
            Date32Type => (86_400_000_000L, 1L),
            _ => throw new JoinException(
                JoinException.BadColumns, $"Column '{column}' of {where} is of the type {type.Name}; times are timestamps or dates."),
        };
        var isLocal = type is Date32Type or TimestampType { Timezone: null or "" };
        return new(column, place, unit, roundUp, isLocal && timeZone is { } zone ? new LocalTimes(Zone(zone, where)) : null);
    }

    /// <param name="into">By row; <see cref="long.MinValue"/> for null.</param>
    /// <exception cref="JoinException">A time is before the year 1 or after the year 9999.</exception>
    public void Read(RecordBatch batch, Span<long> into)
    {
        var data = batch.Column(Place).Data;
        Longs.Read(data, into);
        var hasNulls = Longs.HasNulls(data);
        if (!hasNulls && _zone is null && _multiplier == 1 && _divisor == 1)
        {
            Check(System.Numerics.Tensors.TensorPrimitives.Min<long>(into), System.Numerics.Tensors.TensorPrimitives.Max<long>(into));
            return;
        }

        for (var i = 0; i < into.Length; i++)
            into[i] = hasNulls && Longs.IsNull(data, i) ? long.MinValue : Microseconds(into[i]);
    }

    private long Microseconds(long value)
    {
        // Checked before it is multiplied: what is within the years 1 to 9999 in seconds is so in microseconds.
        var time = value;
        if (_multiplier > 1)
            time = value >= Least / _multiplier && value <= Greatest / _multiplier ? value * _multiplier : throw Outside(value);
        else if (_divisor > 1)
            time = Rounded(value);
        Check(time, time);
        return _zone is null ? time : _zone.ToUtc(time);
    }

    private long Rounded(long value)
    {
        var (quotient, rest) = Math.DivRem(value, _divisor);
        return rest > 0 && _roundUp ? quotient + 1 : rest < 0 && !_roundUp ? quotient - 1 : quotient;
    }

    private void Check(long least, long greatest)
    {
        if (least < Least || greatest > Greatest)
            throw Outside(least < Least ? least : greatest);
    }

    private JoinException Outside(long value) =>
        new(JoinException.BadValue, $"Column '{_column}' has the time {value}, which is not within the years 1 to 9999.");

    private static TimeZoneInfo Zone(string name, string where) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
        ? zone
        : throw new JoinException(JoinException.BadRequest, $"{where} is in the time zone '{name}', which is not known here.");
}

/// <summary>Columns of whole numbers, times and truth as <c>int64</c>, whatever their width.</summary>
internal static class Longs
{
    public static bool Has(IArrowType type) =>
        type is Int8Type or Int16Type or Int32Type or Int64Type or UInt8Type or UInt16Type or UInt32Type or UInt64Type or BooleanType
            or Date32Type or Time32Type or Time64Type or TimestampType;

    /// <summary>Values by row; of no meaning where there is none. Unsigned 64-bit numbers keep their bits.</summary>
    public static void Read(ArrayData data, Span<long> into)
    {
        switch (data.DataType)
        {
            case Int8Type: Widen<sbyte>(data, into); break;
            case UInt8Type: Widen<byte>(data, into); break;
            case Int16Type: Widen<short>(data, into); break;
            case UInt16Type: Widen<ushort>(data, into); break;
            case Int32Type or Date32Type or Time32Type: Widen<int>(data, into); break;
            case UInt32Type: Widen<uint>(data, into); break;
            case BooleanType: Bits(data, into); break;
            default: MemoryMarshal.Cast<byte, long>(data.Buffers[1].Span).Slice(data.Offset, data.Length).CopyTo(into); break;
        }
    }

    public static bool HasNulls(ArrayData data) => !data.Buffers[0].IsEmpty && data.GetNullCount() > 0;

    public static bool IsNull(ArrayData data, int row) =>
        data.DataType is NullType || (HasNulls(data) && !BitUtility.GetBit(data.Buffers[0].Span, data.Offset + row));

    private static void Widen<T>(ArrayData data, Span<long> into)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(data.Buffers[1].Span).Slice(data.Offset, data.Length);
        for (var i = 0; i < values.Length; i++)
            into[i] = long.CreateTruncating(values[i]);
    }

    private static void Bits(ArrayData data, Span<long> into)
    {
        for (var i = 0; i < data.Length; i++)
            into[i] = BitUtility.GetBit(data.Buffers[1].Span, data.Offset + i) ? 1 : 0;
    }
}
