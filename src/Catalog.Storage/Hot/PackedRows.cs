using System.Buffers.Binary;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>Packed rows as the table that <see cref="PushedRows"/> describes.</summary>
public static class PackedRows
{
    public static RecordBatch ToBatch(
        FeatureDefinition definition, IReadOnlyList<byte[]> rows, IReadOnlyList<long> positions, IReadOnlyList<DateTimeOffset> pushedAt,
        IReadOnlyList<string> pushedBy)
    {
        using var shelf = new RowShelf();
        var schema = PushedRows.SchemaOf(definition);
        nint[] kept = [.. rows.Select(r => shelf.Keep(r))];
        List<IArrowArray> arrays = [.. ValueColumns(definition, schema, kept)];
        arrays.Add(Times([.. kept.Select(r => (long?)new HotRow(r).EventTime)]));
        arrays.Add(Times([.. kept.Select(r => new HotRow(r).Created is var at && at == HotRow.NoTime ? null : (long?)at)]));
        arrays.Add(new Int64Array.Builder().AppendRange(positions).Build());
        arrays.Add(Times([.. pushedAt.Select(t => (long?)((t.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond))]));
        arrays.Add(new StringArray.Builder().AppendRange(pushedBy).Build());
        return new(schema, arrays, rows.Count);
    }

    /// <summary>Keys and features of rows, wherever they lie, under their own names.</summary>
    public static RecordBatch Values(FeatureDefinition definition, IReadOnlyList<nint> rows)
    {
        var all = PushedRows.SchemaOf(definition);
        var schema = new Schema(all.FieldsList.SkipLast(PushedRows.OwnColumns.Count), metadata: null);
        return new(schema, ValueColumns(definition, schema, [.. rows]), rows.Count);
    }

    private static List<IArrowArray> ValueColumns(FeatureDefinition definition, Schema schema, nint[] rows)
    {
        var layout = RowLayout.Of(definition);
        List<IArrowArray> arrays = [.. GenerationKeys.Columns(layout, schema, rows)];
        foreach (var slot in layout.Slots)
            arrays.Add(new ColumnUnpacker(slot, schema.FieldsList[arrays.Count].DataType).Unpack(rows));
        return arrays;
    }

    private static IArrowArray Times(IReadOnlyList<long?> values)
    {
        var bytes = new byte[values.Count * sizeof(long)];
        for (var i = 0; i < values.Count; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i] ?? 0);
        var (validity, nulls) = Validity.Of([.. values.Select(v => v is not null)]);
        return ArrowArrayFactory.BuildArray(
            new ArrayData(new TimestampType(TimeUnit.Microsecond, "UTC"), values.Count, nulls, 0, [validity, new(bytes)]));
    }
}

/// <summary>Which values of an array are there, as Arrow says it.</summary>
internal static class Validity
{
    public static (ArrowBuffer Bits, int Nulls) Of(ReadOnlySpan<bool> isThere)
    {
        var nulls = isThere.Count(false);
        if (nulls == 0)
            return (ArrowBuffer.Empty, 0);
        var bits = new byte[BitUtility.ByteCount(isThere.Length)];
        for (var i = 0; i < isThere.Length; i++)
            BitUtility.SetBit(bits, i, isThere[i]);
        return (new(bits), nulls);
    }
}
