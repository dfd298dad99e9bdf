using Apache.Arrow;
using Catalog.Access;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>
/// Puts masks on the columns of batches: what <see cref="ScanRequest.Project"/> is for. Types stay as they are, and a mask that does not
/// fit a column's type is <see cref="Mask.Null"/> there; so is one of a whole struct, list or map. What is masked within a struct leaves
/// its other fields alone, and within a list or map takes all of it. Nulls stay null. Used by several threads at once.
/// </summary>
public sealed class ColumnMasks
{
    private const long KeptBytes = 32L << 20;
    private readonly ArrayMask?[] _masks;
    private readonly BufferPool _buffers = new(KeptBytes);

    private ColumnMasks(Schema schema, ArrayMask?[] masks, IReadOnlyList<ColumnMask> applied) =>
        (Schema, _masks, Applied) = (schema, masks, applied);

    /// <summary>Of masked batches: columns that a mask may leave without a value can be null.</summary>
    public Schema Schema { get; }

    /// <summary>What is shown of which column: those that are masked and no others, in their order, with masks that fit them.</summary>
    public IReadOnlyList<ColumnMask> Applied { get; }

    /// <summary>Makes masks ready for columns; null where none of them is masked.</summary>
    /// <param name="schema">Of the batches that are to be masked.</param>
    /// <param name="obligations">That say what is shown.</param>
    /// <param name="key">Of the catalog, for <see cref="Mask.Hash"/>: 32 random bytes.</param>
    public static ColumnMasks? Of(Schema schema, AccessObligations obligations, ReadOnlyMemory<byte> key)
    {
        // For each column its own, since no other has its values.
        var own = new Lazy<HmacKey>(() => new HmacKey(key));
        var choice = new MaskChoice(obligations, shown => new KeyedHashes(own.Value, shown));
        var columns = schema.FieldsList.Select(f => choice.Of(f, parent: "")).ToList();
        return choice.Applied.Count == 0
            ? null
            : new(new(columns.Select(c => c.Field), schema.Metadata), [.. columns.Select(c => c.Mask)], choice.Applied);
    }

    /// <summary>A batch that takes over the columns of the one given which are not masked; the others are disposed.</summary>
    /// <param name="batch">Of the schema that the masks were made for.</param>
    public RecordBatch Apply(RecordBatch batch) => new(Schema, Columns(batch, BufferSource.Collected), batch.Length);

    /// <summary>
    /// As <see cref="Apply"/>, in memory that the next batch is given when this one is disposed: neither it nor parts of it may be kept.
    /// Memory that is new takes longer to get than to fill.
    /// </summary>
    /// <param name="batch">Of the schema that the masks were made for.</param>
    public RecordBatch Lend(RecordBatch batch)
    {
        var memory = _buffers.Lease();
        return new LeasedBatch(Schema, Columns(batch, memory), batch.Length, memory.Release);
    }

    private IArrowArray[] Columns(RecordBatch batch, BufferSource memory)
    {
        var columns = new IArrowArray[_masks.Length];
        for (var i = 0; i < columns.Length; i++)
            columns[i] = _masks[i] is { } mask ? Of(mask, batch.Column(i), memory) : batch.Column(i);
        return columns;
    }

    private static IArrowArray Of(ArrayMask mask, IArrowArray column, BufferSource memory)
    {
        using (column)
            return ArrowArrayFactory.BuildArray(mask.Of(new(column.Data, From: 0, column.Length), memory));
    }
}
