using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Page headers that claim what cannot be are refused before an engine believes them.</summary>
public sealed class PageWalkTests
{
    private const int Rows = 1_000;
    private const int Bytes = Rows * sizeof(int);

    public static TheoryData<string, byte[]> Wrong => new()
    {
        { "its pages hold more than the footer says", Data(Bytes, Bytes, Rows + 1) },
        { "its pages hold more than the footer says", Data(Bytes, Bytes + 100, Rows) },
        { "it has fewer pages than the footer says", Data(Bytes, Bytes, Rows - 1) },
        { "it has a page of 2147483647 bytes", Data(int.MaxValue, Bytes, Rows) },
        { "it has a page of -1 bytes", Data(-1, Bytes, Rows) },
        { "it has a page of 4000 bytes", Data(Bytes, -1, Rows) },
        { "it has a page that claims what it cannot hold", Data(Bytes, Bytes, -1) },
        {
            "one that claims more than it holds",
            Header(type: 2, Bytes, Bytes, f => f.Struct(7, d => d.Int32(1, int.MaxValue).Int32(2, 0)))
        },
        {
            "it has a page that claims what it cannot hold",
            Header(type: 3, Bytes, Bytes, f => f.Struct(8, d => d.Int32(1, Rows).Int32(5, Bytes + 1)))
        },
        { "claims what it cannot hold", Header(type: 3, Bytes, Bytes, f => f.Struct(8, d => d.Int32(1, Rows).Int32(6, -5))) },
        { "header of a page cannot be read: it holds Int32 where that cannot be", Header(type: 0, Bytes, Bytes, f => f.Int32(5, 1)) },
        { "cannot be read: it holds a number without an end", [0x15, .. Enumerable.Repeat((byte)0xff, 20)] },
        { "cannot be read: it is nested too deeply", [.. Enumerable.Repeat((byte)0x6c, 200)] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task They_are_refused_by_either_engine(string why, byte[] header)
    {
        var file = await PatchedAsync(header);

        foreach (var engine in (IParquetEngine[])[ParquetEngines.Native, ParquetEngines.Managed])
        {
            var refused = await Assert.ThrowsAsync<FileException>(() => Scans.RowsAsync(file, new(), engine));
            Assert.Equal(FileException.NotParquet, refused.Code);
            Assert.StartsWith("'sample' is damaged in row group 0, column 'n': ", refused.Message, StringComparison.Ordinal);
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_sound_header_in_the_same_place_passes() =>
        Assert.Equal(Rows, (await Scans.RowsAsync(await PatchedAsync(Data(Bytes, Bytes, Rows)), new())).Rows.Count);

    private static byte[] Data(int uncompressed, int compressed, int values) =>
        Header(type: 0, uncompressed, compressed, f => f.Struct(5, d => d.Int32(1, values).Int32(2, 0).Int32(3, 3).Int32(4, 3)));

    private static byte[] Header(int type, int uncompressed, int compressed, Action<FooterBuilder> kind)
    {
        var header = new FooterBuilder().Int32(1, type).Int32(2, uncompressed).Int32(3, compressed);
        kind(header);
        return header.Stop();
    }

    /// <summary>A file of one page, behind the header given; room for it is made of the first values.</summary>
    private static async Task<byte[]> PatchedAsync(byte[] header)
    {
        var random = new Random(5);
        var schema = new Schema([new Field("n", Int32Type.Default, nullable: false)], metadata: null);
        var numbers = new Int32Array.Builder().AppendRange(Enumerable.Range(0, Rows).Select(_ => random.Next())).Build();
        var file = await Scans.WriteAsync(new() { Compression = ParquetCompression.None }, new RecordBatch(schema, [numbers], Rows));
        var chunk = (await ParquetFile.OpenAsync(Scans.Source(file), default)).Groups[0].Chunks[0];
        header.CopyTo(file, (int)chunk.At);
        return file;
    }
}
