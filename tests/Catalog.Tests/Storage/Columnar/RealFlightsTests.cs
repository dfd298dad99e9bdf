using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Files as they are found: of the demo by Parquet.Net, and of three million flights by Polars.</summary>
public sealed class RealFlightsTests
{
    [Fact]
    public async Task The_flights_of_the_demo_read_as_one_by_either_engine()
    {
        var folder = Repository.File("src", "Catalog.Cli", "Demo", "Data");
        ParquetSource[] files = [.. Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal).Select(ParquetSource.File)];

        var native = await Scans.RowsAsync(files, new() { Parallelism = 3 }, ParquetEngines.Native);
        var managed = await Scans.RowsAsync(files, new() { Parallelism = 1 }, ParquetEngines.Managed);

        Assert.Equal(3, native.Statistics.Files);
        Assert.Equal(await RowsAsync(files), native.Rows.Count);
        Assert.Equal(native.Rows, managed.Rows);
    }

    [Fact]
    public async Task Three_million_flights_read_alike_by_either_engine()
    {
        var path = Repository.File("..", "shared", "data", "flights", "flights-3m.parquet");
        Assert.SkipUnless(File.Exists(path), "There are no flights beside the repository.");

        var native = await DigestAsync(path, ParquetEngines.Native);

        Assert.Equal(3_000_000, native.Rows);
        Assert.Equal(native, await DigestAsync(path, ParquetEngines.Managed));
    }

    private static async Task<(long Rows, string Digest)> DigestAsync(string path, IParquetEngine engine)
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        var scan = await ColumnScan.OpenAsync([ParquetSource.File(path)], new() { BatchRows = 65_536 }, default, engine);
        var rows = 0L;
        await foreach (var batch in scan.ReadAsync())
        {
            using (batch)
            {
                rows += batch.Length;
                foreach (var array in batch.Arrays)
                    hash.AppendData(RowGather.Take(array.Data, [.. Enumerable.Range(0, batch.Length)]).Buffers[^1].Span);
            }
        }

        return (rows, Convert.ToHexString(hash.GetHashAndReset()));
    }

    private static async Task<long> RowsAsync(IEnumerable<ParquetSource> files)
    {
        var rows = 0L;
        foreach (var file in files)
            rows += (await ParquetFile.OpenAsync(file, default)).Rows;
        return rows;
    }
}
