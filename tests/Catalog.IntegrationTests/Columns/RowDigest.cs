using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.IntegrationTests.Columns;

/// <summary>What rows hold, as one hash for each column: the same for the same values, wherever batches end. Of flat columns.</summary>
internal sealed class RowDigest : IDisposable
{
    private readonly List<IncrementalHash> _hashes = [];
    private long _rows;

    /// <summary>How many rows there are, and the hash of every column; each batch is disposed.</summary>
    public static async Task<string> OfAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        using var digest = new RowDigest();
        await foreach (var batch in batches)
        {
            using (batch)
                digest.Add(batch);
        }

        return $"{digest._rows} rows: {string.Join(' ', digest._hashes.Select(h => Convert.ToHexStringLower(h.GetCurrentHash())))}";
    }

    public void Dispose()
    {
        foreach (var hash in _hashes)
            hash.Dispose();
    }

    private void Add(RecordBatch batch)
    {
        while (_hashes.Count < batch.ColumnCount)
            _hashes.Add(IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
        for (var column = 0; column < batch.ColumnCount; column++)
            _hashes[column].AppendData(Values(batch.Column(column).Data));
        _rows += batch.Length;
    }

    /// <summary>Each value with a mark before it, 1 for null, and of a text its length.</summary>
    private static byte[] Values(ArrayData data)
    {
        using var values = new MemoryStream(data.Length * 9);
        for (var row = data.Offset; row < data.Offset + data.Length; row++)
        {
            var isNull = !data.Buffers[0].IsEmpty && !BitUtility.GetBit(data.Buffers[0].Span, row);
            values.WriteByte(isNull ? (byte)1 : (byte)0);
            if (!isNull)
                Write(values, data, row);
        }

        return values.ToArray();
    }

    private static void Write(MemoryStream values, ArrayData data, int row)
    {
        if (data.DataType is FixedWidthType { BitWidth: var bits and >= 8 })
        {
            values.Write(data.Buffers[1].Span.Slice(row * bits / 8, bits / 8));
            return;
        }

        var offsets = MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span);
        var text = data.Buffers[2].Span[offsets[row]..offsets[row + 1]];
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        values.Write(length);
        values.Write(text);
    }
}
