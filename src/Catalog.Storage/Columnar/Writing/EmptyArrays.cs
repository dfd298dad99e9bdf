using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Arrays without rows.</summary>
internal static class EmptyArrays
{
    public static IArrowArray Of(IArrowType type) => ArrowArrayFactory.BuildArray(DataOf(type));

    private static ArrayData DataOf(IArrowType type) => type switch
    {
        NullType => new NullArray(0).Data,
        StructType nested => new(type, 0, 0, 0, [ArrowBuffer.Empty], [.. nested.Fields.Select(f => DataOf(f.DataType))]),
        ListType list => new(type, 0, 0, 0, [ArrowBuffer.Empty, NoOffsets()], [DataOf(list.ValueDataType)]),
        MapType map => new(type, 0, 0, 0, [ArrowBuffer.Empty, NoOffsets()], [DataOf(map.KeyValueType)]),
        StringType or BinaryType => new(type, 0, 0, 0, [ArrowBuffer.Empty, NoOffsets(), ArrowBuffer.Empty]),
        _ => new(type, 0, 0, 0, [ArrowBuffer.Empty, ArrowBuffer.Empty]),
    };

    private static ArrowBuffer NoOffsets() => new(new byte[sizeof(int)]);
}
