using System.Collections.Frozen;
using System.Numerics;
using System.Reflection;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;

namespace Catalog.Sdk;

/// <summary>Reads single values of Arrow columns as the types of .NET that hold them without loss.</summary>
internal static class CellReaders
{
    private static readonly FrozenDictionary<ArrowTypeId, (Type Type, Type[] Wider)> s_numbers =
        new Dictionary<ArrowTypeId, (Type, Type[])>
        {
            [ArrowTypeId.Int8] = (typeof(sbyte), [typeof(short), typeof(int), typeof(long), typeof(float), typeof(double)]),
            [ArrowTypeId.Int16] = (typeof(short), [typeof(int), typeof(long), typeof(float), typeof(double)]),
            [ArrowTypeId.Int32] = (typeof(int), [typeof(long), typeof(double)]),
            [ArrowTypeId.Int64] = (typeof(long), []),
            [ArrowTypeId.UInt8] = (
                typeof(byte),
                [
                    typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double),
                ]),
            [ArrowTypeId.UInt16] =
                (typeof(ushort), [typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double)]),
            [ArrowTypeId.UInt32] = (typeof(uint), [typeof(long), typeof(ulong), typeof(double)]),
            [ArrowTypeId.UInt64] = (typeof(ulong), []),
            [ArrowTypeId.HalfFloat] = (typeof(Half), [typeof(float), typeof(double)]),
            [ArrowTypeId.Float] = (typeof(float), [typeof(double)]),
            [ArrowTypeId.Double] = (typeof(double), []),
        }.ToFrozenDictionary();

    /// <summary>A function of an array and a row, whose result has the type asked for; null where the column does not fit it.</summary>
    /// <param name="field">The column.</param>
    /// <param name="type">Of the value.</param>
    /// <param name="nullable">Whether a text or list may be null.</param>
    public static Delegate? Of(Field field, Type type, bool nullable)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (Plain(field.DataType, value) is not { } read)
            return null;
        var wrap = value != type ? nameof(OrNull) : value.IsValueType || !nullable ? nameof(NeverNull) : nameof(OrNothing);
        return (Delegate?)Method(wrap, value).Invoke(null, [read, field.Name]);
    }

    private static Delegate? Plain(IArrowType column, Type value) => column switch
    {
        _ when s_numbers.TryGetValue(column.TypeId, out var number) =>
            number.Type == value || number.Wider.Contains(value)
                ? (Delegate?)Method(nameof(Number), number.Type, value).Invoke(null, [])
                : null,
        StringType when value == typeof(string) => Read((a, i) => ((StringArray)a).GetString(i)),
        BooleanType when value == typeof(bool) => Read((a, i) => ((BooleanArray)a).GetValue(i) ?? false),
        BinaryType when value == typeof(byte[]) => Read((a, i) => ((BinaryArray)a).GetBytes(i).ToArray()),
        FixedSizeBinaryType { ByteWidth: 16 } when value == typeof(Guid) =>
            Read((a, i) => new Guid(((FixedSizeBinaryArray)a).GetBytes(i), bigEndian: true)),
        FixedSizeBinaryType when value == typeof(byte[]) => Read((a, i) => ((FixedSizeBinaryArray)a).GetBytes(i).ToArray()),
        Date32Type when value == typeof(DateOnly) => Read((a, i) => ((Date32Array)a).GetDateOnly(i) ?? default),
        Time32Type when value == typeof(TimeOnly) => Read((a, i) => ((Time32Array)a).GetTime(i) ?? default),
        Time64Type when value == typeof(TimeOnly) => Read((a, i) => ((Time64Array)a).GetTime(i) ?? default),
        TimestampType { IsTimeZoneAware: true } when value == typeof(DateTimeOffset) =>
            Read((a, i) => ((TimestampArray)a).GetTimestamp(i) ?? default),
        TimestampType { IsTimeZoneAware: false } when value == typeof(DateTime) =>
            Read((a, i) => ((TimestampArray)a).GetTimestamp(i) is { } at ? at.DateTime : default),
        Decimal128Type when value == typeof(decimal) => Read((a, i) => ((Decimal128Array)a).GetValue(i) ?? 0m),
        ListType list when value.IsArray && s_numbers.TryGetValue(list.ValueDataType.TypeId, out var element)
            && element.Type == value.GetElementType() => (Delegate?)Method(nameof(Numbers), element.Type).Invoke(null, []),
        _ => null,
    };

    private static Delegate Read<T>(Func<IArrowArray, int, T> read) => read;

    private static Func<IArrowArray, int, TValue> Number<TColumn, TValue>()
        where TColumn : struct, INumberBase<TColumn>
        where TValue : struct, INumberBase<TValue> =>
        (array, row) => TValue.CreateChecked(((PrimitiveArray<TColumn>)array).Values[row]);

    private static Func<IArrowArray, int, T[]> Numbers<T>()
        where T : struct, INumberBase<T> =>
        (array, row) => ((ListArray)array).GetSlicedValues(row) is not PrimitiveArray<T> values ? []
            : values.NullCount == 0 ? values.Values.ToArray()
            : throw new CatalogException(
                null, "client.row_type", $"A list has a null in it, where {typeof(T).Name} cannot be one: read the column as Arrow.");

    private static Func<IArrowArray, int, T?> OrNull<T>(Func<IArrowArray, int, T> read, string column)
        where T : struct => (array, row) => array.IsNull(row) ? null : Held(read, array, row, column);

    private static Func<IArrowArray, int, T?> OrNothing<T>(Func<IArrowArray, int, T> read, string column)
        where T : class => (array, row) => array.IsNull(row) ? null : Held(read, array, row, column);

    private static Func<IArrowArray, int, T> NeverNull<T>(Func<IArrowArray, int, T> read, string column) =>
        (array, row) => !array.IsNull(row)
            ? Held(read, array, row, column)
            : throw new CatalogException(
                null, "client.row_type", $"Column '{column}' has a null where {typeof(T).Name} cannot be one: make the property nullable.");

    /// <summary>Days, times and decimals of Arrow go further than those of .NET.</summary>
    private static T Held<T>(Func<IArrowArray, int, T> read, IArrowArray array, int row, string column)
    {
        try
        {
            return read(array, row);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new CatalogException(
                null, "client.row_type", $"Column '{column}' has a value that {typeof(T).Name} cannot hold.", errors: null, e);
        }
    }

    private static MethodInfo Method(string name, params Type[] types) =>
        typeof(CellReaders).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)?.MakeGenericMethod(types)
        ?? throw new MissingMethodException(nameof(CellReaders), name);
}
