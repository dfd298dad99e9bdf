using System.Runtime.InteropServices;

namespace Catalog.Storage.Columnar;

/// <summary>What the header of a page claims (parquet.thrift, struct PageHeader).</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct PageHeader
{
    public int HeaderBytes;
    public int CompressedBytes;
    public int UncompressedBytes;
    public int Values;

    /// <summary>Of levels before the values, in the second version of data pages; a negative number shows as a very large one.</summary>
    public long LevelBytes;

    public bool IsData;
    public bool IsDictionary;

    public bool IsSecondVersion;

    /// <summary>Of the values, as parquet.thrift numbers encodings; 3 is RLE.</summary>
    public int Encoding;

    /// <exception cref="FooterException">It is none, or longer than the bytes given.</exception>
    public static PageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        var page = new PageHeader();
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            switch (field.Id)
            {
                case 1:
                    var type = reader.Int32(field);
                    (page.IsData, page.IsDictionary, page.IsSecondVersion) = (type is 0 or 3, type == 2, type == 3);
                    break;
                case 2:
                    page.UncompressedBytes = reader.Int32(field);
                    break;
                case 3:
                    page.CompressedBytes = reader.Int32(field);
                    break;
                case 5 or 7 or 8:
                    ReadKind(ref reader, field, ref page);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }

        page.HeaderBytes = reader.Position;
        return page;
    }

    // Data pages of both versions and dictionaries begin alike, with the count of values.
    private static void ReadKind(ref CompactReader reader, CompactField outer, ref PageHeader page)
    {
        reader.Struct(outer);
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            if (field.Id == 1)
                page.Values = reader.Int32(field);
            else if ((outer.Id, field.Id) is (5, 2) or (7, 2) or (8, 4))
                page.Encoding = reader.Int32(field);
            else if (outer.Id == 8 && field.Id is (5 or 6))
                page.LevelBytes += (uint)reader.Int32(field);
            else
                reader.Skip(field);
        }
    }
}
