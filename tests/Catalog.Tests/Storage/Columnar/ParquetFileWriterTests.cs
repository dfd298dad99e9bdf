using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Integrity;
using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

public sealed class ParquetFileWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_same_rows_make_the_same_bytes_wherever_batches_end()
    {
        var options = new ParquetWriteOptions { RowGroupRows = 300 };

        var whole = await Scans.WriteAsync(options, Sample());
        var again = await Scans.WriteAsync(options, Sample());
        var inParts = await Scans.WriteAsync(options, [.. Parts(Sample(), 1, 299, 7, 400, 293)]);

        Assert.Equal(whole, again);
        Assert.Equal(whole, inParts);
    }

    [Fact]
    public async Task Engine_and_options_are_noted_in_the_file()
    {
        var file = await Scans.WriteAsync(new() { SortBy = ["required_3_int32"], Compression = ParquetCompression.Snappy }, Sample());

        using var reader = new ParquetSharp.ParquetFileReader(new MemoryStream(file));
        Assert.Equal(ParquetEngines.Native.Name, reader.FileMetaData.KeyValueMetadata[ParquetFileWriter.WriterKey]);
        Assert.Matches(@"^ParquetSharp \d+\.\d+\.\d+", ParquetEngines.Native.Name);
        Assert.Equal(
            "compression=Snappy;row_group_rows=122880;row_group_bytes=67108864;sort_by=required_3_int32",
            reader.FileMetaData.KeyValueMetadata[ParquetFileWriter.OptionsKey]);
    }

    [Fact]
    public async Task Row_groups_are_cut_by_rows_and_by_bytes()
    {
        Assert.Equal([300, 300, 300, 100], await GroupsAsync(new() { RowGroupRows = 300 }));
        Assert.Equal([1_000], await GroupsAsync(new()));

        // Two numbers of 8 bytes.
        Assert.Equal([400, 400, 200], await GroupsAsync(new() { RowGroupBytes = 6_400 }));
        Assert.Equal(1_000, (await GroupsAsync(new() { RowGroupBytes = 1 })).Count);

        async Task<IReadOnlyList<long>> GroupsAsync(ParquetWriteOptions options)
        {
            var schema = new Schema([new("a", Int64Type.Default, false), new("b", DoubleType.Default, false)], metadata: null);
            var file = await ParquetFile.OpenAsync(
                Scans.Source(await Scans.WriteAsync(options, new RandomArrays(1).Batch(schema, 1_000))), default);
            return [.. file.Groups.Select(g => g.Rows)];
        }
    }

    [Fact]
    public async Task Rows_are_sorted_nulls_last_and_equal_ones_as_they_came()
    {
        var schema = new Schema(
            [new("key", DoubleType.Default, true), new("then", StringType.Default, true), new("n", Int32Type.Default, false)],
            metadata: null);
        var batch = new RecordBatch(
            schema,
            [
                Values.Array(DoubleType.Default, [2.0, null, double.NaN, -1.0, 2.0, 2.0, double.NegativeInfinity]),
                Values.Array(StringType.Default, ["b", "x", "x", "x", null, "a", "x"]),
                Values.Array(Int32Type.Default, [0, 1, 2, 3, 4, 5, 6]),
            ],
            7);

        var file = await Scans.WriteAsync(new() { SortBy = ["key", "then"] }, [.. Parts(batch, 3, 4)]);

        Assert.Equal(
            [6, 3, 5, 0, 4, 2, 1],
            (await Scans.RowsAsync(file, new() { Columns = ["n"] })).Rows.Select(r => Convert.ToInt32(r[..2], 16)));
    }

    [Theory]
    [MemberData(nameof(SortColumns))]
    public async Task Every_type_that_has_an_order_is_sorted_by(string column)
    {
        var expected = ArrowText.Column(Sample(), column).Order(StringComparer.Ordinal);

        var file = await Scans.WriteAsync(new() { SortBy = [column], RowGroupRows = 100 }, Sample());

        var rows = (await Scans.RowsAsync(file, new() { Columns = [column] })).Rows;
        Assert.Equal(expected, rows.Order(StringComparer.Ordinal));
        Assert.Equal(rows.SkipWhile(r => r != "null"), rows.Where(r => r == "null"));
        Assert.True((await ParquetFile.OpenAsync(Scans.Source(file), default)).RowGroups == 10);
    }

    public static TheoryData<string> SortColumns =>
        [.. RandomArrays.EveryType.FieldsList.Select(f => f.Name).Where(n => n.StartsWith("optional", StringComparison.Ordinal))];

    [Fact]
    public async Task Columns_that_repeat_get_a_dictionary_and_others_none()
    {
        var random = new Random(3);
        var schema = new Schema([new("few", StringType.Default, false), new("many", DoubleType.Default, false)], metadata: null);
        var batch = new RecordBatch(
            schema,
            [
                Values.Array(StringType.Default, [.. Enumerable.Range(0, 5_000).Select(i => $"name {i % 9}")]),
                Values.Array(DoubleType.Default, [.. Enumerable.Range(0, 5_000).Select(_ => (object)random.NextDouble())]),
            ],
            5_000);

        using var reader = new ParquetSharp.ParquetFileReader(new MemoryStream(await Scans.WriteAsync(new(), batch)));
        using var group = reader.RowGroup(0);
        Assert.Contains(ParquetSharp.Encoding.RleDictionary, group.MetaData.GetColumnChunkMetaData(0).Encodings);
        Assert.DoesNotContain(ParquetSharp.Encoding.RleDictionary, group.MetaData.GetColumnChunkMetaData(1).Encodings);
    }

    [Fact]
    public async Task Statistics_are_those_of_the_values()
    {
        var file = await ColumnScanTests.NumbersAsync(5, 300, groupRows: 100);
        var footer = await ParquetFooter.ReadAsync(new MemoryStream(file), "sample", default);

        Assert.Equal(new ColumnStatistics("5", "304", 0), footer.Statistics["id"]);
        Assert.Equal(new ColumnStatistics("name-0005", "name-0304", 3), footer.Statistics["name"]);
    }

    [Fact]
    public async Task A_file_is_there_whole_or_not_at_all()
    {
        var path = _folder.Join("sample.parquet");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => ParquetFileWriter.WriteAsync(path, RandomArrays.EveryType, FailingAsync(), new() { RowGroupRows = 100 }, default));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));

        var written = await ParquetFileWriter.WriteAsync(
            path, RandomArrays.EveryType, Parts(Sample(), 500, 500).ToAsyncEnumerable(), new() { RowGroupRows = 100 }, default);

        Assert.Equal(new WrittenParquet(1_000, 10, new FileInfo(path).Length), written);
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Equal(ArrowText.Rows(Sample()), (await Scans.RowsAsync([ParquetSource.File(path)], new())).Rows);

        static async IAsyncEnumerable<RecordBatch> FailingAsync()
        {
            yield return Sample();
            await Task.Yield();
            throw new InvalidOperationException("The source broke.");
        }
    }

    [Fact]
    public async Task What_Parquet_does_not_keep_is_refused()
    {
        await RefusedAsync("'span' is of the type duration", new Field("span", DurationType.Second, true));
        await RefusedAsync("'at' is of the type timestamp", new Field("at", new TimestampType(TimeUnit.Second, "UTC"), true));
        var dates = new ListType(new Field("element", Date64Type.Default, nullable: true));
        await RefusedAsync("'all.element' is of the type", new Field("all", dates, true));
        await RefusedAsync("two columns 'a'", new Field("a", Int32Type.Default, true), new Field("a", Int32Type.Default, true));
        await RefusedAsync("needs a column");

        static async Task RefusedAsync(string why, params Field[] fields)
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => ParquetFileWriter.WriteAsync(
                new MemoryStream(), new Schema(fields, metadata: null), AsyncEnumerable.Empty<RecordBatch>(), new(), default));
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nowhere", "There is no column 'nowhere' to sort by")]
    [InlineData("nested_0", "The column 'nested_0' is nested")]
    public async Task There_has_to_be_an_order_to_sort_by(string column, string why)
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Scans.WriteAsync(new() { SortBy = [column] }, Sample()));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static RecordBatch Sample() => new RandomArrays(9).Batch(RandomArrays.EveryType, 1_000);

    private static IEnumerable<RecordBatch> Parts(RecordBatch whole, params int[] lengths)
    {
        var at = 0;
        foreach (var length in lengths)
        {
            yield return whole.SliceShared(at, length);
            at += length;
        }

        Assert.Equal(whole.Length, at);
    }
}
