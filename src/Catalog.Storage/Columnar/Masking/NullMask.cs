using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>Nothing is shown. Batches share zeros, so that this takes neither time nor memory.</summary>
internal sealed class NullMask(IArrowType type) : ArrayMask
{
    private const int SharedBytes = 1024 * 1024;
    private static readonly byte[] s_zeros = new byte[SharedBytes];

    public override bool MakesNulls => true;

    public override ArrayData Of(ArrayRange rows) => Nulls(type, rows.Rows);

    private static ArrayData Nulls(IArrowType type, int rows) => type switch
    {
        NullType => new NullArray(rows).Data,
        StructType nested => new(type, rows, rows, 0, [Absent(rows)], [.. nested.Fields.Select(f => Nulls(f.DataType, rows))]),
        ListType list => new(type, rows, rows, 0, [Absent(rows), NoElements(rows)], [EmptyArrays.Of(list.ValueDataType).Data]),
        MapType map => new(type, rows, rows, 0, [Absent(rows), NoElements(rows)], [EmptyArrays.Of(map.KeyValueType).Data]),
        StringType or BinaryType => new(type, rows, rows, 0, [Absent(rows), NoElements(rows), ArrowBuffer.Empty]),
        FixedWidthType { BitWidth: var bits } =>
            new(type, rows, rows, 0, [Absent(rows), Zeros(checked((int)((((long)rows * bits) + 7) / 8)))]),
        _ => throw new NotSupportedException($"A column of the type {type.Name} is not masked."),
    };

    private static ArrowBuffer Absent(int rows) => Zeros(BitUtility.ByteCount(rows));

    private static ArrowBuffer NoElements(int rows) => Zeros((rows + 1) * sizeof(int));

    private static ArrowBuffer Zeros(int bytes) => new(bytes <= SharedBytes ? s_zeros.AsMemory(0, bytes) : new byte[bytes]);
}
