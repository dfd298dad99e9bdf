using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>The values of a column that is aggregated, as bits: of whole numbers, or of doubles where it has fractions.</summary>
/// <param name="place">In the batches that are read.</param>
/// <param name="number">Among the columns that are aggregated.</param>
internal sealed class AggregatedColumn(int place, int number)
{
    private long[] _bits = [];
    private bool[] _isThere = [];

    public int Number { get; } = number;

    public ReadOnlySpan<long> Bits => _bits;

    public ReadOnlySpan<bool> IsThere => _isThere;

    public void Read(RecordBatch batch)
    {
        var data = batch.Column(place).Data;
        if (_bits.Length < data.Length)
            (_bits, _isThere) = (new long[data.Length], new bool[data.Length]);
        for (var i = 0; i < data.Length; i++)
            _isThere[i] = !Longs.IsNull(data, i);
        switch (data.DataType)
        {
            case DoubleType: Floats<double>(data, v => v); break;
            case FloatType: Floats<float>(data, v => v); break;
            case HalfFloatType: Floats<Half>(data, v => (double)v); break;
            case var type when Longs.Has(type): Longs.Read(data, _bits.AsSpan(0, data.Length)); break;
            default: _bits.AsSpan(0, data.Length).Clear(); break;
        }
    }

    // Adding 0 makes a positive zero of a negative one, and one NaN stands for all: equal values are equal bits.
    private void Floats<T>(ArrayData data, Func<T, double> widen)
        where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(data.Buffers[1].Span).Slice(data.Offset, data.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var value = widen(values[i]) + 0.0;
            _bits[i] = BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value);
        }
    }
}
