using Apache.Arrow;
using Apache.Arrow.Types;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Catalog.Sdk;

/// <summary>The types that ML.NET has for columns of Arrow, and how a value becomes one of them.</summary>
internal static class DataViewCells
{
    /// <exception cref="CatalogException"><c>client.column_unsupported</c>: ML.NET has no such type.</exception>
    public static DataViewType TypeOf(Field field) => field.DataType switch
    {
        Int8Type => NumberDataViewType.SByte,
        Int16Type => NumberDataViewType.Int16,
        Int32Type => NumberDataViewType.Int32,
        Int64Type => NumberDataViewType.Int64,
        UInt8Type => NumberDataViewType.Byte,
        UInt16Type => NumberDataViewType.UInt16,
        UInt32Type => NumberDataViewType.UInt32,
        UInt64Type => NumberDataViewType.UInt64,
        FloatType => NumberDataViewType.Single,
        DoubleType => NumberDataViewType.Double,
        BooleanType => BooleanDataViewType.Instance,
        StringType => TextDataViewType.Instance,
        Date32Type or TimestampType { IsTimeZoneAware: false } => DateTimeDataViewType.Instance,
        TimestampType => DateTimeOffsetDataViewType.Instance,
        TimeType => TimeSpanDataViewType.Instance,
        var type => throw new CatalogException(
            null, "client.column_unsupported",
            $"ML.NET has no type for column '{field.Name}', which is {type.Name}: name the columns that are to be read."),
    };

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the type that the column has in ML.NET.</summary>
    public static Delegate Getter(Field field, Func<(IArrowArray Array, int Row)> at) => field.DataType switch
    {
        Int8Type => Number<sbyte>(field, at),
        Int16Type => Number<short>(field, at),
        Int32Type => Number<int>(field, at),
        Int64Type => Number<long>(field, at),
        UInt8Type => Number<byte>(field, at),
        UInt16Type => Number<ushort>(field, at),
        UInt32Type => Number<uint>(field, at),
        UInt64Type => Number<ulong>(field, at),
        FloatType => OrElse(at, float.NaN, (a, i) => ((FloatArray)a).Values[i]),
        DoubleType => OrElse(at, double.NaN, (a, i) => ((DoubleArray)a).Values[i]),
        BooleanType => Never(field, at, (a, i) => ((BooleanArray)a).GetValue(i) ?? false),
        StringType => OrElse(at, default, (a, i) => ((StringArray)a).GetString(i).AsMemory()),
        Date32Type => Never(field, at, (a, i) => ((Date32Array)a).GetDateTime(i) ?? default),
        TimestampType { IsTimeZoneAware: false } => Never(field, at, (a, i) => Time(a, i).DateTime),
        TimestampType => Never(field, at, Time),
        Time32Type => Never(field, at, (a, i) => (((Time32Array)a).GetTime(i) ?? default).ToTimeSpan()),
        _ => Never(field, at, (a, i) => (((Time64Array)a).GetTime(i) ?? default).ToTimeSpan()),
    };

    private static DateTimeOffset Time(IArrowArray array, int row) => ((TimestampArray)array).GetTimestamp(row) ?? default;

    private static ValueGetter<T> Number<T>(Field field, Func<(IArrowArray Array, int Row)> at)
        where T : struct, IEquatable<T> => Never(field, at, (a, i) => ((PrimitiveArray<T>)a).Values[i]);

    private static ValueGetter<T> OrElse<T>(Func<(IArrowArray Array, int Row)> at, T missing, Func<IArrowArray, int, T> read) =>
        (ref T value) =>
        {
            var (array, row) = at();
            value = array.IsNull(row) ? missing : read(array, row);
        };

    private static ValueGetter<T> Never<T>(Field field, Func<(IArrowArray Array, int Row)> at, Func<IArrowArray, int, T> read) =>
        (ref T value) =>
        {
            var (array, row) = at();
            value = !array.IsNull(row)
                ? read(array, row)
                : throw new CatalogException(
                    null, "client.column_unsupported",
                    $"Column '{field.Name}' has a null, and {typeof(T).Name} none in ML.NET: filter with \"{field.Name}\" is not null.");
        };
}
