using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>A mask, made ready for the type of a column. Used by several threads at once.</summary>
internal abstract class ArrayMask
{
    /// <summary>Whether a row that has a value may have none any more.</summary>
    public abstract bool MakesNulls { get; }

    /// <summary>Rows as they are shown, in memory of their own.</summary>
    public abstract ArrayData Of(ArrayRange rows);

    /// <summary>Where each row begins, and the last one ends, in the bytes of a text or binary column.</summary>
    protected static ReadOnlySpan<int> Ends(ArrayRange rows) =>
        rows.Rows == 0 ? [0] : MemoryMarshal.Cast<byte, int>(rows.Data.Buffers[1].Span).Slice(rows.At, rows.Rows + 1);

    protected static ReadOnlySpan<T> Values<T>(ArrayRange rows)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(rows.Data.Buffers[1].Span).Slice(rows.At, rows.Rows);

    /// <summary>Memory for so many values, in which anything may stand.</summary>
    protected static byte[] Room<T>(int values)
        where T : unmanaged => GC.AllocateUninitializedArray<byte>(checked(values * System.Runtime.CompilerServices.Unsafe.SizeOf<T>()));
}
