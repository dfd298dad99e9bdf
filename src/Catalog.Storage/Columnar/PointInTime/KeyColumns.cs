using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>The columns of a table that make the keys of its rows, in the types that a definition gives them.</summary>
internal sealed class KeyColumns
{
    private readonly int[] _places;

    private KeyColumns(int[] places, bool isOneNumber) => (_places, IsOneNumber) = (places, isOneNumber);

    /// <summary>Whether a key is one number of 64 bits at most.</summary>
    public bool IsOneNumber { get; }

    /// <param name="keys">With the name of each one's column in this table.</param>
    /// <param name="where">Whose columns they are, for errors.</param>
    /// <exception cref="JoinException">One is not there, or not of its key's type.</exception>
    public static KeyColumns Of(Schema schema, IReadOnlyList<(EntityKey Key, string Column)> keys, string where)
    {
        var places = keys.Select(k => PlaceOf(schema, k.Key, k.Column, where)).ToArray();
        return new(places, keys.Count == 1 && Longs.Has(schema.FieldsList[places[0]].DataType));
    }

    /// <summary>Reads keys that are one number.</summary>
    /// <param name="buffer">Used where values have to be widened.</param>
    public ReadOnlySpan<long> ReadNumbers(RecordBatch batch, long[] buffer)
    {
        var data = batch.Column(_places[0]).Data;
        if (data.DataType is Int64Type or UInt64Type or TimestampType or Time64Type)
            return MemoryMarshal.Cast<byte, long>(data.Buffers[1].Span).Slice(data.Offset, data.Length);
        Longs.Read(data, buffer.AsSpan(0, data.Length));
        return buffer.AsSpan(0, data.Length);
    }

    public bool HasNulls(RecordBatch batch) => System.Array.Exists(_places, p => Longs.HasNulls(batch.Column(p).Data));

    /// <summary>Whether a part of a row's key is null: such a row matches nothing.</summary>
    public bool IsNull(RecordBatch batch, int row)
    {
        foreach (var place in _places)
        {
            if (Longs.IsNull(batch.Column(place).Data, row))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Appends the key of a row to what is there: numbers as 8 bytes, bytes behind their length, so that different keys are
    /// different bytes.
    /// </summary>
    public void Write(RecordBatch batch, int row, ref byte[] into, ref int length)
    {
        Span<long> one = stackalloc long[1];
        foreach (var place in _places)
        {
            var data = batch.Column(place).Data;
            if (Longs.Has(data.DataType))
            {
                Longs.Read(data.Slice(row, 1), one);
                BinaryPrimitives.WriteInt64LittleEndian(Room(ref into, ref length, 8), one[0]);
                continue;
            }

            var bytes = Bytes(data, row);
            BinaryPrimitives.WriteInt32LittleEndian(Room(ref into, ref length, 4), bytes.Length);
            bytes.CopyTo(Room(ref into, ref length, bytes.Length));
        }
    }

    private static ReadOnlySpan<byte> Bytes(ArrayData data, int row)
    {
        if (data.DataType is FixedWidthType { BitWidth: var bits })
            return data.Buffers[1].Span.Slice((data.Offset + row) * (bits / 8), bits / 8);
        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span)[(data.Offset + row)..];
        return data.Buffers[2].Span[offsets[0]..offsets[1]];
    }

    private static Span<byte> Room(ref byte[] into, ref int length, int wanted)
    {
        if (into.Length - length < wanted)
            System.Array.Resize(ref into, Math.Max(into.Length * 2, length + wanted));
        length += wanted;
        return into.AsSpan(length - wanted, wanted);
    }

    private static int PlaceOf(Schema schema, EntityKey key, string column, string where)
    {
        var place = schema.GetFieldIndex(column);
        if (place < 0)
        {
            throw new JoinException(
                JoinException.BadColumns,
                $"{where} has no column '{column}' for the key '{key.Name}'; it has "
                + $"{string.Join(", ", schema.FieldsList.Select(f => $"'{f.Name}'"))}.");
        }

        var found = schema.FieldsList[place].DataType;
        return Fits(ArrowTypes.FieldOf(FeatureType.ColumnOf(key.Name, key.Type)).DataType, found)
            ? place
            : throw new JoinException(
                JoinException.BadColumns,
                $"Column '{column}' of {where} is of the type {found.Name}; the key '{key.Name}' is {key.Type}.");
    }

    // Whole numbers are compared as int64; what is unsigned in 64 bits has values that no int64 has, and stays among its own.
    private static bool Fits(IArrowType wanted, IArrowType found) => wanted switch
    {
        UInt64Type => found is UInt8Type or UInt16Type or UInt32Type or UInt64Type,
        Int8Type or Int16Type or Int32Type or Int64Type or UInt8Type or UInt16Type or UInt32Type =>
            found is Int8Type or Int16Type or Int32Type or Int64Type or UInt8Type or UInt16Type or UInt32Type,
        TimestampType a => found is TimestampType b && a.Unit == b.Unit
            && string.IsNullOrEmpty(a.Timezone) == string.IsNullOrEmpty(b.Timezone),
        Time32Type a => found is Time32Type b && a.Unit == b.Unit,
        Time64Type a => found is Time64Type b && a.Unit == b.Unit,
        Decimal128Type a => found is Decimal128Type b && a.Scale == b.Scale,
        Decimal256Type a => found is Decimal256Type b && a.Scale == b.Scale,
        FixedSizeBinaryType a => found is FixedSizeBinaryType b && a.ByteWidth == b.ByteWidth,
        _ => wanted.TypeId == found.TypeId,
    };
}
