using Catalog.Storage.Columnar;
using ParquetSharp;
using ParquetSharp.Arrow;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Parquet.Net.</summary>
public sealed class ManagedParquetEngineTests() : ParquetEngineContract(ParquetEngines.Managed)
{
    [Fact]
    public async Task Pages_of_the_second_version_within_lists_are_refused_as_not_supported()
    {
        var file = WriteSecondVersion();

        var refused = await Assert.ThrowsAsync<ScanException>(() => Scans.RowsAsync(file, new() { Columns = ["nested_0"] }, Engine));

        Assert.Equal(ScanException.Unsupported, refused.Code);
        Assert.Equal(
            "'sample' cannot be read without the native engine: "
            + "column 'nested_0.element' has pages of the second version within lists.",
            refused.Message);
    }

    [Fact]
    public async Task Booleans_as_runs_are_refused_as_not_supported()
    {
        var refused = await Assert.ThrowsAsync<ScanException>(
            () => Scans.RowsAsync(WriteSecondVersion(), new() { Columns = ["required_0_bool"] }, Engine));

        Assert.Equal(
            "'sample' cannot be read without the native engine: column 'required_0_bool' has booleans as runs.", refused.Message);
        Assert.Equal(ScanException.Unsupported, refused.Code);
    }

    [Fact]
    public async Task Pages_of_the_second_version_read_alike_where_there_are_no_lists()
    {
        var file = WriteSecondVersion();
        string[] flat =
        [
            .. RandomArrays.EveryType.FieldsList.Select(f => f.Name).Where(
                n => !n.StartsWith("nested", StringComparison.Ordinal) && !n.EndsWith("bool", StringComparison.Ordinal)),
        ];

        var native = await Scans.RowsAsync(file, new() { Columns = flat }, ParquetEngines.Native);
        var managed = await Scans.RowsAsync(file, new() { Columns = flat }, Engine);

        Assert.Equal(native.Rows, managed.Rows);
        Assert.Equal(500, managed.Rows.Count);
    }

    private static byte[] WriteSecondVersion()
    {
        using var file = new MemoryStream();
        using (var builder = new WriterPropertiesBuilder().DataPageVersion(ParquetDataPageVersion.V2).Compression(Compression.Zstd))
        using (var properties = builder.Build())
        using (var writer = new FileWriter(file, RandomArrays.EveryType, properties, leaveOpen: true))
        {
            writer.WriteRecordBatch(new RandomArrays(5).Batch(RandomArrays.EveryType, 500));
            writer.Close();
        }

        return file.ToArray();
    }
}
