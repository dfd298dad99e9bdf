using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Columnar;

namespace Catalog.Storage.Hot;

/// <summary>
/// The keys of a generation as a table: a column for each part of the key, by its name, and one of times, the same for all rows.
/// </summary>
public static class GenerationKeys
{
    /// <summary>Name of the column of times. No key can be called so: it is no name.</summary>
    public const string TimeColumn = "";

    private const int BatchRows = 8192;

    public static Schema SchemaOf(FeatureDefinition definition) => new(
        [
            .. definition.Keys().Select(FieldOf),
            new Field(TimeColumn, new TimestampType(TimeUnit.Microsecond, "UTC"), nullable: false),
        ],
        metadata: null);

    /// <summary>The keys of packed rows, wherever they lie.</summary>
    /// <param name="moment">In microseconds since 1970.</param>
    public static RecordBatch Of(FeatureDefinition definition, IReadOnlyList<nint> rows, long moment) =>
        Batch(RowLayout.Of(definition), SchemaOf(definition), [.. rows], moment);

    /// <param name="moment">In microseconds since 1970.</param>
    public static IEnumerable<RecordBatch> Read(Generation generation, long moment)
    {
        var schema = SchemaOf(generation.Header.Definition);
        foreach (var rows in generation.All().Chunk(BatchRows))
            yield return Batch(generation.Layout, schema, rows, moment);
        GC.KeepAlive(generation);
    }

    /// <summary>A column for each part of the keys of packed rows.</summary>
    internal static IReadOnlyList<IArrowArray> Columns(RowLayout layout, Schema schema, nint[] rows)
    {
        var at = new int[rows.Length];
        return [.. Enumerable.Range(0, layout.Keys.Parts.Count).Select(p => Column(layout, p, schema.FieldsList[p].DataType, rows, at))];
    }

    private static Field FieldOf(EntityKey key) => ArrowTypes.FieldOf(FeatureType.ColumnOf(key.Name, key.Type) with { Nullable = false });

    private static RecordBatch Batch(RowLayout layout, Schema schema, nint[] rows, long moment)
    {
        List<IArrowArray> arrays = [.. Columns(layout, schema, rows)];
        var times = new byte[rows.Length * sizeof(long)];
        for (var i = 0; i < rows.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(times.AsSpan(i * sizeof(long)), moment);
        arrays.Add(Fixed(schema.FieldsList[^1].DataType, rows.Length, times));
        return new(schema, arrays, rows.Length);
    }

    /// <param name="at">By row, where the next part begins in the bytes of its key; moved on.</param>
    private static IArrowArray Column(RowLayout layout, int part, IArrowType arrow, nint[] rows, int[] at)
    {
        var type = layout.Keys.Types[part];
        if (KeyLayout.IsNumber(type))
            return Numbers(layout, type, arrow, rows, at);

        var values = new List<byte[]>(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var bytes = new HotRow(rows[i]).KeyBytes(layout)[at[i]..];
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            values.Add(bytes.Slice(4, length).ToArray());
            at[i] += 4 + length;
        }

        return type.IsVariable ? Variable(arrow, values) : Fixed(arrow, values.Count, [.. values.SelectMany(v => v)]);
    }

    private static IArrowArray Numbers(RowLayout layout, HotType type, IArrowType arrow, nint[] rows, int[] at)
    {
        if (type.Kind == HotKind.Bool)
        {
            var bits = new BooleanArray.Builder();
            for (var i = 0; i < rows.Length; i++)
                bits.Append(Number(layout, rows[i], ref at[i]) != 0);
            return bits.Build();
        }

        var values = new byte[rows.Length * type.Width];
        Span<byte> number = stackalloc byte[sizeof(long)];
        for (var i = 0; i < rows.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, Number(layout, rows[i], ref at[i]));
            number[..type.Width].CopyTo(values.AsSpan(i * type.Width));
        }

        return Fixed(arrow, rows.Length, values);
    }

    private static long Number(RowLayout layout, nint address, ref int at)
    {
        var row = new HotRow(address);
        if (layout.Keys.IsOneNumber)
            return row.Key;
        at += sizeof(long);
        return BinaryPrimitives.ReadInt64LittleEndian(row.KeyBytes(layout)[(at - sizeof(long))..]);
    }

    private static IArrowArray Fixed(IArrowType type, int rows, byte[] values) =>
        ArrowArrayFactory.BuildArray(new ArrayData(type, rows, 0, 0, [ArrowBuffer.Empty, new(values)]));

    private static IArrowArray Variable(IArrowType type, List<byte[]> values)
    {
        var offsets = new byte[(values.Count + 1) * sizeof(int)];
        var end = 0;
        for (var i = 0; i < values.Count; i++)
        {
            end += values[i].Length;
            BinaryPrimitives.WriteInt32LittleEndian(offsets.AsSpan((i + 1) * sizeof(int)), end);
        }

        byte[] bytes = [.. values.SelectMany(v => v)];
        return ArrowArrayFactory.BuildArray(
            new ArrayData(type, values.Count, 0, 0, [ArrowBuffer.Empty, new(offsets), new(bytes)]));
    }
}
