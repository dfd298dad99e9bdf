using Apache.Arrow;
using Apache.Arrow.Types;
using Parquet;
using Parquet.Schema;
using Physical = Parquet.Meta.Type;

namespace Catalog.Storage.Columnar.Managed;

/// <summary>A column chunk as it was decoded: its levels, and those values that are not null, as physical values.</summary>
/// <param name="Definition">Of each entry; null where every entry is a value.</param>
/// <param name="Repetition">Of each entry; null where entries are rows.</param>
internal sealed record LeafValues(Leaf Leaf, int Entries, int MaxDefinition, int[]? Definition, int[]? Repetition, System.Array Values)
{
    public static Task<LeafValues> ReadAsync(
        ParquetRowGroupReader group, DataField field, Leaf leaf, int entries, CancellationToken ct) => leaf.Element.Type switch
        {
            Physical.BOOLEAN => ReadAsync<bool>(group, field, leaf, entries, ct),
            Physical.INT32 => ReadAsync<int>(group, field, leaf, entries, ct),
            Physical.INT64 => ReadAsync<long>(group, field, leaf, entries, ct),
            Physical.FLOAT => ReadAsync<float>(group, field, leaf, entries, ct),
            Physical.DOUBLE => ReadAsync<double>(group, field, leaf, entries, ct),
            _ => ReadAsync<ReadOnlyMemory<byte>>(group, field, leaf, entries, ct),
        };

    /// <param name="valid">For each slot whether it has a value; null where all have.</param>
    public ArrayData ToArray(IArrowType type, bool[]? valid, int slots)
    {
        var defined = valid is null ? slots : valid.AsSpan().Count(true);
        if (defined > Values.Length)
            throw new InvalidDataException($"column '{Leaf.Path}' has fewer values than its levels say");

        var nulls = slots - defined;
        return type is NullType
            ? new NullArray(slots).Data
            : new(type, slots, nulls, 0, [nulls == 0 ? ArrowBuffer.Empty : LeafBuffers.Bits(valid ?? []), .. Buffers(type, valid, slots)]);
    }

    private ArrowBuffer[] Buffers(IArrowType type, bool[]? valid, int slots) => (Values, type) switch
    {
        (bool[] values, BooleanType) => [LeafBuffers.Bits(LeafBuffers.Spread(values, valid, slots, static v => v))],
        (int[] values, Int8Type or UInt8Type) => [LeafBuffers.Numbers(values, valid, slots, static v => (byte)v)],
        (int[] values, Int16Type or UInt16Type) => [LeafBuffers.Numbers(values, valid, slots, static v => (ushort)v)],
        (int[] values, Decimal128Type) => [LeafBuffers.Numbers(values, valid, slots, static v => (Int128)v)],
        (int[] values, FixedWidthType { BitWidth: 32 }) => [LeafBuffers.Numbers(values, valid, slots, static v => v)],
        (long[] values, Decimal128Type) => [LeafBuffers.Numbers(values, valid, slots, static v => (Int128)v)],
        (long[] values, FixedWidthType { BitWidth: 64 }) => [LeafBuffers.Numbers(values, valid, slots, static v => v)],
        (float[] values, FloatType) => [LeafBuffers.Numbers(values, valid, slots, static v => v)],
        (double[] values, DoubleType) => [LeafBuffers.Numbers(values, valid, slots, static v => v)],
        (ReadOnlyMemory<byte>[] values, StringType or BinaryType) => LeafBuffers.Bytes(values, valid, slots),
        (ReadOnlyMemory<byte>[] values, TimestampType) =>
            [LeafBuffers.Numbers(values, valid, slots, static v => LeafBuffers.Int96(v.Span))],
        (ReadOnlyMemory<byte>[] values, Decimal128Type or Decimal256Type) =>
            [LeafBuffers.BigEndian(values, valid, slots, ((FixedWidthType)type).BitWidth / 8)],
        (ReadOnlyMemory<byte>[] values, HalfFloatType) => [LeafBuffers.Fixed(values, valid, slots, 2)],
        (ReadOnlyMemory<byte>[] values, FixedSizeBinaryType { ByteWidth: var width }) => [LeafBuffers.Fixed(values, valid, slots, width)],
        _ => throw new NotSupportedException($"column '{Leaf.Path}' has physical values that are no {type.Name}"),
    };

    private static async Task<LeafValues> ReadAsync<T>(
        ParquetRowGroupReader group, DataField field, Leaf leaf, int entries, CancellationToken ct)
        where T : struct
    {
        var values = GC.AllocateUninitializedArray<T>(entries);
        var definition = field.MaxDefinitionLevel > 0 ? new int[entries] : null;
        var repetition = field.MaxRepetitionLevel > 0 ? new int[entries] : null;

        // An array that is null would become memory of no length.
        await group.ReadRawAsync(field, values.AsMemory(), definition?.AsMemory(), repetition?.AsMemory(), ct);
        return new(leaf, entries, field.MaxDefinitionLevel, definition, repetition, values);
    }
}
