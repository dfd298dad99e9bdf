using System.Buffers.Binary;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>Rows one behind the other, each on a boundary of eight bytes, as they lie in a generation's file.</summary>
internal static class RowRun
{
    /// <summary>Finds the row of a key.</summary>
    /// <param name="run">All rows that it can be.</param>
    /// <param name="keys">Holds the key.</param>
    /// <param name="i">Which one it is.</param>
    /// <param name="layout">Of the rows.</param>
    /// <param name="shelf">Where it is kept.</param>
    /// <returns>Its address; 0 where it is not among them.</returns>
    /// <exception cref="GenerationException">These are no rows.</exception>
    public static nint Find(ReadOnlySpan<byte> run, KeyBatch keys, int i, RowLayout layout, RowShelf shelf)
    {
        while (!run.IsEmpty)
        {
            var length = run.Length < RowLayout.HeaderBytes ? 0 : BinaryPrimitives.ReadInt32LittleEndian(run[HotRow.LengthOffset..]);
            var whole = ((long)length + 7) & ~7;
            if (length < RowLayout.HeaderBytes || whole > run.Length)
                throw new GenerationException("rows that were stored one behind the other are damaged");
            if (BinaryPrimitives.ReadInt64LittleEndian(run[HotRow.KeyOffset..]) == keys.Words[i])
            {
                var row = shelf.Keep(run[..length], layout);
                if (keys.AreNumbers || keys.IsKeyOf(new HotRow(row), layout, i))
                    return row;
            }

            run = run[(int)whole..];
        }

        return 0;
    }
}
