using System.Diagnostics;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Whatever the bytes of pages, the answer is rows or a refusal in our words: no crash, no hang, no memory to speak of.</summary>
public sealed class HostilePagesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static TheoryData<ParquetCompression, bool> Files => new()
    {
        { ParquetCompression.None, true },
        { ParquetCompression.None, false },
        { ParquetCompression.Snappy, true },
        { ParquetCompression.Snappy, false },
        { ParquetCompression.Zstd, true },
        { ParquetCompression.Zstd, false },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Bytes_that_were_changed_are_read_or_refused(ParquetCompression compression, bool isNative)
    {
        var file = await Scans.WriteAsync(new() { Compression = compression }, new RandomArrays(11).Batch(RandomArrays.EveryType, 60));
        var engine = isNative ? ParquetEngines.Native : ParquetEngines.Managed;
        var change = Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte, Gen.Int[1, 8]);

        await change.Array[1, 6].SampleAsync(changes => SurvivesAsync(Changed(file, changes), engine), iter: Iterations, threads: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_that_were_overwritten_with_others_are_read_or_refused(bool isNative)
    {
        var file = await Scans.WriteAsync(
            new() { Compression = ParquetCompression.None }, new RandomArrays(12).Batch(RandomArrays.EveryType, 60));
        var engine = isNative ? ParquetEngines.Native : ParquetEngines.Managed;
        var copy = Gen.Select(Gen.Int[4, file.Length - 300], Gen.Int[4, file.Length - 300], Gen.Int[1, 250]);

        await copy.SampleAsync(
            c =>
            {
                var bytes = file.ToArray();
                bytes.AsSpan(c.Item1, c.Item3).CopyTo(bytes.AsSpan(c.Item2));
                return SurvivesAsync(bytes, engine);
            },
            iter: Iterations,
            threads: 1);
    }

    private static int Iterations =>
        int.TryParse(Environment.GetEnvironmentVariable("CATALOG_FUZZ"), System.Globalization.CultureInfo.InvariantCulture, out var many)
            ? many
            : 12;

    private static byte[] Changed(byte[] file, (int At, byte Value, int Count)[] changes)
    {
        var bytes = file.ToArray();
        foreach (var (at, value, count) in changes)
            bytes.AsSpan(at, Math.Min(count, bytes.Length - at)).Fill(value);
        return bytes;
    }

    private static async Task SurvivesAsync(byte[] file, IParquetEngine engine)
    {
        var watch = Stopwatch.StartNew();
        foreach (var column in RandomArrays.EveryType.FieldsList)
        {
            try
            {
                await Scans.RowsAsync(file, new() { Columns = [column.Name], Parallelism = 1 }, engine).WaitAsync(s_patience);
            }
            catch (Exception e) when (e is FileException or ScanException)
            {
                Assert.Contains("sample", e.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(watch.Elapsed < s_patience);
    }
}
