using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>The hash of each text, in hexadecimal digits, or of bytes, as bytes.</summary>
internal sealed class HashMask(KeyedHashes hashes, bool inDigits) : ArrayMask
{
    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var ends = Ends(rows);
        var bytes = rows.Data.Buffers[2].Span;
        var width = inDigits ? KeyedHash.Bytes * 2 : KeyedHash.Bytes;
        var into = GC.AllocateUninitializedArray<byte>(checked((rows.Rows - validity.Nulls) * width));
        var room = Room<int>(ends.Length);
        var intoEnds = MemoryMarshal.Cast<byte, int>(room.AsSpan());
        var hash = hashes.Rent();
        var at = 0;
        intoEnds[0] = 0;
        for (var i = 0; i < rows.Rows; i++)
        {
            if (!validity.IsNull(i))
            {
                Write(hash.Of(bytes[ends[i]..ends[i + 1]]), into.AsSpan(at, width));
                at += width;
            }

            intoEnds[i + 1] = at;
        }

        hashes.Return(hash);
        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room), new(into)]);
    }

    private void Write(ReadOnlySpan<byte> hash, Span<byte> into)
    {
        if (inDigits)
            Convert.TryToHexStringLower(hash, into, out _);
        else
            hash.CopyTo(into);
    }
}

/// <summary>As many bytes of the hash as a value has: of whole numbers of 64 bits as they lie in memory, and of UUIDs.</summary>
internal sealed class FixedHashMask(KeyedHashes hashes, int width) : ArrayMask
{
    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var values = rows.Data.Buffers[1].Span.Slice(rows.At * width, rows.Rows * width);
        var into = new byte[values.Length];
        var hash = hashes.Rent();
        for (var i = 0; i < rows.Rows; i++)
        {
            if (!validity.IsNull(i))
                hash.Of(values.Slice(i * width, width))[..width].CopyTo(into.AsSpan(i * width));
        }

        hashes.Return(hash);
        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(into)]);
    }
}
