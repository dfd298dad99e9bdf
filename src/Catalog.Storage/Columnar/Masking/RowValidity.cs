using Apache.Arrow;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>Which rows are null: those that were, and those that a mask has no value for.</summary>
internal sealed class RowValidity
{
    private readonly int _rows;
    private byte[]? _bits;

    public RowValidity(ArrayRange rows)
    {
        _rows = rows.Rows;
        var from = rows.Data.Buffers[0].Span;
        if (from.IsEmpty || _rows == 0 || rows.Data.GetNullCount() == 0)
            return;

        var bits = Copy(from, rows.At, _rows);
        Nulls = _rows - BitUtility.CountBits(bits, 0, _rows);
        _bits = Nulls == 0 ? null : bits;
    }

    public int Nulls { get; private set; }

    /// <summary>As Arrow has it: nothing where no row is null.</summary>
    public ArrowBuffer Buffer => _bits is { } bits ? new(bits) : ArrowBuffer.Empty;

    public bool IsNull(int row) => _bits is { } bits && !BitUtility.GetBit(bits, row);

    public void SetNull(int row)
    {
        if (IsNull(row))
            return;
        if (_bits is null)
        {
            _bits = new byte[BitUtility.ByteCount(_rows)];
            _bits.AsSpan().Fill(byte.MaxValue);
        }

        BitUtility.ClearBit(_bits, row);
        Nulls++;
    }

    private static byte[] Copy(ReadOnlySpan<byte> from, int at, int rows)
    {
        var bits = new byte[BitUtility.ByteCount(rows)];
        var (first, shift) = (at >> 3, at & 7);
        if (shift == 0)
        {
            from.Slice(first, bits.Length).CopyTo(bits);
            return bits;
        }

        for (var i = 0; i < bits.Length; i++)
        {
            var next = first + i + 1 < from.Length ? from[first + i + 1] : 0;
            bits[i] = (byte)((from[first + i] >> shift) | (next << (8 - shift)));
        }

        return bits;
    }
}
