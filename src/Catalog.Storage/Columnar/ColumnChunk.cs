using System.Runtime.InteropServices;

namespace Catalog.Storage.Columnar;

/// <summary>One column of one row group, as the footer describes it; the values are not read.</summary>
/// <param name="Values">Entries, nulls among them; of a column within lists more or fewer than rows.</param>
/// <param name="At">Where in the file its first page begins.</param>
/// <param name="IsHere">False where the pages are said to be in another file, or are encrypted.</param>
/// <param name="Min">The least value, or something less; null where it is not known. As <see cref="ValueCodec"/> reads it.</param>
/// <param name="Max">The greatest value, or something greater; null where it is not known.</param>
/// <param name="Nulls">Null where it is not known.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ColumnChunk(
    long Values, long At, long CompressedBytes, long UncompressedBytes, bool IsHere, IComparable? Min, IComparable? Max, long? Nulls);

/// <summary>A row group: its rows, and its column chunks in the order of the schema's leaves.</summary>
internal sealed record RowGroupLayout(long Rows, IReadOnlyList<ColumnChunk> Chunks);
