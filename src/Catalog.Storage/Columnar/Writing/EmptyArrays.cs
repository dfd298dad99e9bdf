using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Arrays without values.</summary>
internal static class EmptyArrays
{
    /// <summary>Without rows.</summary>
    public static IArrowArray Of(IArrowType type) => ArrowArrayFactory.BuildArray(DataOf(type));

    /// <summary>With one row, which is null.</summary>
    public static IArrowArray NullOf(IArrowType type) => ArrowArrayFactory.BuildArray(NullDataOf(type));

    private static ArrayData DataOf(IArrowType type) => type switch
    {
        NullType => new NullArray(0).Data,
        StructType nested => new(type, 0, 0, 0, [ArrowBuffer.Empty], [.. nested.Fields.Select(f => DataOf(f.DataType))]),
        ListType list => new(type, 0, 0, 0, [ArrowBuffer.Empty, NoOffsets()], [DataOf(list.ValueDataType)]),
        MapType map => new(type, 0, 0, 0, [ArrowBuffer.Empty, NoOffsets()], [DataOf(map.KeyValueType)]),
        StringType or BinaryType => new(type, 0, 0, 0, [ArrowBuffer.Empty, NoOffsets(), ArrowBuffer.Empty]),
        _ => new(type, 0, 0, 0, [ArrowBuffer.Empty, ArrowBuffer.Empty]),
    };

    private static ArrayData NullDataOf(IArrowType type) => type switch
    {
        NullType => new NullArray(1).Data,
        StructType nested => new(type, 1, 1, 0, [Absent()], [.. nested.Fields.Select(f => NullDataOf(f.DataType))]),
        ListType list => new(type, 1, 1, 0, [Absent(), NoOffsets(2)], [DataOf(list.ValueDataType)]),
        MapType map => new(type, 1, 1, 0, [Absent(), NoOffsets(2)], [DataOf(map.KeyValueType)]),
        StringType or BinaryType => new(type, 1, 1, 0, [Absent(), NoOffsets(2), ArrowBuffer.Empty]),
        FixedWidthType { BitWidth: var bits } => new(type, 1, 1, 0, [Absent(), new(new byte[(bits + 7) / 8])]),
        _ => throw new NotSupportedException($"A column of the type {type.Name} has no nulls here."),
    };

    private static ArrowBuffer Absent() => new(new byte[1]);

    private static ArrowBuffer NoOffsets(int count = 1) => new(new byte[count * sizeof(int)]);
}
