using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar;

/// <summary>Text and bytes, in the order of unsigned bytes, which is that of code points.</summary>
internal sealed class BytesTest(Comparison comparison, IReadOnlyList<byte[]> values) : RowTest
{
    public override bool CanMatch(in Bounds bounds)
    {
        if (bounds.Nulls == bounds.Rows)
            return false;

        var (min, max) = (BytesOf(bounds.Min), BytesOf(bounds.Max));
        foreach (var value in values)
        {
            // Where a bound is not known, it lies beyond every value.
            var (toMin, toMax) = (Compare(min, value, unknown: -1), Compare(max, value, unknown: 1));
            if (comparison switch
            {
                Comparison.Equal or Comparison.In => toMin <= 0 && toMax >= 0,
                Comparison.NotEqual => !(toMin == 0 && toMax == 0),
                Comparison.Less => toMin < 0,
                Comparison.LessOrEqual => toMin <= 0,
                Comparison.Greater => toMax > 0,
                _ => toMax >= 0,
            })
                return true;
        }

        return false;
    }

    public override void Mark(ArrayData column, Span<bool> marks)
    {
        if (column.DataType is FixedSizeBinaryType { ByteWidth: var width })
        {
            for (var i = 0; i < marks.Length; i++)
                marks[i] = marks[i] && Has(column.Buffers[1].Span.Slice((column.Offset + i) * width, width));
        }
        else
        {
            var offsets = MemoryMarshal.Cast<byte, int>(column.Buffers[1].Span)[column.Offset..];
            var bytes = column.Buffers[2].Span;
            for (var i = 0; i < marks.Length; i++)
                marks[i] = marks[i] && Has(bytes[offsets[i]..offsets[i + 1]]);
        }

        ClearNulls(column, marks);
    }

    private bool Has(ReadOnlySpan<byte> row)
    {
        foreach (var value in values)
        {
            if (comparison is Comparison.Equal or Comparison.In ? row.SequenceEqual(value) : IsMet(row.SequenceCompareTo(value)))
                return true;
        }

        return false;
    }

    private bool IsMet(int order) => comparison switch
    {
        Comparison.NotEqual => order != 0,
        Comparison.Less => order < 0,
        Comparison.LessOrEqual => order <= 0,
        Comparison.Greater => order > 0,
        _ => order >= 0,
    };

    private static byte[]? BytesOf(IComparable? bound) => (bound as ValueCodec.ByteString)?.Bytes;

    private static int Compare(byte[]? bound, byte[] value, int unknown) =>
        bound is null ? unknown : bound.AsSpan().SequenceCompareTo(value);
}
