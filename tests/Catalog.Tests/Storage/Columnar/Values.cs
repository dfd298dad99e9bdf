using System.Globalization;
using System.Numerics;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Arrays of objects, built and compared the slow way, by other code than is tested.</summary>
internal static class Values
{
    public static IArrowArray Array(IArrowType type, IReadOnlyList<object?> values) => type switch
    {
        Int8Type => values.Aggregate(new Int8Array.Builder(), (b, v) => b.Append((sbyte?)v)).Build(),
        Int32Type => values.Aggregate(new Int32Array.Builder(), (b, v) => b.Append((int?)v)).Build(),
        Int64Type => values.Aggregate(new Int64Array.Builder(), (b, v) => b.Append((long?)v)).Build(),
        UInt64Type => values.Aggregate(new UInt64Array.Builder(), (b, v) => b.Append((ulong?)v)).Build(),
        FloatType => values.Aggregate(new FloatArray.Builder(), (b, v) => b.Append((float?)v)).Build(),
        DoubleType => values.Aggregate(new DoubleArray.Builder(), (b, v) => b.Append((double?)v)).Build(),
        BooleanType => values.Aggregate(new BooleanArray.Builder(), (b, v) => v is bool flag ? b.Append(flag) : b.AppendNull()).Build(),
        StringType => values.Aggregate(new StringArray.Builder(), (b, v) => v is string s ? b.Append(s) : b.AppendNull()).Build(),
        BinaryType => values.Aggregate(new BinaryArray.Builder(), (b, v) => v is byte[] s ? b.Append(s.AsSpan()) : b.AppendNull()).Build(),
        Decimal128Type d => values.Aggregate(
            new Decimal128Array.Builder(d), (b, v) => v is decimal n ? b.Append(n) : b.AppendNull()).Build(),
        Date32Type => values.Aggregate(
            new Date32Array.Builder(), (b, v) => v is DateOnly day ? b.Append(day.ToDateTime(TimeOnly.MinValue)) : b.AppendNull()).Build(),
        Time64Type t => values.Aggregate(
            new Time64Array.Builder(t), (b, v) => v is TimeOnly time ? b.Append(time.Ticks / 10) : b.AppendNull()).Build(),
        TimestampType t => values.Aggregate(
            new TimestampArray.Builder(t), (b, v) => v is null ? b.AppendNull() : b.Append(Instant(v))).Build(),
        _ => throw new NotSupportedException(type.Name),
    };

    /// <summary>Less than 0, 0 or more; null where neither is, which is so of NaN.</summary>
    public static int? Compare(object value, object other) => (value, other) switch
    {
        (string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)),
        (byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b),
        (float or double, _) => Floats(Double(value), Double(other)),
        (bool a, bool b) => a.CompareTo(b),
        (DateOnly a, DateOnly b) => a.CompareTo(b),
        (TimeOnly a, TimeOnly b) => a.CompareTo(b),
        (DateTimeOffset or DateTime, _) => Instant(value).CompareTo(Instant(other)),
        _ => Scaled(value).CompareTo(Scaled(other)),
    };

    private static double Double(object number) => Convert.ToDouble(number, CultureInfo.InvariantCulture);

    private static int? Floats(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a < b ? -1 : a > b ? 1 : 0;

    private static BigInteger Scaled(object number) => number is decimal d
        ? new BigInteger(d * 1_000_000m)
        : BigInteger.Parse(Convert.ToString(number, CultureInfo.InvariantCulture) ?? "", CultureInfo.InvariantCulture) * 1_000_000;

    private static DateTimeOffset Instant(object value) =>
        value is DateTimeOffset at ? at : new DateTimeOffset((DateTime)value, TimeSpan.Zero);
}
