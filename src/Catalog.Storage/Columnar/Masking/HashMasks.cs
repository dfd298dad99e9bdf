using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>The hash of each text, in hexadecimal digits, or of bytes, as bytes.</summary>
internal sealed class HashMask(KeyedHashes hashes) : ArrayMask
{
    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var ends = Ends(rows);
        var bytes = rows.Data.Buffers[2].Span;
        var into = GC.AllocateUninitializedArray<byte>(checked((rows.Rows - validity.Nulls) * hashes.Width));
        var room = Room<int>(ends.Length);
        var intoEnds = MemoryMarshal.Cast<byte, int>(room.AsSpan());
        var hash = hashes.Rent();
        var at = 0;
        intoEnds[0] = 0;
        for (var i = 0; i < rows.Rows; i++)
        {
            if (!validity.IsNull(i))
            {
                hash.Put(bytes[ends[i]..ends[i + 1]], into, at);
                at += hashes.Width;
            }

            intoEnds[i + 1] = at;
        }

        hash.End(into);
        hashes.Return(hash);
        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room), new(into)]);
    }
}

/// <summary>As many bytes of the hash as a value has: of whole numbers of 64 bits as they lie in memory, and of UUIDs.</summary>
internal sealed class FixedHashMask(KeyedHashes hashes) : ArrayMask
{
    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var (validity, width) = (new RowValidity(rows), hashes.Width);
        var values = rows.Data.Buffers[1].Span.Slice(rows.At * width, rows.Rows * width);
        var into = new byte[values.Length];
        var hash = hashes.Rent();
        for (var i = 0; i < rows.Rows; i++)
        {
            if (!validity.IsNull(i))
                hash.Put(values.Slice(i * width, width), into, i * width);
        }

        hash.End(into);
        hashes.Return(hash);
        return new(rows.Data.DataType, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(into)]);
    }
}
