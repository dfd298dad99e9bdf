using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Makes conditions ready for the types of their columns.</summary>
internal static class RowTests
{
    /// <exception cref="ScanException"><see cref="ScanException.BadCondition"/>, naming the column and what it can be compared with.
    /// </exception>
    public static RowTest Of(Condition condition, Field field)
    {
        CheckShape(condition);
        return condition.Comparison switch
        {
            Comparison.IsNull => new NullTest(wantsNull: true),
            Comparison.IsNotNull => new NullTest(wantsNull: false),
            _ => Of(condition, field.DataType),
        };
    }

    private static void CheckShape(Condition condition)
    {
        var (least, most) = condition.Comparison switch
        {
            Comparison.IsNull or Comparison.IsNotNull => (0, 0),
            Comparison.In => (0, int.MaxValue),
            _ when Enum.IsDefined(condition.Comparison) => (1, 1),
            _ => throw Bad(condition, $"uses the unknown operator {(int)condition.Comparison}"),
        };
        if (condition.Values.Count < least || condition.Values.Count > most)
            throw Bad(condition, $"has {condition.Values.Count} values, and {condition.Comparison} takes {least}");
    }

    private static RowTest Of(Condition condition, IArrowType type) => type switch
    {
        Int8Type => Whole<sbyte>(condition, type),
        Int16Type => Whole<short>(condition, type),
        Int32Type or Date32Type or Time32Type => Whole<int>(condition, type),
        Int64Type or Time64Type or TimestampType => Whole<long>(condition, type),
        UInt8Type => Whole<byte>(condition, type),
        UInt16Type => Whole<ushort>(condition, type),
        UInt32Type => Whole<uint>(condition, type),
        UInt64Type => Whole<ulong>(condition, type),
        Decimal128Type => Whole<Int128>(condition, type),
        HalfFloatType => Float<Half>(condition),
        FloatType => Float<float>(condition),
        DoubleType => Float<double>(condition),
        BooleanType => Bool(condition),
        StringType or BinaryType or FixedSizeBinaryType =>
            new BytesTest(
                condition.Comparison, [.. condition.Values.Select(v => Literals.Bytes(v, type) ?? throw Wrong(condition, v, type))]),
        _ => throw Bad(condition, $"compares values of the type {type.Name}; such columns can only be null or not"),
    };

    private static WholeTest<T> Whole<T>(Condition condition, IArrowType type)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T> =>
        new(Intervals.Union(condition.Values.SelectMany(v => Literals.Whole(v, type) is var (floor, isExact)
            ? Intervals.Of(condition.Comparison, floor, isExact)
            : throw Wrong(condition, v, type))));

    private static FloatTest<T> Float<T>(Condition condition)
        where T : unmanaged, System.Numerics.IFloatingPoint<T> =>
        new(
            Intervals.Union(condition.Values.SelectMany(v => Intervals.Of(
                condition.Comparison, Literals.Double(v) ?? throw Wrong(condition, v, DoubleType.Default)))),
            condition.Comparison is Comparison.NotEqual);

    private static BoolTest Bool(Condition condition)
    {
        var values = condition.Values.Select(v => v as bool? ?? throw Wrong(condition, v, BooleanType.Default)).ToList();
        return new(Takes(false), Takes(true));

        bool Takes(bool row) => values.Exists(v => condition.Comparison switch
        {
            Comparison.Equal or Comparison.In => row == v,
            Comparison.NotEqual => row != v,
            Comparison.Less => !row && v,
            Comparison.LessOrEqual => !row || v,
            Comparison.Greater => row && !v,
            _ => row || !v,
        });
    }

    private static ScanException Wrong(Condition condition, object? value, IArrowType type) =>
        Bad(condition, $"compares it with {value?.GetType().Name ?? "null"} '{value}'; it is {type.Name} and takes {Literals.Taken(type)}");

    private static ScanException Bad(Condition condition, string why) =>
        new(ScanException.BadCondition, $"The condition on column '{condition.Column}' {why}.");
}
