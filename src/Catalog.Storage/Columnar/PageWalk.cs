using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Walks from page header to page header of a column chunk before an engine decodes it, and refuses what would make one hang or allocate
/// what a header claims: Parquet.Net reads on forever behind the last byte, and both trust the counts of values.
/// </summary>
/// <param name="view">Where the file's bytes are read; moved about.</param>
/// <param name="refuse">Throws where an engine cannot read a page that is sound.</param>
internal sealed class PageWalk(ParquetFile file, Stream view, Action<Leaf, PageHeader>? refuse = null)
{
    /// <summary>Real pages have a megabyte or so; only a single huge value makes a large one.</summary>
    private const int MaxPageBytes = 256 * 1024 * 1024;

    /// <summary>A list column's share of a row group, which no engine can decode in parts.</summary>
    private const long MaxRepeatedValues = 64 * 1024 * 1024;

    private const int UsualHeaderBytes = 512;
    private const int MaxHeaderBytes = 256 * 1024;
    private byte[] _buffer = new byte[UsualHeaderBytes];

    /// <exception cref="FileException"><see cref="FileException.NotParquet"/>, naming row group and column.</exception>
    public void Check(int rowGroup, IEnumerable<int> leaves)
    {
        foreach (var leaf in leaves)
        {
            try
            {
                Check(file.Groups[rowGroup].Chunks[leaf], file.Leaves[leaf]);
            }
            catch (FooterException e)
            {
                throw FileException.Because(
                    FileException.NotParquet, file.Name,
                    $"is damaged in row group {rowGroup}, column '{file.Leaves[leaf].Path}': {e.Message}", e);
            }
            catch (IOException e)
            {
                throw FileException.From(file.Name, e);
            }
        }
    }

    private void Check(in ColumnChunk chunk, Leaf leaf)
    {
        if (!chunk.IsHere)
            throw new FooterException("its pages are in another file, or encrypted");
        if (leaf.IsRepeated && chunk.Values > MaxRepeatedValues)
            throw new FooterException($"it has {chunk.Values} values within lists, and at most {MaxRepeatedValues} are read");

        var (at, end, values) = (chunk.At, chunk.At + chunk.CompressedBytes, 0L);
        for (var pages = 0; values < chunk.Values; pages++)
        {
            var page = ReadHeader(at, end);
            Check(page, isFirst: pages == 0);
            refuse?.Invoke(leaf, page);
            at += page.HeaderBytes + page.CompressedBytes;
            values += page.IsData ? page.Values : 0;
            if (at > end || values > chunk.Values)
                throw new FooterException("its pages hold more than the footer says");
        }
    }

    private static void Check(PageHeader page, bool isFirst)
    {
        if (page.CompressedBytes < 0 || page.UncompressedBytes is < 0 or > MaxPageBytes)
            throw new FooterException($"it has a page of {page.UncompressedBytes} bytes; at most {MaxPageBytes} are read");
        if (page.Values < 0 || page.LevelBytes > page.CompressedBytes)
            throw new FooterException("it has a page that claims what it cannot hold");
        if (page.IsDictionary && (!isFirst || page.Values > page.UncompressedBytes))
            throw new FooterException("it has a dictionary where none can be, or one that claims more than it holds");
    }

    private PageHeader ReadHeader(long at, long end)
    {
        for (var size = UsualHeaderBytes; ; size = MaxHeaderBytes)
        {
            var bytes = Read(at, (int)Math.Min(size, end - at));
            try
            {
                return PageHeader.Read(bytes);
            }
            catch (FooterException) when (size < MaxHeaderBytes && bytes.Length == size)
            {
                // Statistics can make a header long.
            }
            catch (FooterException e)
            {
                var why = e.Message.Replace("its footer", "it", StringComparison.Ordinal);
                throw new FooterException($"the header of a page cannot be read: {why}");
            }
        }
    }

    private ReadOnlySpan<byte> Read(long at, int count)
    {
        if (count <= 0)
            throw new FooterException("it has fewer pages than the footer says");
        if (_buffer.Length < count)
            _buffer = new byte[count];

        view.Position = at;
        view.ReadExactly(_buffer.AsSpan(0, count));
        return _buffer.AsSpan(0, count);
    }
}
