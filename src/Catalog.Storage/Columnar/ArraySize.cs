using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>How many bytes the values of arrays take; of a slice, its own and not those it was cut from.</summary>
public static class ArraySize
{
    /// <param name="batch">Stays the caller's.</param>
    public static long Of(RecordBatch batch) => batch.Arrays.Sum(a => Of(a.Data, a.Data.Offset, a.Data.Length));

    internal static long Of(ArrayData data, int from, int count)
    {
        if (data.DataType is NullType || count == 0)
            return 0;

        var validity = data.Buffers[0].IsEmpty ? 0 : (count + 7) / 8;
        return validity + data.DataType switch
        {
            FixedWidthType { BitWidth: var bits } => ((long)count * bits + 7) / 8,
            StringType or BinaryType => Offsets(count) + Range(data, from, count).Count,
            ListType or MapType when Range(data, from, count) is var (first, elements) =>
                Offsets(count) + Of(data.Children[0], data.Children[0].Offset + first, elements),
            _ => (data.Children ?? []).Sum(child => Of(child, child.Offset + from, count)),
        };
    }

    private static long Offsets(int count) => (count + 1L) * sizeof(int);

    private static (int First, int Count) Range(ArrayData data, int from, int count)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span);
        return (offsets[from], offsets[from + count] - offsets[from]);
    }
}
