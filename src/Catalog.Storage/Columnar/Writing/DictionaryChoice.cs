using System.IO.Hashing;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Decides for each leaf column, from a sample of the first row group, whether a dictionary pays. Arrow C++ tries one for every column
/// until it overflows, which on numbers that hardly repeat takes 2.7 times as long and makes the file a quarter larger (measured).
/// </summary>
internal static class DictionaryChoice
{
    private const int SampleValues = 16_384;
    private const double MaxDistinct = 0.5;

    /// <summary>The paths of leaves that get one, as names from the top down.</summary>
    public static IReadOnlyList<string[]> Of(RecordBatch sample) =>
    [
        .. sample.Schema.FieldsList
            .SelectMany((field, i) => Leaves(sample.Column(i).Data, field.DataType, [field.Name]))
            .Where(leaf => Pays(leaf.Values))
            .Select(leaf => leaf.Path),
    ];

    // The names between are those the Parquet specification gives.
    private static IEnumerable<(string[] Path, ArrayData Values)> Leaves(ArrayData data, IArrowType type, string[] path) => type switch
    {
        StructType nested => nested.Fields.SelectMany((f, i) => Leaves(data.Children[i], f.DataType, [.. path, f.Name])),
        ListType list => Leaves(data.Children[0], list.ValueDataType, [.. path, "list", "element"]),
        MapType map => Leaves(data.Children[0].Children[0], map.KeyField.DataType, [.. path, "key_value", "key"])
            .Concat(Leaves(data.Children[0].Children[1], map.ValueField.DataType, [.. path, "key_value", "value"])),
        _ => [(path, data)],
    };

    private static bool Pays(ArrayData data) => data.DataType switch
    {
        BooleanType or NullType => false,
        FixedWidthType { BitWidth: var bits } => Pays(data, row => data.Buffers[1].Span.Slice((data.Offset + row) * bits / 8, bits / 8)),
        StringType or BinaryType => Pays(data, row => Bytes(data, row)),
        _ => false,
    };

    private delegate ReadOnlySpan<byte> ValueAt(int row);

    /// <summary>Looks at values all over the row group: neighbours are alike.</summary>
    private static bool Pays(ArrayData data, ValueAt valueAt)
    {
        var (step, looked) = (Math.Max(1, data.Length / SampleValues), 0);

        // Hashes that are the same in every process: the choice shows in the file.
        var distinct = new HashSet<UInt128>();
        for (var row = 0; row < data.Length; row += step)
        {
            if (data.GetNullCount() > 0 && !BitUtility.GetBit(data.Buffers[0].Span, data.Offset + row))
                continue;

            looked++;
            distinct.Add(XxHash128.HashToUInt128(valueAt(row)));
        }

        return looked == 0 || distinct.Count <= Math.Max(1, looked * MaxDistinct);
    }

    private static ReadOnlySpan<byte> Bytes(ArrayData data, int row)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span)[(data.Offset + row)..];
        return data.Buffers[2].Span[offsets[0]..offsets[1]];
    }
}
