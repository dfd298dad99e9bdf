using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Values as text that is equal where values are: nulls, lists and structs as they read, fixed widths as hex.</summary>
internal static class ArrowText
{
    public static IReadOnlyList<string> Rows(RecordBatch batch) =>
        [.. Enumerable.Range(0, batch.Length).Select(row => string.Join(" | ", batch.Arrays.Select(a => Value(a.Data, row))))];

    public static IReadOnlyList<string> Column(RecordBatch batch, string name) =>
        [.. Enumerable.Range(0, batch.Length).Select(row => Value(batch.Column(name).Data, row))];

    /// <summary>A schema as text: names, types, whether null, all the way down.</summary>
    public static string Schema(Schema schema) => string.Join("\n", schema.FieldsList.Select(Describe));

    public static string Value(ArrayData data, int row)
    {
        var at = data.Offset + row;
        if (data.DataType is NullType || (!data.Buffers[0].IsEmpty && !BitUtility.GetBit(data.Buffers[0].Span, at)))
            return "null";

        return data.DataType switch
        {
            BooleanType => BitUtility.GetBit(data.Buffers[1].Span, at) ? "true" : "false",
            FixedWidthType { BitWidth: var bits } => Convert.ToHexString(data.Buffers[1].Span.Slice(at * bits / 8, bits / 8)),
            StringType => Encoding.UTF8.GetString(Bytes(data, at)),
            BinaryType => Convert.ToHexString(Bytes(data, at)),
            StructType => "{" + string.Join(", ", data.Children.Select(c => Value(c, at))) + "}",
            _ when Offsets(data, at) is var (from, to) =>
                "[" + string.Join(", ", Enumerable.Range(from, to - from).Select(i => Value(data.Children[0], i))) + "]",
            _ => throw new NotSupportedException(data.DataType.Name),
        };
    }

    private static string Describe(Field field) => $"{field.Name}{(field.IsNullable ? "?" : "")}: " + field.DataType switch
    {
        NestedType nested => $"{nested.Name}<{string.Join(", ", nested.Fields.Select(Describe))}>",
        TimestampType t => $"timestamp {t.Unit} {t.Timezone}",
        TimeType t => $"{t.Name} {t.Unit}",
        Decimal128Type t => $"decimal128 {t.Precision} {t.Scale}",
        Decimal256Type t => $"decimal256 {t.Precision} {t.Scale}",
        FixedSizeBinaryType t => $"fixed {t.ByteWidth}",
        _ => field.DataType.Name,
    };

    private static ReadOnlySpan<byte> Bytes(ArrayData data, int at) =>
        Offsets(data, at) is var (from, to) ? data.Buffers[2].Span[from..to] : [];

    private static (int From, int To) Offsets(ArrayData data, int at)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span);
        return (offsets[at], offsets[at + 1]);
    }
}
