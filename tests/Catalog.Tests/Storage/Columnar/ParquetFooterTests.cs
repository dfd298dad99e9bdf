using Catalog.Integrity;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Parquet;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

public sealed class ParquetFooterTests
{
    [Fact]
    public async Task Many_types_have_their_schema()
    {
        var footer = await ReadAsync(await ParquetFiles.WriteManyTypesAsync());

        Assert.Equal((200, 2), (footer.Rows, footer.RowGroups));
        Assert.StartsWith("Parquet.Net", footer.CreatedBy, StringComparison.Ordinal);
        Assert.Equal(
            [
                new("flag", "bool", Nullable: false), new("i8", "int8", Nullable: false), new("i16", "int16", Nullable: false),
                new("i32", "int32", Nullable: false), new("i64", "int64", Nullable: false), new("u8", "uint8", Nullable: false),
                new("u16", "uint16", Nullable: false), new("u32", "uint32", Nullable: false), new("u64", "uint64", Nullable: false),
                new("f32", "float32", Nullable: false), new("f64", "float64", Nullable: false),
                new("price", "decimal(18,4)", Nullable: false),
                new("name", "string", Nullable: true), new("raw", "binary", Nullable: false), new("id", "uuid", Nullable: false),
                new("day", "date", Nullable: false), new("at_ms", "timestamp(ms,UTC)", Nullable: false),
                new("at_us", "timestamp(us,UTC)", Nullable: false),
                new("local_ns", "timestamp(ns)", Nullable: false), new("impala", "timestamp(ns)", Nullable: false),
                new("clock", "time(us)", Nullable: false), new("maybe", "int32", Nullable: true),
                new("person", "struct", Nullable: true, [new("age", "int32", Nullable: false),
                    new("home", "struct", Nullable: true, [new("city", "string", Nullable: false)])]),
                new("tags", "list", Nullable: true, [new("element", "int32", Nullable: false)]),
            ],
            footer.Schema.Columns);
    }

    [Theory]
    [InlineData("i8", "-100", "99", 0L)]
    [InlineData("i16", "-1000", "-801", 0L)]
    [InlineData("i32", "-1393", "0", 0L)]
    [InlineData("i64", "0", "1990000000000", 0L)]
    [InlineData("u8", "50", "249", 0L)]
    [InlineData("u16", "65336", "65535", 0L)]
    [InlineData("u32", "314967295", "4294967295", 0L)]
    [InlineData("u64", "18446744073709551416", "18446744073709551615", 0L)]
    [InlineData("f32", "-6.25", "18.625", 0L)]
    [InlineData("f64", "0", "19.900000000000002", 0L)]
    [InlineData("price", "-125.0000", "123.7500", 0L)]
    [InlineData("name", "näme 001", "näme 199", 20L)]
    [InlineData("day", "1960-01-01", "1960-07-18", 0L)]
    [InlineData("at_ms", "2023-12-31T23:59:59.801Z", "2024-01-01T00:00:00.000Z", 0L)]
    [InlineData("clock", "00:00:00.000000", "00:03:19.000199", 0L)]
    [InlineData("maybe", "0", "99", 100L)]
    [InlineData("person.age", "0", "199", 0L)]
    [InlineData("person.home.city", "city 000", "city 199", 0L)]
    public async Task Statistics_are_merged_over_row_groups(string column, string min, string max, long nulls)
    {
        var footer = await ReadAsync(await ParquetFiles.WriteManyTypesAsync());

        Assert.Equal(new ColumnStatistics(min, max, nulls), footer.Statistics.GetValueOrDefault(column));
    }

    [Fact]
    public async Task Columns_without_trustworthy_bounds_have_no_bounds_and_those_in_lists_no_statistics()
    {
        var footer = await ReadAsync(await ParquetFiles.WriteManyTypesAsync());

        // Of these, Parquet.Net writes bounds that are wrong.
        foreach (var column in (string[])["impala", "at_us", "local_ns", "id"])
            Assert.Equal(
                (null, null), (footer.Statistics.GetValueOrDefault(column)?.Min, footer.Statistics.GetValueOrDefault(column)?.Max));
        Assert.DoesNotContain(footer.Statistics.Keys, c => c.StartsWith("tags", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_object_is_read_like_a_file()
    {
        using var folder = new TempFolder();
        var bytes = await ParquetFiles.WriteManyTypesAsync();
        var store = LocalObjects.Open(folder.Path);
        var stored = await new ContentStore(store).StoreAsync(new MemoryStream(bytes), null, Ct);
        var key = ContentStore.KeyOf(stored.Sha256);

        Assert.Equal((await ReadAsync(bytes)).Schema, (await ParquetFooter.ReadAsync(store, key, "part.parquet", Ct)).Schema);
        await Assert.ThrowsAsync<ObjectStoreException>(() => ParquetFooter.ReadAsync(store, "missing", "part.parquet", Ct));
    }

    [Fact]
    public async Task A_file_without_rows_is_a_file()
    {
        var file = new MemoryStream();
        await using (await ParquetWriter.CreateAsync(ParquetFiles.ManyTypes, file, cancellationToken: Ct))
            Assert.Empty(file.ToArray().Skip(4));

        var footer = await ReadAsync(file.ToArray());

        Assert.Equal((0, 0), (footer.Rows, footer.RowGroups));
        Assert.Equal(24, footer.Schema.Columns.Count);
        Assert.Equal(new ColumnStatistics(Min: null, Max: null, Nulls: 0), footer.Statistics["i32"]);
    }

    [Theory]
    [InlineData("feast/driver_stats__go_internal_test.parquet")]
    [InlineData("feast/driver_stats_with_string__java_demo.parquet")]
    [InlineData("flights/flights-3m.parquet")]
    public async Task Files_of_other_writers_agree_with_another_reader(string name)
    {
        Assert.SkipWhen(SharedData(name) is null, $"the data set {name} is not beside this repository");
        await using var file = File.OpenRead(SharedData(name) ?? "");
        await using var other = await ParquetReader.CreateAsync(file, cancellationToken: Ct);

        var footer = await ParquetFooter.ReadAsync(file, name, Ct);

        Assert.Equal(other.Metadata?.NumRows, footer.Rows);
        Assert.Equal(other.Metadata?.RowGroups.Count, footer.RowGroups);
        Assert.Equal(other.Schema.Fields.Select(f => (f.Name, f.IsNullable)), footer.Schema.Columns.Select(c => (c.Name, c.Nullable)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join('\n', footer.Schema.Columns.Select(c => $"{c} {footer.Statistics.GetValueOrDefault(c.Name)}")));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Task<ParquetFooter> ReadAsync(byte[] file) => ParquetFooter.ReadAsync(new MemoryStream(file), "test.parquet", Ct);

    private static string? SharedData(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Join(folder.FullName, "shared", "data", name);
            if (File.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
