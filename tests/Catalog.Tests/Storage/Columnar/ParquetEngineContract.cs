using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>What every engine promises: the same values and types of the same file.</summary>
public abstract class ParquetEngineContract(IParquetEngine engine)
{
    protected IParquetEngine Engine { get; } = engine;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    public async Task Every_type_reads_back_as_it_was_written(int rows)
    {
        var batch = new RandomArrays(rows).Batch(RandomArrays.EveryType, rows);
        var expected = ArrowText.Rows(batch);
        var file = await Scans.WriteAsync(new() { RowGroupRows = 300 }, batch);

        var (schema, read, _) = await Scans.RowsAsync(file, new(), Engine);

        Assert.Equal(ArrowText.Schema(RandomArrays.EveryType), ArrowText.Schema(schema));
        Assert.Equal(expected, read);
    }

    [Theory]
    [InlineData(ParquetCompression.Zstd)]
    [InlineData(ParquetCompression.Snappy)]
    [InlineData(ParquetCompression.None)]
    public async Task Every_compression_reads_back(ParquetCompression compression)
    {
        var batch = new RandomArrays(7).Batch(RandomArrays.EveryType, 200);
        var expected = ArrowText.Rows(batch);

        var file = await Scans.WriteAsync(new() { Compression = compression }, batch);

        Assert.Equal(expected, (await Scans.RowsAsync(file, new(), Engine)).Rows);
    }

    [Fact]
    public async Task Columns_come_in_the_order_asked_for()
    {
        var batch = new RandomArrays(3).Batch(RandomArrays.EveryType, 50);
        string[] wanted = ["nested_4", "required_3_int32", "nothing", "nested_0"];
        string[] expected = [.. Enumerable.Range(0, 50).Select(i => string.Join(" | ", wanted.Select(w => ArrowText.Column(batch, w)[i])))];
        var file = await Scans.WriteAsync(new(), batch);

        var (schema, rows, _) = await Scans.RowsAsync(file, new() { Columns = wanted }, Engine);

        Assert.Equal(wanted, schema.FieldsList.Select(f => f.Name));
        Assert.Equal(expected, rows);
    }

    [Fact]
    public async Task Batches_have_the_rows_asked_for_and_do_not_reach_across_row_groups()
    {
        var batch = new RandomArrays(3).Batch(RandomArrays.EveryType, 1_000);
        var file = await Scans.WriteAsync(new() { RowGroupRows = 400 }, batch);
        var scan = await ColumnScan.OpenAsync([Scans.Source(file)], new() { BatchRows = 150 }, default, Engine);

        List<int> lengths = [];
        await foreach (var read in scan.ReadAsync())
        {
            using (read)
                lengths.Add(read.Length);
        }

        Assert.Equal([150, 150, 100, 150, 150, 100, 150, 50], lengths);
    }

    [Fact]
    public async Task Files_of_another_writer_read_as_their_schema_says()
    {
        var (schema, rows, _) = await Scans.RowsAsync(await ParquetFiles.WriteManyTypesAsync(), new(), Engine);
        var (_, expected, _) = await Scans.RowsAsync(await ParquetFiles.WriteManyTypesAsync(), new(), ParquetEngines.Native);

        Assert.Equal(200, rows.Count);
        Assert.Equal(expected, rows);
        Assert.Contains("\nimpala: timestamp Nanosecond \n", ArrowText.Schema(schema), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_Parquet_are_refused_before_the_engine_sees_them()
    {
        var refused = await Assert.ThrowsAsync<FileException>(() => Scans.RowsAsync([.. "PAR1, or so it says. PAR1"u8], new(), Engine));

        Assert.Equal(FileException.NotParquet, refused.Code);
    }

    [Fact]
    public async Task What_reading_the_file_meets_is_told_as_it_is_wherever_it_is_met()
    {
        var file = await Scans.WriteAsync(new() { RowGroupRows = 100 }, new RandomArrays(5).Batch(RandomArrays.EveryType, 300));
        var failed = 0;
        for (var sound = 0; ; sound += 3)
        {
            var reads = new FarFile.Reads(sound);
            var source = ParquetSource.Of("far", () => new FarFile(file, reads));
            if (await Record.ExceptionAsync(() => Scans.RowsAsync([source], new() { Parallelism = 1 }, Engine)) is not { } met)
                break;

            Assert.Equal(ObjectStoreError.Unavailable, Assert.IsType<ObjectStoreException>(met).Error);
            failed++;
        }

        Assert.True(failed > 5, $"{failed} places");
    }

    [Fact]
    public async Task What_a_writer_notes_beside_the_schema_changes_no_type()
    {
        // Arrow C++ writes what it was given under ARROW:schema, and reads large text and dictionaries back where it finds it.
        var names = new DictionaryArray(
            new DictionaryType(Int32Type.Default, StringType.Default, ordered: false),
            new Int32Array.Builder().AppendRange([0, 1, 0]).Build(),
            new StringArray.Builder().AppendRange(["a", "b"]).Build());
        var schema = new Schema([new Field("name", names.Data.DataType, nullable: false)], metadata: null);
        using var file = new MemoryStream();
        using (var arrow = new ParquetSharp.Arrow.ArrowWriterPropertiesBuilder().StoreSchema().Build())
        using (var writer = new ParquetSharp.Arrow.FileWriter(file, schema, arrowProperties: arrow, leaveOpen: true))
        {
            writer.WriteRecordBatch(new(schema, [names], 3));
            writer.Close();
        }

        var (read, rows, _) = await Scans.RowsAsync(file.ToArray(), new(), Engine);

        Assert.Equal(ArrowTypeId.String, read.GetFieldByIndex(0).DataType.TypeId);
        Assert.Equal(["a", "b", "a"], rows);
    }
}

/// <summary>Arrow C++.</summary>
public sealed class NativeParquetEngineTests() : ParquetEngineContract(ParquetEngines.Native);
