using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>What is asked for wrongly is refused, and says what.</summary>
public sealed class ScanRequestTests
{
    public static TheoryData<string, string, ScanRequest> Wrong => new()
    {
        { ScanException.BadColumns, "has no column 'nowhere'; it has 'id', 'name'", new() { Columns = ["id", "nowhere"] } },
        { ScanException.BadColumns, "The column 'id' is asked for twice", new() { Columns = ["id", "id"] } },
        { ScanException.BadColumns, "No column is asked for", new() { Columns = [] } },
        { ScanException.BadRequest, "BatchRows is to be between 1 and 1,048,576, and is 0", new() { BatchRows = 0 } },
        { ScanException.BadRequest, "Parallelism is to be between 1", new() { Parallelism = -1 } },
        { ScanException.BadRequest, "MaxBytesInFlight is to be at least 1", new() { MaxBytesInFlight = 0 } },
        { ScanException.BadRequest, "Shard.Count is to be at least 1", new() { Shard = default } },
        { ScanException.BadRequest, "Shard.Index is to be at least 0 and less than Shard.Count, and is 3", new() { Shard = new(3, 3) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task It_is_refused(string code, string message, ScanRequest request)
    {
        var file = await ColumnScanTests.NumbersAsync(0, 5, groupRows: 5);

        var refused = await Assert.ThrowsAsync<ScanException>(() => Scans.RowsAsync(file, request));

        Assert.Equal(code, refused.Code);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_file_is_no_scan() =>
        Assert.Equal(
            ScanException.BadRequest, (await Assert.ThrowsAsync<ScanException>(() => ColumnScan.OpenAsync([], new(), default))).Code);

    [Theory]
    [InlineData("'second' has no column 'b'", "a", "c")]
    [InlineData("'second' has a column 'b' of the type int32 where 'first' has int64", "a", "b!")]
    [InlineData("'second' allows nulls in column 'a' where 'first' does not", "a?", "b")]
    public async Task Files_of_other_columns_are_named(string message, params string[] columns)
    {
        var files = await FilesAsync(["a", "b"], columns);

        var refused = await Assert.ThrowsAsync<ScanException>(() => Scans.RowsAsync(files, new()));

        Assert.Equal(ScanException.SchemasDiffer, refused.Code);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_in_another_order_and_columns_beside_those_asked_for_are_no_matter()
    {
        var files = await FilesAsync(["a", "b"], ["b", "c!", "a"]);

        var (_, rows, statistics) = await Scans.RowsAsync(files, new() { Columns = ["a"] });

        Assert.Equal(["0000000000000000", "0200000000000000"], rows);
        Assert.Equal(2, statistics.Files);
    }

    /// <summary>Each column holds its place; ! makes it 32 bits wide, ? nullable.</summary>
    private static async Task<ParquetSource[]> FilesAsync(string[] first, string[] second) =>
        [Scans.Source(await FileAsync(first), "first"), Scans.Source(await FileAsync(second), "second")];

    private static Task<byte[]> FileAsync(string[] columns)
    {
        var schema = new Schema(
            columns.Select(c => new Field(
                c.TrimEnd('?', '!'), c.EndsWith('!') ? Int32Type.Default : Int64Type.Default, nullable: c.EndsWith('?'))),
            metadata: null);
        return Scans.WriteAsync(new(), new RecordBatch(
            schema,
            columns.Select((c, i) => c.EndsWith('!')
                ? (IArrowArray)new Int32Array.Builder().Append(i).Build()
                : new Int64Array.Builder().Append(i).Build()),
            1));
    }
}
