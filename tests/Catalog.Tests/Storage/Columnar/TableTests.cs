using System.Globalization;
using Catalog.Integrity;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Parquet;
using Parquet.Schema;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

public sealed class TableTests
{
    private static readonly Table Sample = new(
        TableColumn.Of("at", (DateTime[])[new(2001, 1, 2, 3, 4, 5, 6), new(1969, 12, 31, 23, 59, 0)]),
        TableColumn.Of("n", (int[])[-1, int.MaxValue]),
        TableColumn.Of("big", (long[])[long.MinValue, 7]),
        TableColumn.Of("share", (double[])[0.1, -0.0]),
        TableColumn.Of("name", (string[])["", "Zürich 🛫"]));

    [Fact]
    public async Task What_is_written_is_read_back()
    {
        var read = await TableReader.ReadAsync(await WriteAsync(Sample), "sample", default);

        Assert.Equal(["at", "n", "big", "share", "name"], read.Columns.Select(c => c.Name));
        Assert.Equal(Sample.Column<DateTime>("at"), read.Column<DateTime>("at"));
        Assert.Equal(Sample.Column<int>("n"), read.Column<int>("n"));
        Assert.Equal(Sample.Column<long>("big"), read.Column<long>("big"));
        Assert.Equal(Sample.Column<double>("share"), read.Column<double>("share"));
        Assert.Equal(Sample.Column<string>("name"), read.Column<string>("name"));
        Assert.Equal(2, read.Rows);
    }

    [Fact]
    public async Task Only_the_columns_asked_for_are_read()
    {
        var read = await TableReader.ReadAsync(await WriteAsync(Sample), "sample", default, "name", "n");

        Assert.Equal(["name", "n"], read.Columns.Select(c => c.Name));
    }

    [Fact]
    public async Task A_local_time_is_written_as_it_reads()
    {
        var noon = new DateTime(2001, 7, 1, 12, 0, 0, DateTimeKind.Local);
        var file = await WriteAsync(new Table(TableColumn.Of("at", (DateTime[])[noon])));

        Assert.Equal("2001-07-01T12:00:00.000", (await ParquetFooter.ReadAsync(file, "sample", default)).Statistics["at"].Min);
        var read = Assert.Single((await TableReader.ReadAsync(file, "sample", default)).Column<DateTime>("at"));
        Assert.Equal((noon.Ticks, DateTimeKind.Unspecified), (read.Ticks, read.Kind));
    }

    [Fact]
    public async Task The_same_table_makes_the_same_bytes_with_statistics()
    {
        var file = await WriteAsync(Sample);
        var footer = await ParquetFooter.ReadAsync(file, "sample", default);

        Assert.Equal(file.ToArray(), (await WriteAsync(Sample)).ToArray());
        Assert.Equal((2L, 1), (footer.Rows, footer.RowGroups));
        Assert.All(footer.Schema.Columns, c => Assert.False(c.Nullable));
        Assert.Equal(["timestamp(ms)", "int32", "int64", "float64", "string"], footer.Schema.Columns.Select(c => c.Type));
        Assert.Equal(new ColumnStatistics("-1", int.MaxValue.ToString(CultureInfo.InvariantCulture), 0), footer.Statistics["n"]);
        Assert.Equal(0, footer.Statistics["name"].Nulls);
    }

    [Fact]
    public async Task Several_row_groups_and_optional_columns_are_one_table()
    {
        var file = await WriteOptionalAsync([1, 2], [3]);

        Assert.Equal([1, 2, 3], (await TableReader.ReadAsync(file, "sample", default)).Column<int>("maybe"));
    }

    [Fact]
    public async Task Nulls_are_refused()
    {
        var file = await WriteOptionalAsync([1, null]);

        var refused = await Assert.ThrowsAsync<FileException>(() => TableReader.ReadAsync(file, "sample", default));
        Assert.Equal((FileException.NotParquet, "'sample' has nulls in column 'maybe'."), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task What_a_table_cannot_hold_is_refused()
    {
        var file = new MemoryStream(await ParquetFiles.WriteManyTypesAsync());

        Assert.Equal(200, (await TableReader.ReadAsync(file, "sample", default, "i32", "f64")).Rows);
        foreach (var column in (string[])["flag", "price", "tags", "person", "no such"])
        {
            var refused = await Assert.ThrowsAsync<FileException>(() => TableReader.ReadAsync(file, "sample", default, column));
            Assert.Equal(FileException.NotParquet, refused.Code);
            Assert.Contains(column, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Damaged_bytes_are_refused_in_our_own_words()
    {
        var whole = (await WriteAsync(Sample)).ToArray();
        var pages = whole.ToArray();
        pages.AsSpan(4, 200).Fill(0xff);

        await Assert.ThrowsAsync<FileException>(() => TableReader.ReadAsync(new MemoryStream(whole[..^9]), "sample", default));
        await Assert.ThrowsAsync<FileException>(() => TableReader.ReadAsync(new MemoryStream(pages), "sample", default));
    }

    [Fact]
    public void A_table_has_columns_of_one_length_and_different_names()
    {
        Assert.Throws<ArgumentException>(() => new Table());
        Assert.Throws<ArgumentException>(() => new Table(TableColumn.Of("a", (int[])[1]), TableColumn.Of("b", (int[])[1, 2])));
        Assert.Throws<ArgumentException>(() => new Table(TableColumn.Of("a", (int[])[1]), TableColumn.Of("a", (int[])[2])));
        Assert.Throws<ArgumentException>(() => Sample.Column<int>("no such"));
        Assert.Throws<ArgumentException>(() => Sample.Column<long>("n"));
    }

    [Fact]
    public async Task A_type_that_is_not_written_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(new Table(TableColumn.Of("flag", (bool[])[true]))));

    private static async Task<MemoryStream> WriteAsync(Table table)
    {
        var file = new MemoryStream();
        await TableWriter.WriteAsync(table, file, default);
        return file;
    }

    private static async Task<MemoryStream> WriteOptionalAsync(params int?[][] groups)
    {
        var file = new MemoryStream();
        var schema = new ParquetSchema(new DataField<int>("maybe", nullable: true));
        await using (var writer = await ParquetWriter.CreateAsync(schema, file))
        {
            foreach (var values in groups)
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync<int>(schema.DataFields[0], values.AsMemory());
                group.CompleteValidate();
            }
        }

        return file;
    }
}
